import type { Alert, ChainSummary, Coverage, CredentialSummary } from '../../core/index.ts'
import type { RejectedRow } from '../../ports/index.ts'
import {
  ALERT_FILTERS,
  CHAIN_FILTERS,
  COVERAGE_FILTERS,
  CREDENTIAL_FILTERS,
  conditionsOf,
  lastRevision,
  REJECTED_FILTERS,
} from './list-filters.ts'
import type { List } from './list-page.ts'

export const CHAINS: List<ChainSummary, { chain: string }> = {
  table: 'chains',
  time: 'last_at',
  id: 'workflow_id',
  columns: 'chain',
  conditions: (query, time, scope) => conditionsOf(query, time, { filters: CHAIN_FILTERS, scope }),
  itemOf: ({ chain }) => JSON.parse(chain) as ChainSummary,
}

export const ALERTS: List<Alert, { alert: string }> = {
  table: 'alerts',
  time: 'last_at',
  id: 'alert_id',
  columns: 'alert',
  conditions: (query, time, scope) => conditionsOf(query, time, { filters: ALERT_FILTERS, scope }),
  always: lastRevision,
  itemOf: ({ alert }) => JSON.parse(alert) as Alert,
}

export const CREDENTIALS: List<CredentialSummary, { credential: string }> = {
  table: 'credentials',
  time: 'last_at',
  id: 'credential_id',
  columns: 'credential',
  conditions: (query, time, scope) => conditionsOf(query, time, { filters: CREDENTIAL_FILTERS, scope }),
  itemOf: ({ credential }) => JSON.parse(credential) as CredentialSummary,
}

interface StoredCoverage extends Omit<Coverage, 'at' | 'workflowId'> {
  readonly key_at: number | string
  readonly workflow_id: string | null
}

export const COVERAGE: List<Coverage, StoredCoverage> = {
  table: 'coverage',
  time: 'at',
  id: 'id',
  columns: 'tenant, workflow_id, what, detector, detail',
  conditions: (query, time, scope) => conditionsOf(query, time, { filters: COVERAGE_FILTERS, scope }),
  itemOf: ({ tenant, key_at, workflow_id, what, detector, detail }) => ({
    tenant,
    at: Number(key_at),
    workflowId: workflow_id,
    what,
    detector,
    detail,
  }),
}

interface StoredRejected extends Omit<RejectedRow, 'at' | 'origin'> {
  readonly key_at: number | string
  readonly origin_file: string
  readonly origin_line: number | string
}

export const REJECTED: List<RejectedRow, StoredRejected> = {
  table: 'rejected',
  time: 'at',
  id: 'id',
  columns: 'id, tenant, reason, path, message, origin_file, origin_line, raw',
  conditions: (query, time, scope) => conditionsOf(query, time, { filters: REJECTED_FILTERS, scope }),
  itemOf: ({ id, tenant, key_at, reason, path, message, origin_file, origin_line, raw }) => ({
    id,
    tenant,
    reason,
    path,
    message,
    origin: { file: origin_file, line: Number(origin_line) },
    at: Number(key_at),
    raw,
  }),
}
