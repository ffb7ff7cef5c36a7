import type { After, Delivery, Outbox, Parcel, Standing } from '../../ports/index.ts'
import { keyOf } from './shelf.ts'
import type { Shelves } from './shelves.ts'

/** The outbox over the shelves that `open` gives, or throws for. */
export const outboxOf = (open: () => Shelves): Outbox => ({
  deliveries: async ({ destination, state, limit, after }) =>
    open()
      .deliveries.rows()
      .filter((row) => row.destination === destination && row.state === state)
      .filter((row) => after === undefined || compare(row, after) > 0)
      .sort(compare)
      .slice(0, limit),
  parcels: async (deliveries) => deliveries.map((delivery) => parcelOf(open(), delivery)),
  deliveriesOf: async (tenant, alertIds) => {
    const ids = new Set(alertIds)
    return open()
      .deliveries.rows()
      .filter((row) => row.tenant === tenant && ids.has(row.alertId))
  },
  async record(deliveries) {
    for (const delivery of deliveries) open().deliver(delivery)
  },
  standing: async () => standingOf(open().deliveries.rows()),
})

function compare(a: After, b: After): number {
  if (a.sequence !== b.sequence) return a.sequence - b.sequence
  if (a.tenant !== b.tenant) return a.tenant < b.tenant ? -1 : 1
  if (a.alertId !== b.alertId) return a.alertId < b.alertId ? -1 : 1
  return a.revision - b.revision
}

function parcelOf(shelves: Shelves, delivery: Delivery): Parcel | 'unstored' | 'untold' {
  const { destination, tenant, alertId, revision } = delivery
  const alert = shelves.alerts.get(keyOf(tenant, alertId, revision))
  if (alert === undefined) return 'unstored'
  if (delivery.onlyIfTold && !wasTold(shelves.deliveries.rows(), { destination, tenant, alertId, revision }))
    return 'untold'
  const previousStatus = shelves.alerts.get(keyOf(tenant, alertId, revision - 1))?.status ?? null
  return { delivery, alert, previousStatus }
}

const wasTold = (
  rows: readonly Delivery[],
  { destination, tenant, alertId, revision }: Pick<Delivery, 'destination' | 'tenant' | 'alertId' | 'revision'>,
): boolean =>
  rows.some(
    (row) =>
      row.destination === destination &&
      row.tenant === tenant &&
      row.alertId === alertId &&
      row.revision < revision &&
      row.state !== 'left' &&
      row.state !== 'silenced',
  )

function standingOf(rows: readonly Delivery[]): readonly Standing[] {
  const names = [...new Set(rows.map(({ destination }) => destination))].sort()
  return names.map((destination) => {
    const own = rows.filter((row) => row.destination === destination)
    const count = (state: Delivery['state']): number => own.filter((row) => row.state === state).length
    const waiting = own.filter(({ state }) => state === 'pending').map(({ queuedAt }) => queuedAt)
    const failed = own.filter(({ state, error }) => error !== null && (state === 'pending' || state === 'dead'))
    const last = failed.reduce<Delivery | null>((a, b) => (a !== null && a.changedAt > b.changedAt ? a : b), null)
    return {
      destination,
      pending: count('pending'),
      delivered: count('delivered'),
      dead: count('dead'),
      silenced: count('silenced'),
      oldestAt: waiting.length === 0 ? null : Math.min(...waiting),
      lastError: last?.error ?? null,
    }
  })
}
