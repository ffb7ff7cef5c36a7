import { type AuthorizationDetail, textOfDetail } from './authorization-detail.ts'
import type { AgentEvent, Millis } from './event.ts'
import type { Step } from './step.ts'

/** A scope or permission that was used, and when last. */
export interface NameUse {
  /** A permission is its JSON, as `textOfDetail` writes it. */
  readonly name: string
  readonly at: Millis
}

/** What names of authority mean. A name is a scope, or a permission as `textOfDetail` writes it. */
export interface AuthorityJudge {
  /** Whether it gives power over others' data, identities or settings. */
  isHighRisk(name: string): boolean
  /** When it, or what it covers, was used last (null: never), and whether only for what is narrower than itself. */
  useOf(name: string, uses: readonly NameUse[]): { readonly lastUsedAt: Millis | null; readonly isWider: boolean }
}

/** A scope that an agent was given, and whether it needed it. */
export interface AuthorityUse {
  /** A permission in the manner of RFC 9396 as a line. */
  readonly scope: string
  /** Who gave it first: `task`, `credential <id>` or `grant <id>`. */
  readonly by: string
  readonly firstAt: Millis
  /** When it, or a scope that it covers, was used last; null for never. */
  readonly lastUsedAt: Millis | null
  /** It is used, but only for scopes narrower than itself. */
  readonly isWider: boolean
}

/** What an agent was given, used or not. Posture: nothing of it is an alert. */
export interface AuthorityUses {
  readonly scopes: readonly AuthorityUse[]
  /** Calls that succeeded, and those of them that told which scopes they used: of the others nothing is known. */
  readonly calls: number
  readonly callsWithScopes: number
}

/** Reads the steps of an agent, in event-time order. */
export interface AuthorityUseReader {
  take(step: Step): void
  told(): AuthorityUses
}

interface Said {
  readonly scopes?: readonly string[] | undefined
  readonly authorization_details?: readonly AuthorizationDetail[] | undefined
}

const namesIn = ({ scopes = [], authorization_details: details = [] }: Said): readonly string[] =>
  details.length === 0 ? scopes : [...scopes, ...details.map(textOfDetail)]

/** What a credential or grant does that gives nothing, or says what was used. */
const GIVES_NOTHING: ReadonlySet<string> = new Set(['revoke', 'expire', 'deny', 'read', 'token_use'])

/** The scopes and permissions that an event gives its agent, credential and grant. */
export function authorityGivenBy(event: AgentEvent): readonly string[] {
  if (event.outcome === 'denied' || event.outcome === 'failure') return []
  if (event.kind === 'workflow') return event.workflow.action === 'start' ? namesIn(event.workflow) : []
  const body = event.kind === 'credential' ? event.credential : event.kind === 'oauth' ? event.oauth : null
  return body === null || GIVES_NOTHING.has(body.action ?? 'use') ? [] : namesIn(body)
}

/** Those that an event which succeeded says were used: by a call, or by a token as its issuer saw it. */
export function authorityUsedBy(event: AgentEvent): readonly string[] {
  if (event.outcome !== 'success') return []
  if (event.kind === 'tool_call') return namesIn(event.tool_call)
  return event.kind === 'oauth' && event.oauth.action === 'token_use' ? namesIn(event.oauth) : []
}

/** The OAuth grant that an event is about, by its id or its client; null for none. */
export const grantOf = (event: AgentEvent): string | null =>
  event.kind === 'oauth' ? (event.oauth.grant_id ?? event.oauth.client_id) : null

/** Who gave: `credential <id>`, `grant <id>`, or the start of a `task`. */
export function giverOf(event: AgentEvent): string {
  if (event.kind === 'credential') return `credential ${event.credential.id}`
  return event.kind === 'oauth' ? `grant ${grantOf(event)}` : 'task'
}
