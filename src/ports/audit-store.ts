import type { TextMatch } from '../core/index.ts'
import type { Page } from './page.ts'

/** One row of the audit log: what a caller read or did. */
export interface AuditRow {
  /** Of the process that wrote it. */
  readonly chain: string
  /** From 1, without gaps, within its chain. */
  readonly number: number
  /** Milliseconds since the epoch. */
  readonly at: number
  /** Whose data it was about; null for every tenant's. */
  readonly tenant: string | null
  /** Kind and id of the caller: `key/q0Zt3XnB81Lw`. */
  readonly actor: string
  readonly role: string
  /** The operation, as the API document names it; `audit.open` for the first row of a chain. */
  readonly action: string
  /** What was asked for: method, path and query. */
  readonly target: string
  /** HTTP status of the answer; 0 where there was none. */
  readonly status: number
  /** JSON text: what else there is to say. */
  readonly detail: string
  /** Hash of the row before; empty for the first. */
  readonly before: string
  readonly hash: string
}

/** Where a chain ends. */
export type AuditHead = Pick<AuditRow, 'chain' | 'number' | 'hash'>

/** What the audit log is narrowed by; what is left out narrows nothing. Times are milliseconds since the epoch, `until` exclusive. */
export interface AuditQuery {
  readonly tenant?: string | undefined
  readonly since?: number | undefined
  readonly until?: number | undefined
  readonly actor?: TextMatch | undefined
  readonly action?: string | undefined
  readonly httpStatus?: number | undefined
  readonly limit: number
  /** As in `ListQuery`. */
  readonly cursor?: string | undefined
}

/** Where the audit log is kept: rows are added, and nothing else. Throws what `ChainStore` throws when the store is away. */
export interface AuditStore {
  /** Adding the same rows twice leaves what once leaves. */
  appendAudit(rows: readonly AuditRow[]): Promise<void>
  /** Of one chain, those after a number, in order. */
  auditRows(chain: string, after: number, limit: number): Promise<readonly AuditRow[]>
  /** Of every chain, newest first. */
  audit(query: AuditQuery): Promise<Page<AuditRow>>
  /** The last row of each chain, by its name. */
  auditHeads(): Promise<readonly AuditHead[]>
}
