import type { Millis } from './event.ts'
import type { Step } from './step.ts'

/** A thing an agent does, and in how many of its chains, lately more than long ago. */
export interface Habit {
  readonly name: string
  readonly weight: number
  /** The day of the last of those chains, UTC. */
  readonly lastDay: Millis
}

/** What is usual for one agent, as far as its steps tell. */
export interface AgentUsual {
  /** Chains that taught, and those that did not. */
  readonly taught: number
  readonly untaught: readonly { readonly workflowId: string; readonly why: string }[]
  /** Chains it is at work in, which have not taught yet. */
  readonly open: number
  /** When the first chain that taught began; null before any did. */
  readonly since: Millis | null
  readonly version: string | null
  /** Chains of this version of the agent. What earlier versions did still counts as known. */
  readonly ofVersion: number
  /** The share of its chains that did something new, of late. */
  readonly newsRate: number
  /** The most things one chain touched, forgotten slowly. */
  readonly breadth: number
  /** The most chains that it began in one hour, forgotten slowly. */
  readonly mostChainsAnHour: number
  /** Why nothing is judged by it yet; null when it is. */
  readonly coldBecause: string | null
  /** By what is counted, the most usual first. */
  readonly habits: Readonly<Record<string, readonly Habit[]>>
}

/** Learns from the steps of an agent, in event-time order. */
export interface AgentLearner {
  take(step: Step): void
  usual(): AgentUsual
}
