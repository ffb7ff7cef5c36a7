import type { OauthBody, Severity } from '../src/core/index.ts'
import { isConsent, isForAll, lookAlike, reachOf } from './oauth-apps.ts'
import { cutAll, rememberAll } from './reading.ts'
import { anyCovers, isHighRisk } from './scope-order.ts'

const MAX_SCOPES = 32
const MAX_HOSTS = 8
const MAX_TEXT = 96

/** What is known of an app since people consented to it. Bounded: 32 scopes, 8 hosts it sends its users back to. */
export interface OauthApp {
  /** All that anyone consented to; empty: nobody has yet. */
  readonly given: readonly string[]
  readonly hosts: readonly string[]
  readonly wasVerified: boolean
  readonly name: string | null
}

export const NO_APP: OauthApp = { given: [], hosts: [], wasVerified: false, name: null }

const hostOf = (uri: string): string => {
  const found = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]+)/i.exec(uri)
  if (found === null) return uri.slice(0, MAX_TEXT)
  const [, scheme = '', host = ''] = found
  return (scheme.toLowerCase() === 'https' ? host : `${scheme}://${host}`).toLowerCase().slice(0, MAX_TEXT)
}

/** Takes in what an event says of its app. The same when it says nothing new. */
export function learnApp(app: OauthApp, oauth: OauthBody): OauthApp {
  const scopes = isConsent(oauth) ? (oauth.scopes ?? []) : []
  const given = rememberAll(app.given, cutAll(scopes, MAX_TEXT), MAX_SCOPES)
  const hosts = rememberAll(app.hosts, (oauth.redirect_uris ?? []).map(hostOf), MAX_HOSTS)
  const wasVerified = oauth.publisher_verified ?? app.wasVerified
  const name = oauth.app_name?.slice(0, MAX_TEXT) ?? app.name
  return given === app.given && hosts === app.hosts && wasVerified === app.wasVerified && name === app.name
    ? app
    : { given, hosts, wasVerified, name }
}

export interface AppChange {
  readonly role: 'redirect-changed' | 'renamed' | 'verification-lost' | 'app-asks-more'
  readonly says: string
  readonly severity: Severity
  readonly confidence: number
  readonly scopes: readonly string[]
}

/** What an update makes of an app that people consented to; null where they would say yes to it again. */
export function changeOfApp(app: OauthApp, oauth: OauthBody): AppChange | null {
  if (oauth.action !== 'app_update' || app.given.length === 0) return null
  if (isForAll(oauth) || oauth.first_party === true) return null
  const hosts = (oauth.redirect_uris ?? []).map(hostOf).filter((host) => !app.hosts.includes(host))
  const change = (role: AppChange['role'], says: string, severity: Severity, scopes: readonly string[] = []) => ({
    role,
    says: `changed after consent: ${says}`,
    severity,
    confidence: 0.8,
    scopes,
  })
  const isKnown = app.hosts.length > 0 && app.hosts.length < MAX_HOSTS
  const elsewhere = hosts.find((host) => !app.hosts.some((one) => isOfOneSite(one, host)))
  if (isKnown && elsewhere !== undefined)
    return change('redirect-changed', `its users are sent to ${elsewhere} with their codes`, 'high')
  const imitated = oauth.app_name === app.name ? null : lookAlike(oauth.app_name)
  if (imitated !== null) return change('renamed', `it is named to be taken for ${imitated}`, 'high')
  if (app.wasVerified && oauth.publisher_verified === false)
    return change('verification-lost', 'nobody vouches for its publisher any more', 'medium')
  const more = (oauth.scopes ?? []).filter((scope) => !anyCovers(app.given, scope))
  if (more.length === 0 || reachOf(more) === 'identity' || app.given.length >= MAX_SCOPES) return null
  return change(
    'app-asks-more',
    `it asks for ${more.slice(0, 4).join(', ')}`,
    more.some(isHighRisk) ? 'medium' : 'low',
    more,
  )
}

/** `a.app.example` and `b.app.example` are of one site; so are a host and its port. */
function isOfOneSite(a: string, b: string): boolean {
  if (a.includes('://') || b.includes('://')) return a === b
  const site = (host: string): string => host.replace(/:\d+$/, '').split('.').slice(-2).join('.')
  return site(a) === site(b)
}
