import type { ClickHouseClient } from '@clickhouse/client'
import type { Alert, ChainSummary, Coverage, CredentialSummary } from '../../core/index.ts'
import type { ListQuery, Page, RejectedRow } from '../../ports/index.ts'
import { readCursor, writeCursor } from './cursor.ts'
import {
  ALERT_FILTERS,
  CHAIN_FILTERS,
  COVERAGE_FILTERS,
  CREDENTIAL_FILTERS,
  conditionsOf,
  type Filters,
  LAST_REVISION,
  REJECTED_FILTERS,
} from './list-filters.ts'
import { select } from './select.ts'

/** One list of the reader: where its items are, how they are sorted and narrowed, and what they are read from. */
export interface List<Item, Stored> {
  /** The table; also the name in cursors. */
  readonly table: string
  readonly time: string
  readonly id: string
  readonly columns: string
  readonly filters: Filters
  readonly always?: string
  readonly itemOf: (row: Stored) => Item
}

export const CHAINS: List<ChainSummary, { chain: string }> = {
  table: 'chains',
  time: 'last_at',
  id: 'workflow_id',
  columns: 'chain',
  filters: CHAIN_FILTERS,
  itemOf: ({ chain }) => JSON.parse(chain) as ChainSummary,
}

export const ALERTS: List<Alert, { alert: string }> = {
  table: 'alerts',
  time: 'last_at',
  id: 'alert_id',
  columns: 'alert',
  filters: ALERT_FILTERS,
  always: LAST_REVISION,
  itemOf: ({ alert }) => JSON.parse(alert) as Alert,
}

export const CREDENTIALS: List<CredentialSummary, { credential: string }> = {
  table: 'credentials',
  time: 'last_at',
  id: 'credential_id',
  columns: 'credential',
  filters: CREDENTIAL_FILTERS,
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
  filters: COVERAGE_FILTERS,
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
  filters: REJECTED_FILTERS,
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

interface Key {
  readonly key_at: number | string
  readonly key_id: string
  readonly key_tenant: string
}

/** One page, newest first, then by id, then by tenant. */
export async function listPage<Item, Stored extends object>(
  client: ClickHouseClient,
  list: List<Item, Stored>,
  query: ListQuery,
): Promise<Page<Item>> {
  const { table, time, id, columns } = list
  const { conditions, params } = conditionsOf(query, time, list.filters)
  const after = query.cursor === undefined ? null : readCursor(table, ['number', 'text', 'text'], query.cursor)
  const all = [list.always ?? 'true', ...conditions, ...(after === null ? [] : [afterKey(time, id)])]
  const rows = await select<Stored & Key>(
    client,
    `SELECT ${columns}, toUnixTimestamp64Milli(${time}) AS key_at, ${id} AS key_id, tenant AS key_tenant
    FROM ${table} FINAL WHERE ${all.map((one) => `(${one})`).join(' AND ')}
    ORDER BY ${time} DESC, ${id}, tenant LIMIT {limit:UInt32}`,
    { ...params, ...(after === null ? {} : keyParams(after)), limit: query.limit + 1 },
  )
  return pageOf(rows, query.limit, list.itemOf, ({ key_at, key_id, key_tenant }) =>
    writeCursor(table, [Number(key_at), key_id, key_tenant]),
  )
}

const afterKey = (time: string, id: string): string =>
  `${time} < fromUnixTimestamp64Milli({afterAt:Int64}, 'UTC') OR (${time} = fromUnixTimestamp64Milli({afterAt:Int64}, 'UTC')
   AND (${id}, tenant) > ({afterId:String}, {afterTenant:String}))`

const keyParams = ([at = 0, id = '', tenant = '']: readonly (string | number)[]) => ({
  afterAt: String(at),
  afterId: id,
  afterTenant: tenant,
})

/** A page from one row more than it holds: the extra one only says that there is a next page. */
export function pageOf<Item, Stored>(
  rows: readonly Stored[],
  limit: number,
  itemOf: (row: Stored) => Item,
  cursorOf: (row: Stored) => string,
): Page<Item> {
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  return {
    items: shown.map(itemOf),
    cursor: rows.length > limit && last !== undefined ? cursorOf(last) : null,
  }
}
