import { randomUUID } from 'node:crypto'
import type { ClickHouseClient } from '@clickhouse/client'
import type { Alert } from '../../core/index.ts'
import type { Delivery, DeliveryQuery, DeliveryState, Outbox, Parcel, Standing } from '../../ports/index.ts'
import { insert, type Row } from './insert.ts'
import { timeValue } from './row-values.ts'
import { select } from './select.ts'

/** The outbox in the table `deliveries`. */
export const outboxOf = (client: ClickHouseClient): Outbox => ({
  deliveries: (query) => deliveriesOf(client, query),
  parcels: (deliveries) => parcelsOf(client, deliveries),
  deliveriesOf: (tenant, alertIds) => deliveriesOfAlerts(client, tenant, alertIds),
  record: (deliveries) =>
    insert(client, { table: 'deliveries', rows: deliveries.map(rowOfDelivery), token: randomUUID() }),
  standing: () => standingOf(client),
})

export const rowOfDelivery = (delivery: Delivery): Row => ({
  tenant: delivery.tenant,
  alert_id: delivery.alertId,
  revision: delivery.revision,
  destination: delivery.destination,
  sequence: delivery.sequence,
  workflow_id: delivery.workflowId,
  state: delivery.state,
  only_if_told: delivery.onlyIfTold ? 1 : 0,
  queued_at: timeValue(delivery.queuedAt),
  attempts: delivery.attempts,
  error: delivery.error,
  changed_at: delivery.changedAt,
})

interface StoredDelivery {
  readonly tenant: string
  readonly alert_id: string
  readonly revision: number
  readonly destination: string
  readonly sequence: number | string
  readonly workflow_id: string
  readonly state: DeliveryState
  readonly only_if_told: number
  readonly queued: number | string
  readonly attempts: number
  readonly error: string | null
  readonly changed_at: number | string
}

const deliveryOf = (row: StoredDelivery): Delivery => ({
  destination: row.destination,
  tenant: row.tenant,
  alertId: row.alert_id,
  revision: row.revision,
  workflowId: row.workflow_id,
  sequence: Number(row.sequence),
  state: row.state,
  onlyIfTold: row.only_if_told === 1,
  queuedAt: Number(row.queued),
  attempts: row.attempts,
  error: row.error,
  changedAt: Number(row.changed_at),
})

const COLUMNS = `tenant, alert_id, revision, destination, sequence, workflow_id, state, only_if_told,
     toUnixTimestamp64Milli(queued_at) AS queued, attempts, error, changed_at`

async function deliveriesOfAlerts(
  client: ClickHouseClient,
  tenant: string,
  alertIds: readonly string[],
): Promise<readonly Delivery[]> {
  if (alertIds.length === 0) return []
  const query = `SELECT ${COLUMNS} FROM deliveries FINAL PREWHERE tenant = {tenant:String} AND alert_id IN {ids:Array(String)}`
  return (await select<StoredDelivery>(client, query, { tenant, ids: alertIds })).map(deliveryOf)
}

/** The rows that ever had the state are found by its index; which of them have it still, by their key. */
async function deliveriesOf(
  client: ClickHouseClient,
  { destination, state, limit, after }: DeliveryQuery,
): Promise<readonly Delivery[]> {
  const params = {
    destination,
    state,
    limit,
    ...(after === undefined
      ? {}
      : { sequence: String(after.sequence), tenant: after.tenant, id: after.alertId, revision: after.revision }),
  }
  const rows = await select<StoredDelivery>(
    client,
    `SELECT ${COLUMNS}
     FROM deliveries FINAL
     WHERE (tenant, alert_id, revision, destination) IN
       (SELECT tenant, alert_id, revision, destination FROM deliveries
        WHERE destination = {destination:String} AND state = {state:String})
     AND state = {state:String}
     ${after === undefined ? '' : 'AND (sequence, tenant, alert_id, revision) > ({sequence:UInt64}, {tenant:String}, {id:String}, {revision:UInt32})'}
     ORDER BY sequence, tenant, alert_id, revision LIMIT {limit:UInt32}`,
    params,
  )
  return rows.map(deliveryOf)
}

