import type { Authority, DecisionEvent, Json, Severity, Step, StepRef, ToolCallEvent } from '../src/core/index.ts'
import { digest, refOf } from './evidence.ts'
import { isApproved, isConsequential, type Reading } from './reading.ts'

const MAX_DECISIONS = 12
const MAX_PENDING = 4

/** What a policy engine said of a step. */
interface Decision {
  readonly step: string
  readonly effect: DecisionEvent['decision']['effect']
  /** When it spoke, or the older time its context says it was taken at. */
  readonly asOf: number
  readonly ref: StepRef
}

/**
 * What policy decided in a chain. Remembers the newest 12 decisions and counts the consequential calls that had one; waits
 * for those of 4 calls.
 */
export interface Decided {
  readonly decisions: readonly Decision[]
  readonly count: number
  /** Consequential calls without a decision; once there is one, decisions are no longer the norm. */
  readonly without: number
  readonly pending: readonly { readonly step: string; readonly event: string; readonly ref: StepRef }[]
}

export const NOTHING_DECIDED: Decided = { decisions: [], count: 0, without: 0, pending: [] }

/** A call that did not heed policy. */
export interface Unheeded {
  readonly why: 'denied-and-done' | 'unapproved-and-done' | 'stale-decision'
  readonly decision: StepRef
  readonly severity: Severity
}

/** Takes in a decision; it may come after its call. */
export function decide(decided: Decided, step: Step, { decision, at }: DecisionEvent): Decided {
  if (decision.for_step_id === undefined) return decided
  const id = digest(decision.for_step_id)
  const one = { step: id, effect: decision.effect, asOf: Math.min(at, asOf(decision.context) ?? at), ref: refOf(step) }
  const decisions = [...decided.decisions.filter((old) => old.step !== id), one].slice(-MAX_DECISIONS)
  const pending = decided.pending.filter((call) => call.step !== id && call.event !== id)
  return { ...decided, decisions, pending, count: decided.count + decided.pending.length - pending.length }
}

/** The times a policy's context may give for itself. */
const TIMES = ['as_of', 'evaluated_at', 'context_time', 'snapshot_at', 'timestamp', 'time']

function asOf(context: Json | undefined): number | null {
  if (typeof context !== 'object' || context === null || Array.isArray(context)) return null
  for (const name of TIMES) {
    const value = (context as Readonly<Record<string, Json>>)[name]
    const at = typeof value === 'string' ? Date.parse(value) : Number.NaN
    if (!Number.isNaN(at)) return at
  }
  return null
}

const ofStep = ({ decisions }: Decided, { id, event }: Step): Decision | undefined => {
  if (decisions.length === 0) return undefined
  const names = [digest(id), digest(event.id)]
  return decisions.findLast(({ step }) => names.includes(step))
}

/** How a call that succeeded did not heed what was decided about it before; null when it did, or nothing was. */
export function unheeded(
  decided: Decided,
  step: Step,
  reading: Reading,
  authority: Authority,
  staleMs: number,
): Unheeded | null {
  const decision = ofStep(decided, step)
  if (decision === undefined) return null
  const matters = isConsequential(reading) || reading.sensitivity === 'restricted'
  const tell = (why: Unheeded['why'], severity: Severity): Unheeded => ({ why, decision: decision.ref, severity })
  if (decision.effect === 'deny') return tell('denied-and-done', matters ? 'high' : 'medium')
  if (decision.effect === 'require_approval')
    return isApproved(authority, step, reading) ? null : tell('unapproved-and-done', matters ? 'high' : 'medium')
  return matters && step.event.at - decision.asOf > staleMs ? tell('stale-decision', 'medium') : null
}

/** Counts a call that succeeded. One of consequence that has no decision waits for it where decisions are the norm. */
export function counted(decided: Decided, step: Step, reading: Reading, norm: number): Decided {
  if (!isConsequential(reading)) return decided
  if (ofStep(decided, step) !== undefined)
    return decided.count >= norm ? decided : { ...decided, count: decided.count + 1 }
  if (decided.without > 0) return decided
  if (decided.count < norm) return { ...decided, without: 1 }
  const call = { step: digest(step.id), event: digest(step.event.id), ref: refOf(step) }
  return { ...decided, pending: [...decided.pending, call].slice(-MAX_PENDING) }
}

/** Whether an event is a call that was done. */
export const isDone = (event: Step['event']): event is ToolCallEvent =>
  event.kind === 'tool_call' && event.outcome === 'success'
