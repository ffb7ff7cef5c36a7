import type { EventKind, Millis } from '../core/index.ts'
import type { Test } from './condition.ts'

/** A rule made ready to run. */
export type Plan = BasePlan | CorrelationPlan

export interface BasePlan {
  readonly what: 'base'
  readonly name: string
  readonly kinds: readonly EventKind[]
  readonly test: Test
  readonly fields: readonly string[]
}

export interface CorrelationPlan {
  readonly what: 'correlation'
  readonly name: string
  readonly type: 'event_count' | 'value_count' | 'temporal' | 'temporal_ordered'
  readonly inputs: readonly Plan[]
  /** By input, the path of each field it is grouped by. */
  readonly groupBy: readonly (readonly (readonly string[])[])[]
  /** How the groups are told: `agent.id`. */
  readonly groupNames: readonly string[]
  /** The field whose values are counted; empty where none is. */
  readonly field: readonly string[]
  readonly timespanMs: Millis
  readonly timespan: string
  readonly condition: Condition
}

/** What a count must be. */
export interface Condition {
  readonly min: number
  /** Infinity where no more is too much. */
  readonly max: number
}

export const holds = ({ min, max }: Condition, count: number): boolean => count >= min && count <= max

/** Whether more can only help: then it is told at once, else when the time is over. */
export const isOpen = ({ max }: Condition): boolean => max === Number.POSITIVE_INFINITY

/** All correlations of a plan, itself first. */
export const correlationsOf = (plan: Plan): readonly CorrelationPlan[] =>
  plan.what === 'base' ? [] : [plan, ...plan.inputs.flatMap(correlationsOf)]

/** All base rules of a plan. */
export const basesOf = (plan: Plan): readonly BasePlan[] =>
  plan.what === 'base' ? [plan] : plan.inputs.flatMap(basesOf)
