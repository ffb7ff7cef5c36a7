import type { Alert, ChainSummary, Coverage, CredentialSummary, Severity } from '../core/index.ts'
import type { Commit, EdgeRow, FindingRow, RejectedRow, StepRow, TrackRow } from './commit.ts'

/**
 * The writing side: what the runtime needs.
 * - `save` twice with one commit leaves what once leaves. It writes tracks last.
 * - Throws `CatenaryError` `CAT_STORE_UNAVAILABLE` (retry later) or `CAT_STORE_REJECTED` (never), with the cause.
 */
export interface ChainStore {
  save(commit: Commit): Promise<void>
  /** The latest revision of each; keys never saved are left out. */
  loadTracks(keys: readonly string[]): Promise<readonly TrackRow[]>
  /** Every track still open, for start-up. */
  loadOpenTracks(): Promise<readonly TrackRow[]>
  close(): Promise<void>
}

/** Time bounds are event time, milliseconds; `until` is exclusive. */
export interface ListQuery {
  readonly tenant?: string | undefined
  readonly since?: number | undefined
  readonly until?: number | undefined
  readonly agent?: string | undefined
  readonly principal?: string | undefined
  readonly credential?: string | undefined
  readonly tool?: string | undefined
  readonly detector?: string | undefined
  readonly workflow?: string | undefined
  readonly status?: string | undefined
  readonly minSeverity?: Severity | undefined
  readonly minScore?: number | undefined
  readonly limit: number
  /** Opaque; from the page before. */
  readonly cursor?: string | undefined
}

/** Newest first by last event time, then id. `cursor` is null on the last page. */
export interface Page<T> {
  readonly items: readonly T[]
  readonly cursor: string | null
}

/** The reading side: what the API needs. Latest revisions only; one unknown is null, never a throw. */
export interface ChainReader {
  chains(query: ListQuery): Promise<Page<ChainSummary>>
  chain(tenant: string, workflowId: string): Promise<ChainSummary | null>
  /** In event-time order. */
  steps(tenant: string, workflowId: string): Promise<readonly StepRow[]>
  edges(tenant: string, workflowId: string): Promise<readonly EdgeRow[]>
  findings(tenant: string, workflowId: string): Promise<readonly FindingRow[]>
  alerts(query: ListQuery): Promise<Page<Alert>>
  alert(tenant: string, alertId: string): Promise<Alert | null>
  /** Every revision of one alert, oldest first. */
  alertHistory(tenant: string, alertId: string): Promise<readonly Alert[]>
  credentials(query: ListQuery): Promise<Page<CredentialSummary>>
  credential(tenant: string, id: string): Promise<CredentialSummary | null>
  coverage(query: ListQuery): Promise<Page<Coverage>>
  rejected(query: ListQuery): Promise<Page<RejectedRow>>
  ping(): Promise<void>
}
