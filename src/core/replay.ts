import type { Authority } from './authority.ts'
import type { Finding } from './finding.ts'
import type { Step } from './step.ts'

/** One step of a replayed path: what each detector knew and what the chain scored, before and after it. */
export interface ReplayFrame {
  readonly step: Step
  readonly authority: Authority
  readonly scoreBefore: number
  readonly scoreAfter: number
  /** By detector id, after this step. Only detectors that were shown the step. */
  readonly states: Readonly<Record<string, unknown>>
  /** By detector id, before this step. */
  readonly statesBefore: Readonly<Record<string, unknown>>
  /** Findings raised or replaced by this step. */
  readonly findings: readonly Finding[]
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
