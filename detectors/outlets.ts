import type { Authority, Step } from '../src/core/index.ts'
import { digest } from './evidence.ts'
import { isResourceGranted, type Reading } from './reading.ts'
import { remembered } from './remembered.ts'

/** Who a chain works for: whom to send to is no sending out. */
export interface Home {
  readonly domains: readonly string[]
  /** Short names of people and services. */
  readonly people: readonly string[]
}

export const NO_HOME: Home = { domains: [], people: [] }

const MAX_DOMAINS = 4
const MAX_PEOPLE = 8
const MAX_DOMAIN = 96

const domainOf = (address: string): string | null => {
  const at = address.lastIndexOf('@')
  return at < 0 ? null : address.slice(at + 1, at + 1 + MAX_DOMAIN).toLowerCase()
}

const whoIs: (id: string) => { readonly person: string; readonly domain: string | null } = remembered((id) => ({
  person: digest(id.toLowerCase()),
  domain: domainOf(id),
}))

/** Takes in for whom a step was done. The same object when that is known. */
export function homeOf(home: Home, { event }: Step): Home {
  const id = event.principal?.id
  if (id === undefined) return home
  const { person, domain } = whoIs(id)
  const isKnown = home.people.includes(person) || home.people.length >= MAX_PEOPLE
  const isKnownDomain = domain === null || home.domains.includes(domain) || home.domains.length >= MAX_DOMAINS
  if (isKnown && isKnownDomain) return home
  return {
    people: isKnown ? home.people : [...home.people, person],
    domains: isKnownDomain ? home.domains : [...home.domains, domain],
  }
}

/** How sure it is that a call sends to the outside: its producer says so, or does not say; null for a call that stays inside. */
export type Outlet = 'external' | 'unsaid' | null

const ADDRESSES: ReadonlySet<string> = new Set(['email', 'url', 'host', 'account'])

export function outletOf({ event }: Step, { destination, destinationType }: Reading, home: Home): Outlet {
  if (event.kind !== 'tool_call' || event.tool_call.destination === undefined) return null
  const { external } = event.tool_call.destination
  if (external === false) return null
  if (destination !== null && isHome(destination, home)) return null
  if (isPayment({ event }, destinationType)) return 'unsaid'
  if (external === true) return 'external'
  return destinationType !== null && ADDRESSES.has(destinationType) ? 'unsaid' : null
}

/** An account that money goes to takes in no documents, though words can go with the money; a cloud's account does. */
export const isPayment = ({ event }: Pick<Step, 'event'>, type: string | null): boolean =>
  type === 'account' && event.attributes['aws'] === undefined

function isHome(destination: string, { domains, people }: Home): boolean {
  if (people.includes(digest(destination.toLowerCase()))) return true
  const domain = domainOf(destination)
  return domain !== null && domains.some((one) => domain === one || domain.endsWith(`.${one}`))
}

const RECIPIENT =
  /^(?:to|cc|bcc|recipients?|.*_recipients?|recipient_.*|email|address|url|uri|endpoint|webhook|host|channel|account|iban|destination.*|target.*)$/i

/** Fingerprints of the words that say where a call sends to; of all its words where none of its fields is known to say it. */
export function recipientsOf({ event }: Step): readonly string[] {
  if (event.kind !== 'tool_call') return []
  const { fields, values } = event.tool_call.arguments ?? {}
  const named = Object.entries(fields ?? {}).flatMap(([name, found]) => (RECIPIENT.test(name) ? found : []))
  return named.length > 0 ? named : (values ?? [])
}

/** Whether what was given to the chain names the destination among its resources. */
export const isDeclaredOutlet = (authority: Authority, at: number, { destination }: Reading): boolean =>
  isResourceGranted(authority, at, destination, 'named')
