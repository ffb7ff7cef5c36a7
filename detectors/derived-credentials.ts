import type { AuthorizationDetail, Step, StepRef } from '../src/core/index.ts'
import { refOf } from './evidence.ts'

/** What is known of a credential in a chain. */
export interface Known {
  readonly id: string
  /** Null: not said, or too many to keep. */
  readonly scopes: readonly string[] | null
  readonly details: readonly AuthorizationDetail[] | null
  readonly parent: string | null
  readonly revoked: StepRef | null
}

const MAX_KNOWN = 16
const KEPT_FIRST = 8
const MAX_SCOPES = 16
/** Characters of all permissions of one credential together, as JSON. */
const MAX_DETAILS = 512
const MAX_DEPTH = 16

interface Told {
  readonly id: string
  readonly parent: string | undefined
  readonly scopes: readonly string[] | undefined
  readonly details: readonly AuthorizationDetail[] | undefined
  readonly ends: boolean
  /** One credential is made out of another. */
  readonly derives: boolean
}

/** What a credential or OAuth event says of the credential it names; null for other events. */
export function toldOf({ event }: Step): Told | null {
  if (event.kind === 'credential') {
    const { id, action = 'use', parent_id: parent, scopes, authorization_details: details } = event.credential
    const derives = action === 'exchange' || action === 'refresh' || action === 'issue'
    return { id, parent, scopes, details, ends: action === 'revoke' || action === 'expire', derives }
  }
  if (event.kind !== 'oauth' || event.oauth.credential_id === undefined) return null
  const {
    action,
    credential_id: id,
    parent_credential_id: parent,
    scopes,
    authorization_details: details,
  } = event.oauth
  const derives = action === 'token_exchange' || action === 'token_refresh'
  return { id, parent, scopes, details, ends: action === 'revoke', derives }
}

/** Takes in what a step says. At 16 credentials the first 8 stay and the newest replaces the oldest of the rest. */
export function learn(known: readonly Known[], step: Step): readonly Known[] {
  const told = toldOf(step)
  const { outcome } = step.event
  if (told === null || outcome === 'failure' || outcome === 'denied') return known
  const before = known.find(({ id }) => id === told.id)
  const fits = told.scopes !== undefined && told.scopes.length <= MAX_SCOPES
  const after: Known = {
    id: told.id,
    scopes: before?.scopes ?? (fits ? (told.scopes ?? null) : null),
    details: before?.details ?? kept(told.details),
    parent: before?.parent ?? told.parent ?? null,
    revoked: before?.revoked ?? (told.ends && outcome === 'success' ? refOf(step) : null),
  }
  if (before !== undefined)
    return before.scopes === after.scopes &&
      before.details === after.details &&
      before.parent === after.parent &&
      before.revoked === after.revoked
      ? known
      : known.map((one) => (one === before ? after : one))
  return [...(known.length < MAX_KNOWN ? known : known.toSpliced(KEPT_FIRST, 1)), after]
}

const kept = (details: readonly AuthorizationDetail[] | undefined): readonly AuthorizationDetail[] | null =>
  details !== undefined && JSON.stringify(details).length <= MAX_DETAILS ? details : null

/** The nearest ancestor of a credential that was revoked before a time, or null. The credential itself is not one. */
export function revokedAncestor(known: readonly Known[], id: string, at: number): Known | null {
  let next = known.find((one) => one.id === id)?.parent ?? null
  for (let depth = 0; next !== null && depth < MAX_DEPTH; depth += 1) {
    const ancestor = known.find((one) => one.id === next)
    if (ancestor === undefined) return null
    if (ancestor.revoked !== null && ancestor.revoked.at < at) return ancestor
    next = ancestor.parent
  }
  return null
}
