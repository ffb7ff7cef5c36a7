import type { AgentEvent } from '../src/core/index.ts'
import type { Reading } from './reading.ts'
import { remembered } from './remembered.ts'
import { isHighRisk } from './scope-order.ts'

/** A place as `kind:name`: `zone:prod`, `host:db-7`, `account:1234`, `owner:team-b`, `agent:worker`. */
export type Place = string

const MAX_NAME = 96
const HOSTS: ReadonlySet<string> = new Set([
  'host',
  'instance',
  'server',
  'vm',
  'machine',
  'node',
  'pod',
  'container',
  'device',
])
const ACCOUNTS: ReadonlySet<string> = new Set(['account', 'subscription', 'project', 'tenant', 'organization'])
const NOWHERE: readonly Place[] = []

const named = (kind: string): ((name: string) => Place) => remembered((name) => `${kind}:${name.slice(0, MAX_NAME)}`)
const PLACES = {
  zone: named('zone'),
  account: named('account'),
  host: named('host'),
  owner: named('owner'),
  agent: named('agent'),
}

/** Where a step acts, in every way the event says. */
export function placesOf({ agent }: AgentEvent, reading: Reading): readonly Place[] {
  const { zone, resource, resourceType, owner, destination, destinationType } = reading
  if (zone === null && resource === null && owner === null && destination === null && agent === undefined)
    return NOWHERE
  const places: Place[] = []
  const add = (kind: keyof typeof PLACES, name: string | null | undefined): void => {
    if (name !== null && name !== undefined && name !== '') places.push(PLACES[kind](name))
  }
  add('zone', zone)
  if (zone?.includes('/')) add('account', zone.slice(0, zone.indexOf('/')))
  const type = resourceType?.toLowerCase() ?? ''
  if (HOSTS.has(type)) add('host', resource)
  if (ACCOUNTS.has(type)) add('account', resource)
  if (destinationType === 'host') add('host', destination)
  add('owner', owner)
  add('agent', agent?.id)
  return places
}

/** The places a step reaches that are of a kind the chain has a standing in, and none of those it stood in. */
export const newPlaces = (places: readonly Place[], standing: readonly Place[]): readonly Place[] =>
  places.filter((place) => {
    const kind = place.slice(0, place.indexOf(':') + 1)
    return !standing.includes(place) && standing.some((one) => one.startsWith(kind))
  })

/** Whether what is reached matters wherever it is: sensitive data, far-reaching scopes, the outside. */
export const isStrong = ({ sensitivity, scopes, isExternal }: Reading): boolean =>
  sensitivity === 'restricted' || sensitivity === 'confidential' || isExternal || scopes.some(isHighRisk)
