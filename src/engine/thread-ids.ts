import { type AgentEvent, credentialOf, parentCredentialOf, type TrackKind } from '../core/index.ts'
import { inUseBy, type Lineage } from './lineage.ts'
import type { ThreadKind } from './roster.ts'

/** A thread of the tenant at hand. */
export interface ThreadId {
  readonly kind: ThreadKind
  readonly subject: string
}

const ISSUES: ReadonlySet<string> = new Set([
  'issue',
  'exchange',
  'assume_role',
  'refresh',
  'token_issue',
  'token_exchange',
  'token_refresh',
])

const NONE: readonly string[] = []

/** Which threads an event concerns, only of kinds that some detector reads. */
export function threadIdsOf(event: AgentEvent, kinds: ReadonlySet<TrackKind>, lineage: Lineage): readonly ThreadId[] {
  if (event.kind === 'containment') {
    const { kind, id: subject } = event.containment.target
    return kinds.has(kind) ? [{ kind, subject }] : []
  }
  const ids: ThreadId[] = []
  if (kinds.has('credential')) {
    const named = credentialOf(event)
    const inUse = inUseBy(event)
    const parent = parentCredentialOf(event)
    if (named !== null) ids.push({ kind: 'credential', subject: named })
    if (inUse !== null && inUse !== named) ids.push({ kind: 'credential', subject: inUse })
    if (parent !== null && parent !== named && parent !== inUse) ids.push({ kind: 'credential', subject: parent })
  }
  if (kinds.has('grant')) {
    for (const subject of grantsOf(event, lineage)) ids.push({ kind: 'grant', subject })
    const app = appOf(event)
    if (app !== null) ids.push({ kind: 'grant', subject: app })
  }
  if (kinds.has('agent') && event.agent !== undefined) ids.push({ kind: 'agent', subject: event.agent.id })
  return ids
}

/** The OAuth grants an event works under: its own, or those that its credential was seen with. */
export function grantsOf(event: AgentEvent, lineage: Lineage): readonly string[] {
  if (event.kind === 'oauth') return [event.oauth.grant_id ?? event.oauth.client_id]
  const credential = credentialOf(event)
  return credential === null ? NONE : (lineage.known(credential)?.grants ?? NONE)
}

const OF_APP: ReadonlySet<string> = new Set([
  'consent',
  'grant',
  'scope_change',
  'revoke',
  'app_register',
  'app_update',
])

/**
 * The OAuth app whose grants an event is one of: consents to one app by many people are told to the app's own thread beside
 * that of each grant. Null for work done under a grant, and where the grant is named by its app anyway.
 */
export function appOf(event: AgentEvent): string | null {
  if (event.kind !== 'oauth' || !OF_APP.has(event.oauth.action)) return null
  const { client_id, grant_id } = event.oauth
  return grant_id === undefined || grant_id === client_id ? null : client_id
}

/** The credential that an event brought into being, or null. */
export function issuedBy(event: AgentEvent): string | null {
  if (event.outcome !== 'success') return null
  if (event.kind === 'credential') return ISSUES.has(event.credential.action ?? '') ? event.credential.id : null
  if (event.kind === 'oauth') return ISSUES.has(event.oauth.action) ? (event.oauth.credential_id ?? null) : null
  return null
}