async function parcelsOf(
  client: ClickHouseClient,
  deliveries: readonly Delivery[],
): Promise<readonly (Parcel | 'unstored' | 'untold')[]> {
  if (deliveries.length === 0) return []
  const [alerts, told] = await Promise.all([alertsOf(client, deliveries), toldOf(client, deliveries)])
  return deliveries.map((delivery) => {
    const { tenant, alertId, revision, onlyIfTold } = delivery
    const alert = alerts.get(keyOf(tenant, alertId, revision))
    if (alert === undefined) return 'unstored'
    if (onlyIfTold && (told.get(keyOf(tenant, alertId)) ?? revision) >= revision) return 'untold'
    return { delivery, alert, previousStatus: alerts.get(keyOf(tenant, alertId, revision - 1))?.status ?? null }
  })
}

const keyOf = (...parts: readonly (string | number)[]): string => JSON.stringify(parts)

const OF_ALERTS = 'tenant IN {tenants:Array(String)} AND alert_id IN {ids:Array(String)}'

const paramsOf = (deliveries: readonly Delivery[]) => ({
  tenants: [...new Set(deliveries.map(({ tenant }) => tenant))],
  ids: [...new Set(deliveries.map(({ alertId }) => alertId))],
})

/** The revisions that are to be sent and those before them. */
async function alertsOf(
  client: ClickHouseClient,
  deliveries: readonly Delivery[],
): Promise<ReadonlyMap<string, Alert>> {
  const rows = await select<{ alert: string }>(
    client,
    `SELECT alert FROM alerts FINAL WHERE ${OF_ALERTS} AND revision IN {revisions:Array(String)}`,
    {
      ...paramsOf(deliveries),
      revisions: [...new Set(deliveries.flatMap(({ revision }) => [String(revision), String(revision - 1)]))],
    },
  )
  const alerts = rows.map(({ alert }) => JSON.parse(alert) as Alert)
  return new Map(alerts.map((alert) => [keyOf(alert.tenant, alert.id, alert.revision), alert]))
}

/** Of each alert that is to be sent only if the receiver heard of it, the first revision that it heard of. */
async function toldOf(client: ClickHouseClient, deliveries: readonly Delivery[]): Promise<ReadonlyMap<string, number>> {
  const asked = deliveries.filter(({ onlyIfTold }) => onlyIfTold)
  const [first] = asked
  if (first === undefined) return new Map()
  const rows = await select<{ tenant: string; alert_id: string; first: number }>(
    client,
    `SELECT tenant, alert_id, min(revision) AS first FROM deliveries FINAL
     WHERE ${OF_ALERTS} AND destination = {destination:String} AND state NOT IN ('left', 'silenced') GROUP BY tenant, alert_id`,
    { ...paramsOf(asked), destination: first.destination },
  )
  return new Map(rows.map(({ tenant, alert_id, first }) => [keyOf(tenant, alert_id), first]))
}

interface StoredStanding {
  readonly destination: string
  readonly pending: number | string
  readonly delivered: number | string
  readonly dead: number | string
  readonly silenced: number | string
  readonly oldest: number | string
  readonly last_error: string
}

async function standingOf(client: ClickHouseClient): Promise<readonly Standing[]> {
  const rows = await select<StoredStanding>(
    client,
    `SELECT destination, countIf(state = 'pending') AS pending, countIf(state = 'delivered') AS delivered,
     countIf(state = 'dead') AS dead, countIf(state = 'silenced') AS silenced, minIf(toUnixTimestamp64Milli(queued_at), state = 'pending') AS oldest,
     argMaxIf(ifNull(error, ''), changed_at, error IS NOT NULL AND state IN ('pending', 'dead')) AS last_error
     FROM deliveries FINAL GROUP BY destination ORDER BY destination`,
  )
  return rows.map(({ destination, pending, delivered, dead, silenced, oldest, last_error }) => ({
    destination,
    pending: Number(pending),
    delivered: Number(delivered),
    dead: Number(dead),
    silenced: Number(silenced),
    oldestAt: Number(pending) === 0 ? null : Number(oldest),
    lastError: last_error === '' ? null : last_error,
  }))
}
