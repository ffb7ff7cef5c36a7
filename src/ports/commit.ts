import type { Alert, ChainSummary, Coverage, CredentialSummary, Edge, Finding, Step } from '../core/index.ts'
import type { Origin, Rejection } from './decode.ts'

/** A step as it is stored: revised rows of one (tenant, source, event id) replace each other by `revision`. */
export interface StepRow {
  readonly step: Step
  readonly origin: Origin | null
  /** Milliseconds since the epoch on the clock of this process. */
  readonly arrivedAt: number
  readonly late: boolean
  readonly clockSkew: boolean
  /** Grows each time the step is stored again (it moved to another chain). */
  readonly revision: number
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
  readonly revision: number
}

export interface RejectedRow extends Rejection {
  readonly origin: Origin
  readonly at: number
  /** The record, whole, secrets replaced; null where it could not be kept. */
  readonly raw: string | null
}

/** The packed state of a fold, opaque to the store: enough to go on folding. */
export interface TrackRow {
  /** `chain/<tenant>/<workflow id>`, `credential/<tenant>/<id>`, … */
  readonly key: string
  readonly open: boolean
  readonly lastAt: number
  readonly revision: number
  /** JSON text. */
  readonly state: string
}

/** All that one batch changed. Saving the same commit twice must leave what saving it once leaves. */
export interface Commit {
  readonly steps: readonly StepRow[]
  readonly edges: readonly EdgeRow[]
  readonly findings: readonly FindingRow[]
  readonly alerts: readonly Alert[]
  readonly credentials: readonly CredentialSummary[]
  readonly coverage: readonly (Coverage & { readonly id: string })[]
  readonly rejected: readonly RejectedRow[]
  readonly chains: readonly ChainSummary[]
  /** Written last: they are the receipt for everything before them. */
  readonly tracks: readonly TrackRow[]
}
