import type {
  AgentEvent,
  Alert,
  Attribution,
  ChainSummary,
  Coverage,
  CredentialSummary,
  Edge,
  Finding,
  HeartbeatEvent,
  Link,
  Step,
} from '../core/index.ts'
import type { Origin, Rejection } from './decode.ts'
import type { Delivery } from './delivery.ts'
import type { Fact } from './fact.ts'

/** A step as it is stored. Its place is (tenant, workflow id, event time, source, event id). */
export interface StepRow {
  readonly step: Step
  readonly origin: Origin | null
  /** Milliseconds since the epoch on the clock of this process. */
  readonly arrivedAt: number
  readonly late: boolean
  readonly clockSkew: boolean
  /** The threads that show the step, as track keys (`credential/<tenant>/<id>`): a thread is rebuilt from these. */
  readonly threads: readonly string[]
  /** The step stands here no longer: it moved to another chain, or became one step with its call. */
  readonly isGone: boolean
}

/** A fact that one chain was told by another: a hand-off, a child's start, a parent's end. */
export interface LinkRow {
  readonly tenant: string
  /** The chain that was told. */
  readonly workflowId: string
  readonly link: Link
  readonly event: AgentEvent
  readonly attribution: Attribution
  /** Only feeds other chains; detectors do not see it. */
  readonly isHidden: boolean
}

export interface EdgeRow extends Edge {
  readonly tenant: string
  readonly workflowId: string
}

/** A finding with its standing: `retracted` when a late event made it fall. */
export interface FindingRow {
  readonly finding: Finding
  readonly status: 'open' | 'retracted'
  readonly reason: string | null
}

/** What is shown of a credential, and what the engine needs to go on with it. */
export interface CredentialRow extends CredentialSummary {
  /** JSON text, opaque to the store; empty of an engine with no store behind. */
  readonly state: string
}

export interface CoverageRow extends Coverage {
  readonly id: string
}

/**
 * What a thread knows after its first steps, up to one: who takes the thread back goes on from there and need not have them. It
 * outlives them in the store.
 */
export interface CheckpointRow {
  readonly tenant: string
  /** The thread's key: `agent/<tenant>/<id>`. */
  readonly thread: string
  /** The event time of the last step within, in milliseconds since the epoch. No step before that is to come. */
  readonly until: number
  /** Whose knowledge it is: equal text, equal detectors with equal settings. */
  readonly readers: string
  /** JSON text, opaque to the store. */
  readonly state: string
}

/** A heartbeat as it is stored: its identity is (tenant, source, event id). It belongs to no chain. */
export interface HeartbeatRow {
  readonly event: HeartbeatEvent
  /** Milliseconds since the epoch on the arrival clock. */
  readonly arrivedAt: number
}

export interface RejectedRow extends Rejection {
  /** Equal records refused at one origin for one reason have one id. */
  readonly id: string
  readonly tenant: string
  readonly origin: Origin
  /** Milliseconds since the epoch on the arrival clock. */
  readonly at: number
  /** The record, whole, secrets replaced; null where it could not be kept. */
  readonly raw: string | null
}

/**
 * All that one batch changed. Saving the same commit twice must leave what saving it once leaves. Every row but an
 * alert's replaces an earlier row of the same identity when its commit has the higher `sequence`; alerts keep every
 * revision.
 */
export interface Commit {
  /** Grows with every commit, over restarts too. */
  readonly sequence: number
  readonly steps: readonly StepRow[]
  readonly links: readonly LinkRow[]
  readonly edges: readonly EdgeRow[]
  readonly findings: readonly FindingRow[]
  readonly alerts: readonly Alert[]
  readonly credentials: readonly CredentialRow[]
  readonly coverage: readonly CoverageRow[]
  readonly rejected: readonly RejectedRow[]
  readonly heartbeats: readonly HeartbeatRow[]
  /** Threads as they stand; the latest of each counts. */
  readonly checkpoints?: readonly CheckpointRow[]
  /** What goes to the owners of other chains and threads once the rest is stored. None where all are folded here. */
  readonly facts?: readonly Fact[]
  /** Alerts that were handed out before and may not have left: sent again, not stored again. */
  readonly retold?: readonly Alert[]
  /** Where the alerts are to be sent. Written before these; what became of a delivery since is not undone. */
  readonly deliveries?: readonly Delivery[]
  /** Written last: they are the receipt for everything before them. A chain of no events is gone. */
  readonly chains: readonly ChainSummary[]
}

/** The rows of a commit that changed nothing. */
export const NO_ROWS: Omit<Commit, 'sequence'> = {
  steps: [],
  links: [],
  edges: [],
  findings: [],
  alerts: [],
  credentials: [],
  coverage: [],
  rejected: [],
  heartbeats: [],
  chains: [],
}
