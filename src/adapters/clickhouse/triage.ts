import { randomUUID } from 'node:crypto'
import type { ClickHouseClient } from '@clickhouse/client'
import type { AlertAction, AlertVerdict, Severity, TriageStatus } from '../../core/index.ts'
import type { TriageStore } from '../../ports/index.ts'
import { insert } from './insert.ts'
import { timeValue } from './row-values.ts'
import { select } from './select.ts'

/** Of actions with one number the one that was stored first counts. */
const FIRST = 'stored_at, token'

interface Stored {
  readonly tenant: string
  readonly alert_id: string
  readonly number: number
  readonly token: string
  readonly ms: number | string
  readonly actor: string
  readonly status: TriageStatus
  readonly assignee: string
  readonly verdict: AlertVerdict | ''
  readonly reason: string
  readonly note: string
  readonly revision: number
  readonly severity: Severity
  readonly event_ids: readonly string[]
}

const COLUMNS = `tenant, alert_id, number, token, toUnixTimestamp64Milli(at) AS ms, actor, status, assignee, verdict, reason, note,
  revision, severity, event_ids`

/** See `TriageStore`. */
export const triageStoreOf = (client: ClickHouseClient): TriageStore => ({
  async saveAlertAction(action) {
    const token = randomUUID()
    await insert(client, { table: 'alert_actions', token, rows: [{ token, ...rowOf(action) }] })
    const { tenant, alertId: id, number } = action
    const [first] = await select<{ token: string }>(
      client,
      `SELECT token FROM alert_actions FINAL WHERE tenant = {tenant:String} AND alert_id = {id:String} AND number = {number:UInt32}
      ORDER BY ${FIRST} LIMIT 1`,
      { tenant, id, number },
    )
    return first?.token === token
  },
  async alertActions(tenant, id) {
    const query = `SELECT ${COLUMNS} FROM alert_actions FINAL WHERE tenant = {tenant:String} AND alert_id = {id:String}
      ORDER BY number, ${FIRST} LIMIT 1 BY number`
    return (await select<Stored>(client, query, { tenant, id })).map(actionOf)
  },
  async lastAlertActions(alerts) {
    if (alerts.length === 0) return []
    const query = `SELECT ${COLUMNS} FROM alert_actions FINAL WHERE tenant IN {tenants:Array(String)} AND alert_id IN {ids:Array(String)}
      ORDER BY tenant, alert_id, number DESC, ${FIRST} LIMIT 1 BY tenant, alert_id`
    const tenants = [...new Set(alerts.map(({ tenant }) => tenant))]
    const rows = await select<Stored>(client, query, { tenants, ids: alerts.map(({ id }) => id) })
    return rows.map(actionOf)
  },
})

const LAST_ACTION = `SELECT tenant, alert_id, status AS stands, assignee AS whose, severity AS was, event_ids AS knew
  FROM alert_actions FINAL ORDER BY number DESC, ${FIRST} LIMIT 1 BY tenant, alert_id`

/** The alerts whose last action gave them to somebody. */
export const assignedTo = (param: string): string =>
  `(tenant, alert_id) IN (SELECT tenant, alert_id FROM (${LAST_ACTION}) WHERE whose = {${param}:String})`

/** The alerts that stand as asked; as `triageOf` says, one that was closed is open again once it says more. */
export const standingAs = (lastRevision: string, param: string): string => {
  const acted = `SELECT tenant, alert_id, stands FROM (${LAST_ACTION}) AS done INNER JOIN
    (SELECT tenant, alert_id, severity AS is_now, evidence.event_id AS cites FROM alerts FINAL WHERE ${lastRevision}) AS told
    USING (tenant, alert_id)
    WHERE stands != 'open' AND NOT (stands = 'closed' AND (toInt8(is_now) > toInt8(was) OR NOT hasAll(knew, cites)))`
  return `if({${param}:String} = 'open', (tenant, alert_id) NOT IN (SELECT tenant, alert_id FROM (${acted})),
    (tenant, alert_id) IN (SELECT tenant, alert_id FROM (${acted}) WHERE stands = {${param}:String}))`
}

const rowOf = ({ alertId, at, by, assignee, verdict, reason, note, eventIds, ...rest }: AlertAction) => ({
  ...rest,
  alert_id: alertId,
  at: timeValue(at),
  actor: by,
  assignee: assignee ?? '',
  verdict: verdict ?? '',
  reason: reason ?? '',
  note: note ?? '',
  event_ids: eventIds,
})

const orNull = <T extends string>(text: T | ''): T | null => (text === '' ? null : text)

const actionOf = (row: Stored): AlertAction => ({
  tenant: row.tenant,
  alertId: row.alert_id,
  number: row.number,
  at: Number(row.ms),
  by: row.actor,
  status: row.status,
  assignee: orNull(row.assignee),
  verdict: orNull(row.verdict),
  reason: orNull(row.reason),
  note: orNull(row.note),
  revision: row.revision,
  severity: row.severity,
  eventIds: row.event_ids,
})
