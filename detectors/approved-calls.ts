import {
  type ApprovalEvent,
  type Authority,
  type Grant,
  isInForce,
  type Step,
  type ToolCallEvent,
} from '../src/core/index.ts'
import { digest } from './evidence.ts'
import { isConsequential, isGranted, names, type Reading } from './reading.ts'

/** How a call goes past the approvals there are. */
export type Drift =
  | 'used-up'
  | 'expired'
  | 'other-resource'
  | 'other-tool'
  | 'changed-arguments'
  | 'other-destination'
  | 'reused-approval'

/** A call that was tried and not done, as an approver would see it. Tool and step by short name. */
export interface Shown {
  readonly tool: string
  readonly step: string
  readonly print: string
  /** What the approval bound to it: this very step, or the one use of its tool. */
  readonly bound: 'step' | 'tool' | null
}

const MAX_SHOWN = 16

/**
 * Remembers a call that was tried; the oldest of 16 gives way, those that no approval is bound to first. What an approver
 * was shown stays, whatever is tried in its name afterwards. The same list when nothing is new.
 */
export function tried(shown: readonly Shown[], step: Step, { tool_call: call, outcome }: ToolCallEvent) {
  const print = call.arguments?.fingerprint
  if (outcome === 'failure' || print === undefined) return shown
  const one: Shown = { tool: digest(call.name), step: digest(step.id), print, bound: null }
  if (shown.some(({ tool, step: id, print: old }) => tool === one.tool && id === one.step && old === print))
    return shown
  const others = shown.filter((old) => old.bound !== null || old.tool !== one.tool || old.step !== one.step)
  if (others.length < MAX_SHOWN) return [...others, one]
  const loose = others.findIndex(({ bound }) => bound === null)
  return [...others.toSpliced(Math.max(loose, 0), 1), one]
}

/** Binds what was tried to an approval that names its step, or allows one use of its tool. */
export function bind(shown: readonly Shown[], { approval: { covers } }: ApprovalEvent): readonly Shown[] {
  const [steps, tools] = [covers?.step_ids?.map(digest) ?? [], covers?.tools?.map(digest) ?? []]
  const binding = ({ step, tool }: Shown): Shown['bound'] =>
    steps.includes(step) ? 'step' : covers?.max_uses === 1 && tools.includes(tool) ? 'tool' : null
  return shown.map((one) => ({ ...one, bound: binding(one) ?? one.bound }))
}

/** How a call differs from what its approver was shown: another tool, or other arguments. Null when it does not. */
export function shownOtherwise(shown: readonly Shown[], step: Step, { tool_call: call }: ToolCallEvent): Drift | null {
  if (shown.length === 0) return null
  const [tool, id, print] = [digest(call.name), digest(step.id), call.arguments?.fingerprint]
  const ofStep = shown.filter((one) => one.bound === 'step' && one.step === id)
  if (ofStep.length > 0 && ofStep.every((one) => one.tool !== tool)) return 'other-tool'
  const same = [...ofStep, ...shown.filter((one) => one.bound === 'tool')].filter((one) => one.tool === tool)
  return print !== undefined && same.length > 0 && same.every((one) => one.print !== print) ? 'changed-arguments' : null
}

/** A call by short names: what it acts on, where it sends to, and its arguments. */
export function callOf({ tool_call: call }: ToolCallEvent, { tool, resource, destination }: Reading): string {
  return `${digest(`${tool}|${resource}`)}/${digest(destination ?? '')}/${call.arguments?.fingerprint ?? ''}`
}

/** Whether an approved call on the same thing went to another place. */
export function wentElsewhere(covered: readonly string[], call: string): boolean {
  const [what, where] = call.split('/')
  return covered.some((one) => one.startsWith(`${what}/`) && one.split('/')[1] !== where)
}

/** Whether every approval in force that names this call limits what it may be done to. */
export const isNarrow = ({ grants }: Authority, step: Step, reading: Reading): boolean =>
  grants
    .filter((grant) => grant.via === 'approval' && isInForce(grant, step.event.at) && names(grant, step, reading))
    .every(({ resources, stepIds }) => stepIds !== null || resources?.some((one) => !one.includes('*')))

/** How a call goes past the approvals there are; null when it does not, or never needed one. */
export function driftOf(authority: Authority, step: Step, reading: Reading): Drift | null {
  const approvals = authority.grants.filter(({ via }) => via === 'approval')
  const named = approvals.filter((grant) => names(grant, step, reading))
  if (isReused(approvals, named, step)) return 'reused-approval'
  if (named.some((grant) => isInForce(grant, step.event.at))) return null
  const ofTool = (grant: Grant): boolean =>
    grant.tools !== null && names({ ...grant, resources: null, stepIds: null }, step, reading)
  const spoken = named.filter(ofTool)
  if (spoken.some(({ maxUses, used }) => maxUses !== null && used >= maxUses)) return 'used-up'
  if (spoken.some((grant) => !isInForce(grant, step.event.at))) return 'expired'
  if (approvals.some(ofTool)) return 'other-resource'
  if (isGranted(authority, reading)) return null
  const isSensitive = reading.sensitivity === 'restricted' || reading.sensitivity === 'confidential'
  return isConsequential(reading) || isSensitive ? 'other-tool' : null
}

/**
 * An approval spent before is shown again: every approval in force that names the call has the id of an earlier one
 * that is used up, or the call itself names an approval that does not speak of it.
 */
function isReused(approvals: readonly Grant[], named: readonly Grant[], { event }: Step): boolean {
  const said = event.attributes['approval_id']
  if (typeof said === 'string') {
    const own = approvals.filter(({ approvalId }) => approvalId === said)
    if (own.length > 0 && !own.some((grant) => named.includes(grant) && isInForce(grant, event.at))) return true
  }
  const valid = named.filter((grant) => isInForce(grant, event.at))
  const isSpent = (earlier: Grant, id: string): boolean =>
    earlier.approvalId === id && earlier.maxUses !== null && earlier.used >= earlier.maxUses
  return (
    valid.length > 0 &&
    valid.every(({ approvalId }) => approvalId !== null && approvals.some((one) => isSpent(one, approvalId)))
  )
}
