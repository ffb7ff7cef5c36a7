import { z } from 'zod'
import {
  type Authority,
  cite,
  defineDetector,
  quiet,
  type Severity,
  type Sighting,
  type Step,
  type StepRef,
  sighted,
  type ToolCallEvent,
} from '../src/core/index.ts'
import { type Control, weakeningOf } from './controls.ts'
import { type Cited, citeMore, digest, NOTHING_CITED, refOf } from './evidence.ts'
import { counted, type Decided, decide, isDone, NOTHING_DECIDED, unheeded } from './policy-decisions.ts'
import { isApproved, isGranted, type Reading, readStep, remember } from './reading.ts'
import { says } from './words.ts'

const MAX_MADE = 16

/** Remembers 16 things the chain made, 12 decisions and 4 calls that wait for theirs; cites 12 steps in each of 3 stories. */
interface State {
  /** Short names of what the chain itself made: it may take that down again. */
  readonly made: readonly string[]
  readonly controls: readonly Control[]
  readonly weakened: Cited
  readonly decided: Decided
  readonly ignored: Cited
  readonly undecided: Cited
}

type Options = { minDecided: number; graceMs: number; staleMs: number }

export const controlEvasion = defineDetector<State, Options>({
  id: 'control-evasion',
  version: 2,
  about: {
    title: 'The chain switched off or went round what watches it',
    severity: 'high',
    maturity: 'incubating',
    why: 'Logging, monitoring, policy and approval are what makes an agent accountable, and backups are what undoes its harm. A chain that takes them away, does what policy refused, or acts without the decision that all its other steps had, is out of control.',
    misses: [
      'a control switched off by a tool that tells neither by its name nor by its resource what it is',
      'a control weakened by changing its settings rather than switching it off: that alone stays low',
      'steps without a decision in a chain where too few steps had one',
      'decisions and steps told under different workflow ids, or under none',
      'deletion of the data itself, and of single snapshots, images and keys that are only disabled: those stay low',
      'a control switched off in pieces: log streams, rules and filters one by one stay low',
    ],
    respond: [
      'Switch the control on again, and look for what was done while it was off.',
      'Stop the agent and take away the authority by which it reached the control.',
      'Make the enforcement point refuse what policy denied, rather than record it.',
    ],
    needs: ['tool_call.name, or operation and resource.type', 'decision.for_step_id'],
    references: ['https://attack.mitre.org/techniques/T1562/008/'],
    frameworks: ['ASI10', 'ASI02', 'T1562.008', 'T1490', 'MAESTRO-5', 'MAESTRO-6', 'MEASURE', 'MANAGE'],
  },
  reads: ['chain'],
  wants: ['tool_call', 'decision'],
  options: z.strictObject({
    /** Consequential calls that had a decision, from which on one without is worth telling. */
    minDecided: z.int().positive().default(8),
    /** How long a decision may come after its call. */
    graceMs: z.int().nonnegative().default(60_000),
    /** Age at which what a decision stands on is too old to act on. */
    staleMs: z.int().positive().default(900_000),
  }),
  init: () => ({
    made: [],
    controls: [],
    weakened: NOTHING_CITED,
    decided: NOTHING_DECIDED,
    ignored: NOTHING_CITED,
    undecided: NOTHING_CITED,
  }),
  fold(state, step, options, { authority }) {
    const { event } = step
    if (step.link !== undefined) return quiet(state)
    if (event.kind === 'decision') {
      const decided = decide(state.decided, step, event)
      return quiet(decided === state.decided ? state : { ...state, decided })
    }
    if (event.kind !== 'tool_call') return quiet(state)
    const reading = readStep(step)
    const before = makes(state, event, reading)
    const weak = weakened(before, step, reading, authority)
    if (!isDone(event)) return weak
    const done = judged(weak.state, step, reading, authority, options)
    return { state: done.state, sightings: [...weak.sightings, ...done.sightings] }
  },
  due: ({ decided }, { graceMs }) => {
    const [first] = decided.pending
    return first === undefined ? null : first.ref.at + graceMs
  },
  elapse(state, at, { graceMs }) {
    const late = state.decided.pending.filter(({ ref }) => ref.at + graceMs <= at)
    if (late.length === 0) return quiet(state)
    const pending = state.decided.pending.filter((one) => !late.includes(one))
    const undecided = citeMore(
      state.undecided,
      'medium',
      ...late.map(({ ref }) => cite(ref, 'undecided-step', { grade: 'inferred' })),
    )
    return sighted(
      { ...state, undecided, decided: { ...state.decided, pending } },
      tell('undecided', undecided, `${late[0]?.ref.label} ran without the decision that every step before it had`, 0.7),
    )
  },
})

const tell = (key: string, { evidence, severity }: Cited, summary: string, confidence: number): Sighting => ({
  key,
  summary,
  severity,
  confidence,
  evidence,
  terms: { steps: evidence.length },
})

const namesMaking = says(/\b(?:create|new|add)/i)

function makes(state: State, { outcome }: ToolCallEvent, { operation, resource, tool }: Reading): State {
  if (outcome !== 'success' || resource === null) return state
  if (operation !== 'create' && !namesMaking(tool ?? '')) return state
  const made = remember(state.made, digest(resource), MAX_MADE)
  return made === state.made ? state : { ...state, made }
}

/** A control that is switched off, or was tried to be. */
function weakened(state: State, step: Step, reading: Reading, authority: Authority) {
  const found = weakeningOf(step, reading)
  if (found === null) return quiet(state)
  if (reading.resource !== null && state.made.includes(digest(reading.resource))) return quiet(state)
  if (isApproved(authority, step, reading) || isGranted(authority, reading)) return quiet(state)
  const isTried = step.event.outcome !== 'success'
  const controls = isTried ? state.controls : remember(state.controls, found.control, 5)
  const severity: Severity = isTried
    ? found.severity === 'critical'
      ? 'medium'
      : 'low'
    : controls.length > 1 && found.severity === 'medium'
      ? 'high'
      : found.severity
  const next = citeMore(state.weakened, severity, cite(refOf(step), isTried ? 'tried-control' : 'weakened-control'))
  const sighting = tell('weakened', next, `${reading.tool} weakened ${found.control} of what watches the chain`, 0.85)
  return sighted(
    { ...state, controls, weakened: next },
    { ...sighting, terms: { controls: controls.join(', '), tried: isTried } },
  )
}

/** A call that was done, held against what policy said of it. */
function judged(state: State, step: Step, reading: Reading, authority: Authority, options: Options) {
  const why = unheeded(state.decided, step, reading, authority, options.staleMs)
  const decided = counted(state.decided, step, reading, options.minDecided)
  const next = decided === state.decided ? state : { ...state, decided }
  if (why === null) return quiet(next)
  const ignored = citeMore(next.ignored, why.severity, decisionOf(why.decision), cite(refOf(step), why.why))
  const sighting = tell('ignored', ignored, `${reading.tool} ran against ${why.decision.label} (${why.why})`, 0.9)
  return sighted({ ...next, ignored }, { ...sighting, terms: { why: why.why } })
}

const decisionOf = (ref: StepRef) => cite(ref, 'decision')
