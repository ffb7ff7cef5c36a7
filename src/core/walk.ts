import type { Edge } from './chain.ts'
import type { Step } from './step.ts'

/** `forward`: what came of a step. `back`: what led to it. */
export type Direction = 'forward' | 'back'

/** A step by its workflow and its id there. */
export interface StepName {
  readonly workflowId: string
  readonly stepId: string
}

/** That something of one step reached another, in the same workflow or in another one. */
export interface Flow extends Pick<Edge, 'type' | 'grade' | 'rule' | 'confidence'> {
  readonly from: StepName
  readonly to: StepName
  /** The credential that went over, or the agent that the work was given to; null where only an order is known. */
  readonly carries: string | null
}

export interface Walk {
  readonly direction: Direction
  readonly start: Step
  /** All that were reached, the one it started from among them, in event-time order. */
  readonly steps: readonly Step[]
  readonly flows: readonly Flow[]
  /** There is more than was walked. */
  readonly isCut: boolean
}
