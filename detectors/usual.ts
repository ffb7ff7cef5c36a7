import { type AgentLearner, type Habit, type Millis, NO_AUTHORITY, type Step } from '../src/core/index.ts'
import { type Baseline, countsNow, DIMENSIONS } from './baseline.ts'
import { coldBecause, type Options, rarePath, type State } from './rare-path.ts'

const MAX_UNTAUGHT = 100

/** What was learned before, of steps that may be gone by now. */
export interface Learned {
  readonly state: unknown
  /** Whether it was learned from this step too. */
  holds(step: Step): boolean
}

/**
 * Learns what is usual for an agent just as `rare-path` does, from its steps in event-time order. Where more was learned before
 * than these steps teach, that is gone on with.
 */
export function learnerOf(agentId: string, settings: unknown = {}, learned: Learned | null = null): AgentLearner {
  const options = rarePath.options.parse(settings)
  let state = rarePath.init()
  let onward = learned === null ? null : (learned.state as State)
  let lastAt: Millis = 0
  const untaught = new Set<string>()
  const fold = (before: State, step: Step): State => {
    const context = { track: 'agent', subject: agentId, authority: NO_AUTHORITY } as const
    const { state: next, sightings } = rarePath.fold(before, step, options, context)
    if (sightings.length > 0 && untaught.size < MAX_UNTAUGHT) untaught.add(step.attribution.workflowId)
    return next
  }
  return {
    take(step) {
      if (!rarePath.wants.includes(step.event.kind)) return
      lastAt = Math.max(lastAt, step.event.at)
      state = fold(state, step)
      if (onward !== null && learned?.holds(step) === false) onward = fold(onward, step)
    },
    usual() {
      const known = onward !== null && onward.baseline.taught > state.baseline.taught ? onward : state
      return {
        ...shown(known, options, lastAt),
        untaught: [...untaught].map((workflowId) => ({ workflowId, why: WHY })),
      }
    },
  }
}

const WHY = 'it did more that is new than this agent ever does (rare-path): it teaches nothing'

function shown({ baseline, chains }: State, options: Options, at: Millis) {
  const { since, version, ofVersion, newsRate, breadth, rate } = baseline
  return {
    taught: baseline.taught,
    open: chains.open.length,
    since,
    version,
    ofVersion,
    newsRate,
    breadth,
    mostChainsAnHour: Math.max(rate.most, rate.begun),
    coldBecause: coldBecause(baseline, at, options),
    habits: Object.fromEntries(DIMENSIONS.map((one) => [one, habitsOf(baseline, one, at, options)])),
  }
}

const habitsOf = (
  baseline: Baseline,
  dimension: (typeof DIMENSIONS)[number],
  at: Millis,
  { halfLifeDays }: Options,
): readonly Habit[] => countsNow(baseline, dimension, at, halfLifeDays)
