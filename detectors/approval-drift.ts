import { z } from 'zod'
import {
  type Authority,
  cite,
  defineDetector,
  quiet,
  type Step,
  type StepRef,
  sighted,
  type ToolCallEvent,
} from '../src/core/index.ts'
import {
  bind,
  callOf,
  type Drift,
  driftOf,
  isNarrow,
  type Shown,
  shownOtherwise,
  tried,
  wentElsewhere,
} from './approved-calls.ts'
import { type Cited, citeMore, NOTHING_CITED, refOf } from './evidence.ts'
import { isApproved, type Reading, readStep, remember } from './reading.ts'

const MAX_CALLS = 32

/** Beyond 32 approved calls new ones are not learned, and a retry of them counts as a new use. Cites 12 steps. */
interface State extends Cited {
  readonly approval: StepRef | null
  /** Short names of calls that an approval covered: the very same call again is a retry. */
  readonly covered: readonly string[]
  /** Calls that were tried and not done, as the approver saw them. */
  readonly shown: readonly Shown[]
}

export const approvalDrift = defineDetector({
  id: 'approval-drift',
  version: 3,
  about: {
    title: 'The chain went on past what a person approved',
    severity: 'high',
    maturity: 'incubating',
    why: 'A person said yes to one step. The chain used that yes for others.',
    misses: [
      'an approval that covers too much to begin with',
      'changed arguments where producers report neither arguments nor resources',
      'an approval id used again in another workflow',
      'approvals given outside any event',
      'steps told under another workflow id than the approval, or under none',
      'a step whose tool tells neither its operation nor, by its name, what it does',
      'the very same approved call done again and again: it is taken for a retry',
    ],
    respond: [
      'Ask the approver whether they meant the cited steps.',
      'Undo what the unapproved steps did.',
      'Narrow the approval: name tools and resources, and limit uses.',
    ],
    needs: ['approval.covers', 'tool_call.name'],
    references: ['https://genai.owasp.org/'],
    frameworks: ['ASI03', 'ASI09', 'MAESTRO-6', 'MEASURE', 'MANAGE'],
  },
  reads: ['chain'],
  wants: ['approval', 'tool_call'],
  options: z.strictObject({}),
  init: (): State => ({ approval: null, covered: [], shown: [], ...NOTHING_CITED }),
  fold(state, step, _options, { authority }) {
    const { event } = step
    if (step.link !== undefined) return quiet(state)
    if (event.kind === 'approval')
      return quiet(
        event.approval.action === 'approve'
          ? { ...state, approval: refOf(step), shown: bind(state.shown, event) }
          : state,
      )
    if (event.kind !== 'tool_call') return quiet(state)
    if (event.outcome !== 'success') {
      const shown = tried(state.shown, step, event)
      return quiet(shown === state.shown ? state : { ...state, shown })
    }
    if (state.approval === null) return quiet(state)
    return used(state, step, event, authority)
  },
})

function used(state: State, step: Step, event: ToolCallEvent, authority: Authority) {
  const reading = readStep(step)
  const call = callOf(event, reading)
  if (state.covered.includes(call) && event.tool_call.arguments !== undefined) return quiet(state)
  const drift = driftOf(authority, step, reading)
  if (drift !== null) return drifted(state, step, reading, drift)
  if (!isApproved(authority, step, reading)) return quiet(state)
  const otherwise = shownOtherwise(state.shown, step, event)
  if (otherwise !== null) return drifted(state, step, reading, otherwise)
  if (wentElsewhere(state.covered, call) && isNarrow(authority, step, reading))
    return drifted(state, step, reading, 'other-destination')
  const covered = remember(state.covered, call, MAX_CALLS)
  return quiet(covered === state.covered ? state : { ...state, covered })
}

function drifted(state: State, step: Step, reading: Reading, drift: Drift) {
  const isGrave =
    reading.sensitivity === 'restricted' ||
    reading.isExternal ||
    reading.operation === 'admin' ||
    reading.operation === 'delete'
  const cited = citeMore(state, isGrave ? 'high' : 'medium', cite(refOf(step), drift))
  const { evidence, severity } = cited
  const { approval } = state
  return sighted(
    { ...state, ...cited },
    {
      key: 'drift',
      summary: `${reading.tool} ran after ${approval?.label}, which does not cover it (${drift})`,
      severity,
      confidence: 0.9,
      evidence: [...(approval === null ? [] : [cite(approval, 'approval', { context: true })]), ...evidence],
      terms: { drift, approvedBy: approval?.eventId ?? '', steps: evidence.length },
    },
  )
}
