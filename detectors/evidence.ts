import {
  digestOf,
  type Evidence,
  isAtLeast,
  refTo,
  type Severity,
  type Step,
  type StepRef,
  worse,
} from '../src/core/index.ts'
import { remembered } from './remembered.ts'

/** Steps that one story cites at most; about 350 bytes each. */
export const MAX_CITED = 12
const KEPT_FIRST = 6
const MAX_LABEL = 160

/** A step to remember, with its label cut to 160 characters: no name of a resource can swell a state. */
export function refOf(step: Step): StepRef {
  const ref = refTo(step)
  return ref.label.length <= MAX_LABEL ? ref : { ...ref, label: `${ref.label.slice(0, MAX_LABEL - 1)}…` }
}

/**
 * Adds steps to a story. At its bound the first six stay, and the newest takes the place of the oldest of the rest: how
 * it began and what came last are always told. The event `kept` stays too. A step already cited in the same part is not cited again.
 */
export function addEvidence(
  evidence: readonly Evidence[],
  kept: string | null,
  ...more: readonly Evidence[]
): readonly Evidence[] {
  const all = [...evidence]
  for (const one of more) {
    if (all.some(({ eventId, role }) => eventId === one.eventId && role === one.role)) continue
    if (all.length >= MAX_CITED) all.splice(all[KEPT_FIRST]?.eventId === kept ? KEPT_FIRST + 1 : KEPT_FIRST, 1)
    all.push(one)
  }
  return all
}

/** What one story cites so far, how severe it is, and by which event it became so. */
export interface Cited {
  readonly evidence: readonly Evidence[]
  readonly severity: Severity
  readonly worst: string | null
}

export const NOTHING_CITED: Cited = { evidence: [], severity: 'info', worst: null }

/**
 * Adds a step of a severity, and what goes with it, to a story. The last of `more` is that step. The event that made the
 * story as severe as it is stays cited, however many others follow: nobody can flood it away.
 */
export function citeMore({ evidence, severity, worst }: Cited, now: Severity, ...more: readonly Evidence[]): Cited {
  const isWorse = !isAtLeast(severity, now)
  const kept = isWorse ? (more.at(-1)?.eventId ?? null) : worst
  return { evidence: addEvidence(evidence, kept, ...more), severity: worse(severity, now), worst: kept }
}

/** What a story is told with: steps that explain it and are not cited in it, then what it cites. */
export const withContext = (context: readonly Evidence[], evidence: readonly Evidence[]): readonly Evidence[] => [
  ...context.filter(({ eventId }) => evidence.every((one) => one.eventId !== eventId)),
  ...evidence,
]

/** `digestOf`, with its answers remembered. */
export const digest: (text: string) => string = remembered(digestOf)

/** The first half of `digestOf`, for names of steps, which come once. */
export function digestHalf(text: string): string {
  let a = 0x811c9dc5
  for (let i = 0; i < text.length; i += 1) a = Math.imul(a ^ text.charCodeAt(i), 0x01000193)
  return (a >>> 0).toString(36)
}
