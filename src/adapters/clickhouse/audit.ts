import type { ClickHouseClient } from '@clickhouse/client'
import type { AuditHead, AuditQuery, AuditRow, AuditStore } from '../../ports/index.ts'
import { insert } from './insert.ts'
import { boundsOf, filtersOf } from './list-filters.ts'
import { type List, listPage } from './list-page.ts'
import { timeValue } from './row-values.ts'
import { select } from './select.ts'
import { equal } from './text-conditions.ts'

const COLUMNS =
  'chain, number, toUnixTimestamp64Milli(at) AS ms, tenant, actor, role, action, target, status, detail, before, hash'

const LOG: List<AuditRow, Stored, AuditQuery> = {
  table: 'audit_log',
  time: 'at',
  id: "concat(chain, '/', leftPad(toString(number), 20, '0'))",
  columns: COLUMNS,
  conditions: ({ tenant, since, until, actor, action, httpStatus }, time) => {
    const within = boundsOf({ tenant, since, until }, time)
    const own = filtersOf({ actor, action, status: httpStatus === undefined ? undefined : String(httpStatus) }, ASKED)
    return {
      conditions: [...within.conditions, ...own.conditions],
      params: { ...within.params, ...own.params },
    }
  },
  itemOf: (row) => rowOfStored(row),
}

interface Stored extends Omit<AuditRow, 'number' | 'at' | 'tenant'> {
  readonly number: number | string
  readonly ms: number | string
  readonly tenant: string
}

const rowOf = ({ chain, number, at, tenant, actor, role, action, target, status, detail, before, hash }: AuditRow) => ({
  chain,
  number,
  at: timeValue(at),
  tenant: tenant ?? '',
  actor,
  role,
  action,
  target,
  status,
  detail,
  before,
  hash,
})

const ASKED = { actor: equal('actor'), action: equal('action'), status: equal('toString(status)') }

const rowOfStored = ({
  chain,
  number,
  ms,
  tenant,
  actor,
  role,
  action,
  target,
  status,
  detail,
  before,
  hash,
}: Stored): AuditRow => ({
  chain,
  number: Number(number),
  at: Number(ms),
  tenant: tenant === '' ? null : tenant,
  actor,
  role,
  action,
  target,
  status,
  detail,
  before,
  hash,
})

/** See `AuditStore`. */
export const auditStoreOf = (client: ClickHouseClient): AuditStore => ({
  appendAudit: (rows) =>
    insert(client, {
      table: 'audit_log',
      token: `audit-${rows[0]?.chain}-${rows[0]?.number}-${rows.at(-1)?.number}`,
      rows: rows.map(rowOf),
    }),
  async auditRows(chain, after, limit) {
    const query = `SELECT ${COLUMNS}
      FROM audit_log FINAL WHERE chain = {chain:String} AND number > {after:UInt64} ORDER BY number LIMIT {limit:UInt32}`
    const rows = await select<Stored>(client, query, { chain, after: String(after), limit })
    return rows.map(rowOfStored)
  },
  audit: (query) => listPage(client, LOG, query),
  async auditHeads() {
    const query =
      'SELECT chain, max(number) AS last, argMax(hash, number) AS end FROM audit_log FINAL GROUP BY chain ORDER BY chain'
    const rows = await select<{ chain: string; last: number | string; end: string }>(client, query)
    return rows.map(({ chain, last, end }): AuditHead => ({ chain, number: Number(last), hash: end }))
  },
})
