import {
  type AgentEvent,
  type CredentialAction,
  credentialOf,
  grantOf,
  type Held,
  type HeldAs,
  parentCredentialOf,
  refTo,
  type Step,
  type StepRef,
} from '../core/index.ts'

/** A credential or grant that steps show in somebody's hands, and the first step that does. */
export interface Shown {
  readonly kind: Held['kind']
  readonly id: string
  readonly as: HeldAs
  readonly by: StepRef
  readonly from: string | null
}

const ISSUES: ReadonlySet<CredentialAction> = new Set(['issue', 'exchange', 'assume_role', 'refresh', 'rotate'])
const ENDS: ReadonlySet<CredentialAction> = new Set(['revoke', 'expire', 'deny'])

/** The credentials and grants that the steps show in the hands of whoever took them, each once, in order of time. */
export function heldIn(steps: readonly Step[]): readonly Shown[] {
  const held = new Map<string, Shown>()
  const add = (step: Step, one: Omit<Shown, 'by'>): void => {
    const key = `${one.kind}\u0000${one.id}`
    if (!held.has(key)) held.set(key, { ...one, by: refTo(step) })
  }
  for (const step of steps) {
    const { event } = step
    const grant = grantOf(event)
    const as = heldAs(event)
    const inUse = event.attributes['credential_in_use']
    if (typeof inUse === 'string') add(step, { kind: 'credential', id: inUse, as: 'used', from: null })
    if (as === null) continue
    const id = credentialOf(event)
    if (id !== null && as !== 'consented')
      add(step, { kind: 'credential', id, as, from: parentCredentialOf(event) ?? grant })
    if (grant !== null) add(step, { kind: 'grant', id: grant, as: as === 'consented' ? as : 'used', from: null })
  }
  return [...held.values()]
}

/** How an event shows that its credential or grant is in hand; null where it does not. */
function heldAs(event: AgentEvent): HeldAs | null {
  const isDone = event.outcome === 'success'
  if (event.kind === 'tool_call') return event.tool_call.credential_id === undefined ? null : 'used'
  if (event.kind === 'credential') {
    const { action = 'use' } = event.credential
    if (ENDS.has(action)) return null
    if (action === 'use') return 'used'
    if (!isDone) return null
    return ISSUES.has(action) ? 'issued' : 'read'
  }
  if (event.kind !== 'oauth' || !isDone) return null
  switch (event.oauth.action) {
    case 'consent':
    case 'grant':
    case 'scope_change':
      return 'consented'
    case 'token_issue':
    case 'token_refresh':
    case 'token_exchange':
      return 'issued'
    case 'token_use':
      return 'used'
    default:
      return null
  }
}
