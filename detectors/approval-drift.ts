import { z } from 'zod'
import {
  type Authority,
  cite,
  defineDetector,
  type Evidence,
  type Grant,
  quiet,
  refTo,
  type Severity,
  type Step,
  type StepRef,
  sighted,
} from '../src/core/index.ts'
import { isApproved, isConsequential, isGranted, isInForce, names, type Reading, readStep } from './reading.ts'

const MAX_CITED = 20
const MAX_CALLS = 64
const RANK: readonly Severity[] = ['info', 'low', 'medium', 'high', 'critical']

/** Beyond 64 approved calls older ones are forgotten, and a retry of them would count as a new use. */
interface State {
  readonly approval: StepRef | null
  /** Fingerprints of calls that an approval covered: the very same call again is a retry. */
  readonly covered: readonly string[]
  readonly evidence: readonly Evidence[]
  readonly severity: Severity
}

export const approvalDrift = defineDetector({
  id: 'approval-drift',
  version: 1,
  about: {
    title: 'The chain went on past what a person approved',
    severity: 'high',
    maturity: 'incubating',
    why: 'A person said yes to one step. The chain used that yes for others.',
    misses: [
      'an approval that covers too much to begin with',
      'changed arguments where producers report neither arguments nor resources',
      'approvals given outside any event',
    ],
    respond: [
      'Ask the approver whether they meant the cited steps.',
      'Undo what the unapproved steps did.',
      'Narrow the approval: name tools and resources, and limit uses.',
    ],
    needs: ['approval.covers', 'tool_call.name'],
    references: ['https://genai.owasp.org/'],
    frameworks: ['ASI03', 'ASI09'],
  },
  reads: ['chain'],
  wants: ['approval', 'tool_call'],
  options: z.strictObject({}),
  init: (): State => ({ approval: null, covered: [], evidence: [], severity: 'info' }),
  fold(state, step, _options, { authority }) {
    const { event } = step
    if (event.kind === 'approval')
      return quiet(event.approval.action === 'approve' ? { ...state, approval: refTo(step) } : state)
    if (event.kind !== 'tool_call' || event.outcome !== 'success' || state.approval === null || step.link !== undefined)
      return quiet(state)
    const reading = readStep(step)
    const call = callOf(step, reading)
    if (isApproved(authority, step, reading))
      return quiet({ ...state, covered: [...state.covered.slice(1 - MAX_CALLS), call] })
    if (state.covered.includes(call) && event.tool_call.arguments !== undefined) return quiet(state)
    const drift = driftOf(authority, step, reading)
    if (drift === null) return quiet(state)
    const isGrave =
      reading.sensitivity === 'restricted' ||
      reading.isExternal ||
      reading.operation === 'admin' ||
      reading.operation === 'delete'
    const severity: Severity = isGrave ? 'high' : 'medium'
    const next: State = {
      ...state,
      evidence: state.evidence.length < MAX_CITED ? [...state.evidence, cite(refTo(step), drift)] : state.evidence,
      severity: RANK.indexOf(severity) > RANK.indexOf(state.severity) ? severity : state.severity,
    }
    return sighted(next, {
      key: 'drift',
      summary: `${reading.tool} ran after ${state.approval.label}, which does not cover it (${drift})`,
      severity: next.severity,
      confidence: 0.9,
      evidence: [cite(state.approval, 'approval', { context: true }), ...next.evidence],
      terms: { drift, approvedBy: state.approval.eventId, steps: next.evidence.length },
    })
  },
})

/** How a call goes past the approvals there are; null when it does not, or never needed one. */
function driftOf(authority: Authority, step: Step, reading: Reading): string | null {
  const approvals = authority.grants.filter(({ via }) => via === 'approval')
  const sameTool = (grant: Grant): boolean =>
    grant.tools !== null && names({ ...grant, resources: null, stepIds: null }, step, reading)
  const speaking = approvals.filter(sameTool)
  const named = speaking.filter((grant) => names(grant, step, reading))
  if (named.some(({ maxUses, used }) => maxUses !== null && used >= maxUses)) return 'used-up'
  if (named.some((grant) => !isInForce(grant, step.event.at))) return 'expired'
  if (speaking.length > 0) return 'other-resource'
  if (isGranted(authority, reading)) return null
  const isSensitive = reading.sensitivity === 'restricted' || reading.sensitivity === 'confidential'
  return isConsequential(reading) || isSensitive ? 'other-tool' : null
}

const callOf = (step: Step, { tool, resource, destination }: Reading): string =>
  [
    tool,
    resource,
    destination,
    step.event.kind === 'tool_call' ? step.event.tool_call.arguments?.fingerprint : '',
  ].join('|')
