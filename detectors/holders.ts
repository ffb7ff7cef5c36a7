import type { Step, StepRef } from '../src/core/index.ts'
import { refOf } from './evidence.ts'

/** Who had a credential in hand at a step: the agent, or its workload where no agent is named. */
export interface Holder {
  readonly agent: string | null
  readonly name: string | null
  readonly workload: string | null
  /** The person the task ran for; null where it ran for none. */
  readonly person: string | null
  readonly ref: StepRef
}

const MAX_TEXT = 128
const cut = (text: string | undefined): string | null => text?.slice(0, MAX_TEXT) ?? null

/** The hand at a step; null where nothing says whose it is. */
export function holderOf(step: Step): Holder | null {
  const { agent, principal } = step.event
  if (agent === undefined) return null
  const [name, workload] = [cut(agent.name), cut(agent.workload_id)]
  const person = principal?.type === 'user' ? cut(principal.id) : null
  return { agent: cut(agent.id), name, workload, person, ref: refOf(step) }
}

const MAKES: ReadonlySet<string> = new Set([
  'exchange',
  'assume_role',
  'refresh',
  'issue',
  'token_exchange',
  'token_refresh',
])

/** Whether a step works with the credential: calls with it, or makes another credential out of it. */
export function worksWith({ event }: Step, credential: string): boolean {
  if (event.attributes['credential_in_use'] === credential) return true
  if (event.kind === 'tool_call') return event.tool_call.credential_id === credential
  if (event.kind === 'credential') {
    const { id, parent_id, action = 'use' } = event.credential
    return id === credential ? action === 'use' : parent_id === credential && MAKES.has(action)
  }
  if (event.kind !== 'oauth') return false
  const { credential_id, parent_credential_id, action } = event.oauth
  return credential_id === credential
    ? action === 'token_use'
    : parent_credential_id === credential && MAKES.has(action)
}

/** Whether two hands are one: the same agent, or replicas of it. */
export function isSameHand(a: Holder, b: Holder): boolean {
  if (a.agent === b.agent) return true
  if (a.workload !== null && b.workload !== null) return stemOf(a.workload) === stemOf(b.workload)
  if (a.name !== null && a.name === b.name) return true
  return a.agent !== null && b.agent !== null && stemOf(a.agent) === stemOf(b.agent)
}

/** A name without what numbers its replicas: `report-bot-2` → `report-bot`, `report-7d9f6c54b8-x2k9p` → `report`. */
const stemOf = (name: string): string =>
  name.replace(/[-_.:#@/](?:pod-?|replica-?|worker-?)?\d{1,4}$/i, '').replace(/-[0-9a-f]{8,10}-[a-z0-9]{5}$/, '')
