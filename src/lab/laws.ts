import {
  type AgentEvent,
  type AnyDetector,
  type Authority,
  type Context,
  deepFreeze,
  NO_AUTHORITY,
  type Step,
  type TrackKind,
  type Verdict,
} from '../core/index.ts'
import { foldAuthority } from '../engine/authority.ts'

/** One turn of a walk: a step folded, or a deadline that passed. */
export interface Turn {
  readonly state: unknown
  readonly verdict: Verdict<unknown>
  /** Null where a deadline passed and no step came. */
  readonly step: Step | null
  readonly due: number | null
  fold(state: unknown): Verdict<unknown>
}

/** Whose thread or chain a walk is. */
export const SUBJECTS: Readonly<Record<TrackKind, string>> = {
  chain: 'wf-1',
  credential: 'cred-1',
  grant: 'app-1',
  agent: 'agent-1',
}

const MAX_DEADLINES = 8

/**
 * Folds steps as a track does, with deadlines before them, and shows each turn. All that the detector is handed is frozen.
 * Returns the last state.
 */
export function walk(
  detector: AnyDetector,
  options: unknown,
  steps: readonly Step[],
  track: TrackKind,
  see: (turn: Turn) => void,
  from: unknown = deepFreeze(detector.init()),
): unknown {
  let state = from
  let authority: Authority = NO_AUTHORITY
  const turn = (step: Step | null, due: number | null, fold: (state: unknown) => Verdict<unknown>): void => {
    const verdict = deepFreeze(fold(state))
    see({ state, verdict, step, due, fold })
    state = verdict.state
  }
  for (const step of steps) {
    const context: Context = { track, subject: SUBJECTS[track], authority: deepFreeze(authority) }
    for (let i = 0; i < MAX_DEADLINES; i += 1) {
      const due = detector.due?.(state, options) ?? null
      if (due === null || due >= step.event.at || detector.elapse === undefined) break
      turn(null, due, (at) => detector.elapse?.(at, due, options, context) ?? { state: at, sightings: [] })
    }
    if (detector.wants.includes(step.event.kind)) turn(step, null, (at) => detector.fold(at, step, options, context))
    if (track === 'chain') authority = foldAuthority(authority, step)
  }
  return state
}

/** Events as the steps of one chain, in order of time. */
export const stepsOf = (events: readonly AgentEvent[]): readonly Step[] =>
  events
    .toSorted((a, b) => a.at - b.at)
    .map((event, index) =>
      deepFreeze({
        event,
        id: event.step_id ?? event.id,
        index,
        attribution:
          event.workflow_id === undefined
            ? { workflowId: '~agent/stray', grade: 'derived', rule: 'own' }
            : { workflowId: event.workflow_id, grade: 'reported', rule: 'reported' },
      } satisfies Step),
    )

/** What every detector owes the engine. */
export const LAWS = [
  'hands back a verdict for every step, and changes nothing it is given',
  'gives the same for the same',
  'keeps plain JSON as its state, and no more than its bound',
  'cites steps that it was shown',
  'moves or clears its deadline once it has passed',
] as const

export interface LawResult {
  readonly law: (typeof LAWS)[number]
  /** Null where it is kept; else what was seen. */
  readonly problem: string | null
}

export interface LawParts {
  /** Sequences of events, each one chain. */
  readonly sequences: readonly (readonly AgentEvent[])[]
  /** The most that a state may take, in characters of JSON. */
  readonly maxState: number
}

/** Walks a detector over events and says of each law whether it was kept. Throws nothing that the detector throws. */
export function lawsOf(detector: AnyDetector, { sequences, maxState }: LawParts): readonly LawResult[] {
  const problems = new Map<string, string>()
  const broke = (law: number, problem: string): void => {
    const name = LAWS[law] ?? ''
    if (!problems.has(name)) problems.set(name, problem)
  }
  try {
    const options = detector.options.parse({})
    for (const events of sequences)
      for (const track of detector.reads) walkOnce(detector, options, stepsOf(events), { track, maxState, broke })
  } catch (error) {
    broke(0, told(error))
  }
  return LAWS.map((law) => ({ law, problem: problems.get(law) ?? null }))
}

interface Walk {
  readonly track: TrackKind
  readonly maxState: number
  broke(law: number, problem: string): void
}

/** The first turns of a walk are all folded twice, of the rest one in so many. */
const ALL_TWICE = 200
const SOME_TWICE = 8

function walkOnce(
  detector: AnyDetector,
  options: unknown,
  steps: readonly Step[],
  { track, maxState, broke }: Walk,
): void {
  const shown = new Set<string>()
  let [at, turns] = ['at its first state', 0]
  const watched: AnyDetector = {
    ...detector,
    fold(state, step, ...rest) {
      at = `on ${step.event.kind} ${step.event.id}`
      return detector.fold(state, step, ...rest)
    },
  }
  try {
    walk(watched, options, steps, track, ({ state, verdict, step, due, fold }) => {
      if (step !== null) shown.add(step.event.id)
      else at = 'at a deadline'
      turns += 1
      if (!isPlain(verdict.state)) broke(2, `${at} its state held something that is not JSON`)
      else if (JSON.stringify(verdict.state).length > maxState)
        broke(2, `${at} its state grew to more than ${maxState} characters`)
      if (turns < ALL_TWICE || turns % SOME_TWICE === 0) {
        const text = JSON.stringify(verdict)
        if (JSON.stringify(fold(state)) !== text || JSON.stringify(fold(deepFreeze(written(state)))) !== text)
          broke(1, `${at} a second fold of the same gave something else`)
      }
      for (const { evidence } of verdict.sightings) {
        const stranger = evidence.find(({ eventId }) => !shown.has(eventId))
        if (evidence.length === 0) broke(3, `${at} it cited nothing`)
        if (stranger !== undefined) broke(3, `${at} it cited ${stranger.eventId}, which it was not shown`)
      }
      if (step === null && (detector.due?.(verdict.state, options) ?? null) === due)
        broke(4, `the deadline ${due} stood again after it had passed`)
    })
  } catch (error) {
    broke(0, `${at}: ${told(error)}`)
  }
}

const written = (state: unknown): unknown => JSON.parse(JSON.stringify(state))

function isPlain(value: unknown): boolean {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true
  if (typeof value === 'number') return Number.isFinite(value)
  if (typeof value !== 'object') return false
  const isMap = Object.prototype.toString.call(value) === '[object Object]'
  return (isMap || Array.isArray(value)) && Object.values(value).every((one) => one === undefined || isPlain(one))
}

function told(error: unknown): string {
  const { message } = (typeof error === 'object' && error !== null ? error : {}) as { message?: unknown }
  return typeof message === 'string' ? message : String(error)
}
