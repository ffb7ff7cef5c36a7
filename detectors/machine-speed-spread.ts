import { z } from 'zod'
import {
  cite,
  defineDetector,
  type Evidence,
  quiet,
  type Severity,
  type Step,
  sighted,
  worse,
} from '../src/core/index.ts'
import { addEvidence } from './evidence.ts'
import { type Arrival, arrive, give, NOWHERE_YET, type Reach } from './reach.ts'
import { type Reading, readStep } from './reading.ts'

const ENOUGH_WINDOWS = 8
const MAX_USUAL = 64
const MAX_CHAINS = 2

/** A spread that is going on. */
interface Burst {
  /** The event it began with. */
  readonly from: string
  readonly lastAt: number
  readonly evidence: readonly Evidence[]
  readonly severity: Severity
}

/** Knows 96 places, keeps 16 arrivals, and cites 12 steps. At its bounds about 20 kB. */
interface State {
  readonly reach: Reach
  readonly burst: Burst | null
  /** Threads only: the window at hand, how much was new in it, the most of any before, and how many there were. */
  readonly since: number
  readonly peak: number
  readonly usual: number
  readonly windows: number
}

type Options = { minPlaces: number; windowMs: number }

export const machineSpeedSpread = defineDetector<State, Options>({
  id: 'machine-speed-spread',
  version: 2,
  about: {
    title: 'Spread to new places faster than anybody could follow',
    severity: 'high',
    maturity: 'incubating',
    why: 'Within a minute an agent stood in more new zones, hosts, accounts, owners’ data and credentials than it ever did, and than a person could have looked at.',
    misses: [
      'a spread slower than `minPlaces` new places in `windowMs`',
      'a spread over many workflows by an agent without a history, or by many agents',
      'places that no event tells: zones, hosts, owners and credentials left out',
      'many places of one kind, though they lie in one new zone: a batch over hosts looks the same, and stays low',
      'a habit of wide runs, built up slowly before the harm',
    ],
    respond: [
      'Suspend the agent and every credential in the evidence; it will be further than the alert tells.',
      'List what it reached, the last first, and treat each as exposed.',
      'If this is a job that is meant to run wide, name its resources in what its task is given.',
    ],
    needs: ['tool_call.resource.zone, type or owner', 'tool_call.credential_id'],
    references: ['https://attack.mitre.org/tactics/TA0008/'],
    frameworks: ['ASI08', 'ASI10', 'T1021.007', 'T1078.004', 'MAESTRO-4', 'MAESTRO-7', 'MEASURE'],
  },
  reads: ['chain', 'agent'],
  wants: ['tool_call', 'credential', 'handoff'],
  options: z.strictObject({
    /** New places within the window from which on it is a spread. */
    minPlaces: z.int().min(3).max(16).default(6),
    windowMs: z.int().positive().default(60_000),
  }),
  init: () => ({ reach: NOWHERE_YET, burst: null, since: 0, peak: 0, usual: 0, windows: 0 }),
  fold(before, step, options, { track, subject, authority }) {
    const { event } = step
    if (step.link !== undefined) return quiet(before)
    const reading = readStep(step)
    const given = give(before.reach, step)
    const known = given === before.reach ? before : { ...before, reach: given }
    if (event.outcome !== 'success' || event.kind === 'handoff') return quiet(known)
    const state = track === 'agent' ? ticked(known, event.at, options.windowMs) : known
    const reach = arrive(state.reach, step, reading, authority, options.windowMs)
    if (reach === state.reach) return quiet(state)
    const next = { ...state, reach, peak: Math.min(Math.max(state.peak, reach.recent.length), MAX_USUAL) }
    if (reach.recent.at(-1)?.ref.eventId !== event.id) return quiet(next)
    const severity = severityOf(next, options, track === 'chain' ? authority.explicit : null)
    if (severity === null) return quiet(next)
    return spread(next, step, reading, severity, options, track === 'agent' ? subject : (reading.agent ?? subject))
  },
})

/** Closes the window at hand when it is over. What was a spread is no habit. */
function ticked(state: State, at: number, windowMs: number): State {
  if (at - state.since <= windowMs) return state
  const isCalm = state.burst === null || state.since - state.burst.lastAt > windowMs
  return {
    ...state,
    since: at,
    peak: 0,
    usual: isCalm ? Math.max(state.usual, state.peak) : state.usual,
    windows: Math.min(state.windows + 1, ENOUGH_WINDOWS),
  }
}

/**
 * How much a window worries; null for not at all. `explicit`: whether the chain was given its places by name; null on an
 * agent's thread, which knows how wide the agent went before.
 */
function severityOf(state: State, { minPlaces }: Options, explicit: boolean | null): Severity | null {
  const { recent } = state.reach
  // Within one or two workflows the chain judges, which knows what was given. An agent without a history has no usual.
  const isAcross = new Set(recent.map(({ ref }) => ref.workflowId)).size > MAX_CHAINS
  if (explicit === null && (!isAcross || state.windows < ENOUGH_WINDOWS)) return null
  const least = explicit === null ? Math.max(minPlaces, 2 * state.usual + 1) : minPlaces
  if (recent.length < least) return null
  const times = new Map<string, number>()
  for (const { kind } of recent) times.set(kind, (times.get(kind) ?? 0) + 1)
  // A batch over the hosts of one other zone comes to one new zone: that is no second way to spread.
  const ways = [...times.values()].filter((many) => many > 1).length
  const graves = recent.filter(({ isGrave }) => isGrave).length
  if (ways < 2 || graves === 0) return 'low'
  const isWide = recent.length >= 2 * minPlaces
  // Nobody said where it may go: twice as wide is needed to be sure.
  if (explicit === false) return isWide ? 'medium' : 'low'
  return isWide || (times.has('credential') && graves >= minPlaces / 2) ? 'high' : 'medium'
}

function spread(state: State, step: Step, reading: Reading, now: Severity, { windowMs }: Options, who: string) {
  const { recent } = state.reach
  const going = state.burst !== null && step.event.at - state.burst.lastAt <= windowMs ? state.burst : null
  const refs = [...new Map(recent.map(({ ref }) => [ref.eventId, ref])).values()]
  const reached = refs.map((ref) => cite(ref, 'new-place'))
  const burst: Burst = {
    from: going?.from ?? refs[0]?.eventId ?? step.event.id,
    lastAt: step.event.at,
    evidence: addEvidence(going?.evidence ?? [], null, ...reached),
    severity: worse(going?.severity ?? 'info', now),
  }
  return sighted(
    { ...state, burst },
    {
      key: `burst:${burst.from}`,
      summary: `${who} came to ${recent.length} new places (${kindsOf(recent)}) within ${Math.round(windowMs / 1_000)} s`,
      severity: burst.severity,
      confidence: burst.severity === 'low' ? 0.4 : 0.8,
      evidence: burst.evidence,
      terms: { places: recent.length, kinds: kindsOf(recent), usual: state.usual },
      credentialIds: reading.credential === null ? [] : [reading.credential],
    },
  )
}

const kindsOf = (recent: readonly Arrival[]): string => [...new Set(recent.map(({ kind }) => kind))].sort().join(', ')
