import type { ClickHouseClient } from '@clickhouse/client'
import type { AuditHead, AuditRow, AuditStore } from '../../ports/index.ts'
import { insert } from './insert.ts'
import { timeValue } from './row-values.ts'
import { select } from './select.ts'

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

/** See `AuditStore`. */
export const auditStoreOf = (client: ClickHouseClient): AuditStore => ({
  appendAudit: (rows) =>
    insert(client, {
      table: 'audit_log',
      token: `audit-${rows[0]?.chain}-${rows[0]?.number}-${rows.at(-1)?.number}`,
      rows: rows.map(rowOf),
    }),
  async auditRows(chain, after, limit) {
    const query = `SELECT chain, number, toUnixTimestamp64Milli(at) AS ms, tenant, actor, role, action, target, status, detail, before, hash
      FROM audit_log FINAL WHERE chain = {chain:String} AND number > {after:UInt64} ORDER BY number LIMIT {limit:UInt32}`
    const rows = await select<Stored>(client, query, { chain, after: String(after), limit })
    return rows.map(({ number, ms, tenant, ...row }) => ({
      ...row,
      number: Number(number),
      at: Number(ms),
      tenant: tenant === '' ? null : tenant,
    }))
  },
  async auditHeads() {
    const query =
      'SELECT chain, max(number) AS last, argMax(hash, number) AS end FROM audit_log FINAL GROUP BY chain ORDER BY chain'
    const rows = await select<{ chain: string; last: number | string; end: string }>(client, query)
    return rows.map(({ chain, last, end }): AuditHead => ({ chain, number: Number(last), hash: end }))
  },
})
