import {
  type Authority,
  appended,
  detailsAllow,
  type Grant,
  globMatches,
  isInForce,
  isReadOnlyDetail,
  type Sensitivity,
} from '../src/core/index.ts'
import type { Reading } from './reading.ts'
import { anyCovers, isReadOnly } from './scope-order.ts'

/** A way in which a step can go past what was granted. */
export type Dimension = 'scope' | 'permission' | 'tool' | 'resource' | 'operation' | 'zone' | 'sensitivity'

/** Where a chain stood while it kept to its grant: the zones it worked in, and how sensitive its first data was. */
export interface Standing {
  readonly zones: readonly string[]
  /** 0 public to 3 restricted; null until a step says. Never raised, so that small steps add up. */
  readonly sensitivity: number | null
}

export const NO_STANDING: Standing = { zones: [], sensitivity: null }

const MAX_ZONES = 8
const MAX_ZONE = 96
const LEVELS: readonly Sensitivity[] = ['public', 'internal', 'confidential', 'restricted']
const CHANGES: ReadonlySet<string> = new Set(['create', 'update', 'delete', 'send', 'admin'])
const NONE: readonly Dimension[] = []

type List = 'scopes' | 'tools' | 'resources'

/** The dimensions in which a step goes past every grant in force. What no grant limits cannot be exceeded. */
export function exceededBy(
  { grants, explicit }: Authority,
  at: number,
  reading: Reading,
  standing: Standing,
): readonly Dimension[] {
  const isBasis = ({ via }: Grant): boolean => (explicit ? via === 'start' || via === 'handoff' : via === 'credential')
  if (!grants.some(isBasis)) return NONE
  const limits = (list: List): boolean => grants.some((grant) => grant[list] !== null && isBasis(grant))
  const allows = (list: List, covers: (one: readonly string[]) => boolean): boolean =>
    grants.some((grant) => grant[list] !== null && isInForce(grant, at) && covers(grant[list] ?? []))

  const { scopes, tool, resource, details } = reading
  const out: Dimension[] = []
  if (
    scopes.length > 0 &&
    limits('scopes') &&
    scopes.some((scope) => !allows('scopes', (held) => anyCovers(held, scope)))
  )
    out.push('scope')
  const permits = grants.filter((grant) => grant.details != null)
  if (permits.some(isBasis)) {
    const held = permits.filter((grant) => isInForce(grant, at)).flatMap((grant) => grant.details ?? [])
    if (details.some((one) => !detailsAllow(held, one))) out.push('permission')
  }
  if (tool !== null && limits('tools') && !allows('tools', (held) => held.some((one) => globMatches(one, tool))))
    out.push('tool')
  if (
    resource !== null &&
    limits('resources') &&
    !allows('resources', (held) => held.some((one) => globMatches(one, resource)))
  )
    out.push('resource')
  const isNamed = tool !== null && allows('tools', (held) => held.includes(tool))
  if (!explicit || isNamed) return out
  if (out.length === 0 && changesWhatIsReadOnly(grants, at, reading)) out.push('operation')
  if (!limits('resources')) out.push(...leaves(standing, reading))
  return out
}

/** Every scope and permission that was granted only reads, and the call changes something. */
function changesWhatIsReadOnly(grants: readonly Grant[], at: number, { operation }: Reading): boolean {
  if (operation === null || !CHANGES.has(operation)) return false
  const held = grants.filter((grant) => isInForce(grant, at))
  const scopes = held.flatMap((grant) => grant.scopes ?? [])
  const details = held.flatMap((grant) => grant.details ?? [])
  return scopes.length + details.length > 0 && scopes.every(isReadOnly) && details.every(isReadOnlyDetail)
}

/** A zone the chain never worked in, or data two levels more sensitive than what it began with. */
function leaves({ zones, sensitivity }: Standing, reading: Reading): readonly Dimension[] {
  const out: Dimension[] = []
  if (reading.zone !== null && zones.length > 0 && !zones.includes(reading.zone.slice(0, MAX_ZONE))) out.push('zone')
  const level = levelOf(reading)
  if (sensitivity !== null && level - sensitivity >= 2) out.push('sensitivity')
  return out
}

/** Takes in where a step stands that kept to the grant. The same object when that is known. */
export function stand(standing: Standing, reading: Reading): Standing {
  const zone = reading.zone?.slice(0, MAX_ZONE) ?? null
  const isNew = zone !== null && !standing.zones.includes(zone) && standing.zones.length < MAX_ZONES
  const level = standing.sensitivity === null && reading.sensitivity !== null ? levelOf(reading) : standing.sensitivity
  if (!isNew && level === standing.sensitivity) return standing
  return { zones: isNew ? appended(standing.zones, zone) : standing.zones, sensitivity: level }
}

const levelOf = ({ sensitivity }: Reading): number => LEVELS.indexOf((sensitivity ?? 'public') as Sensitivity)
