import type { Authority } from './authority.ts'
import { type Finding, isLoud } from './finding.ts'
import type { Step } from './step.ts'

/** What was used of one grant, by the event that gave it: what calls said of themselves and the grant holds. */
export interface GrantUse {
  readonly eventId: string
  readonly scopes: readonly string[]
  /** Permissions in the manner of RFC 9396, a line each. */
  readonly details: readonly string[]
  readonly tools: readonly string[]
  readonly resources: readonly string[]
}

/** One step of a replayed path: what each detector knew and what the chain scored, before and after it. */
export interface ReplayFrame {
  readonly step: Step
  /** What the chain was entitled to before the step. */
  readonly authority: Authority
  /** What was used of each grant so far, the step included; left out where nobody asked. */
  readonly uses?: readonly GrantUse[]
  readonly scoreBefore: number
  readonly scoreAfter: number
  /** By detector id, after this step. Only detectors that were shown the step. */
  readonly states: Readonly<Record<string, unknown>>
  /** By detector id, before this step. */
  readonly statesBefore: Readonly<Record<string, unknown>>
  /** Findings raised or replaced by this step. */
  readonly findings: readonly Finding[]
}

/** Where a replayed path first did harm: the place of the first step with a finding of medium severity or more; null for none. */
export function firstHarm(frames: readonly Pick<ReplayFrame, 'findings'>[]): number | null {
  const at = frames.findIndex(({ findings }) => findings.some(isLoud))
  return at < 0 ? null : at
}

/** An explanation that can be checked: what falls when an event is taken away. */
export interface Counterfactual {
  readonly eventId: string
  readonly label: string
  /** The chain's score without the event. */
  readonly score: number
  /** Whether the detector's finding falls without it. */
  readonly falls: boolean
}

/** The events without which an alert falls, all of them together. */
export interface SmallestSet {
  readonly eventIds: readonly string[]
  /** No smaller set among the events tried does it. False: nothing can be put back, but another set may be smaller. */
  readonly isSmallest: boolean
}

/**
 * Looks for the smallest set of events without which an alert falls. Yields sets to leave out and is told whether it falls; so
 * it folds nothing itself and its caller may pause between tries. Tries every set by size until `most` tries are used up, then
 * takes all away and puts back what is not needed. Null: it stands without all of them, on something they are no part of.
 */
export function* smallestSet(
  candidates: readonly string[],
  most = 200,
): Generator<readonly string[], SmallestSet | null, boolean> {
  if (candidates.length === 0 || !(yield candidates)) return null
  let tries = 1
  for (let size = 1; size < candidates.length; size += 1) {
    for (const some of setsOf(candidates, size)) {
      if (tries >= most) return yield* reduced(candidates)
      tries += 1
      if (yield some) return { eventIds: some, isSmallest: true }
    }
  }
  return { eventIds: candidates, isSmallest: true }
}

/** Puts back one after the other what the alert stays down without. */
function* reduced(candidates: readonly string[]): Generator<readonly string[], SmallestSet, boolean> {
  let left = candidates
  for (const candidate of candidates) {
    const fewer = left.filter((one) => one !== candidate)
    if (fewer.length > 0 && (yield fewer)) left = fewer
  }
  return { eventIds: left, isSmallest: left.length === 1 }
}

/** Every set of a size, in the order of the list. */
function* setsOf(list: readonly string[], size: number): Generator<readonly string[]> {
  if (size === 0) yield []
  else
    for (const [i, first] of list.entries())
      for (const rest of setsOf(list.slice(i + 1), size - 1)) yield [first, ...rest]
}
