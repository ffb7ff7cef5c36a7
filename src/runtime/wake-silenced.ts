import type { Alert } from '../core/index.ts'
import { type ChainReader, type Delivery, type Outbox, pagesOf, type Silencing } from '../ports/index.ts'

export interface WakeParts {
  readonly outbox: Outbox
  readonly reader: Pick<ChainReader, 'alerts'>
  readonly silencing: Pick<Silencing, 'of'>
  readonly destination: string
  readonly owns: (delivery: Delivery) => boolean
  /** Milliseconds since the epoch: the time limit of what is sent now runs from here. */
  readonly now: number
}

const PAGE = 1_000

/**
 * Makes what was silenced and is no longer wait to be sent, and gives it. Of an alert that was told anew since, its last
 * revision alone is sent: the receiver heard of none before it.
 */
export async function wakeSilenced(parts: WakeParts): Promise<readonly Delivery[]> {
  const { outbox, destination, owns } = parts
  const woken: Delivery[] = []
  let after: Delivery | undefined
  for (;;) {
    const page = await outbox.deliveries({ destination, state: 'silenced', limit: PAGE, after })
    const changed = await awake(page.filter(owns), parts)
    if (changed.length > 0) await outbox.record(changed)
    woken.push(...changed.filter(({ state }) => state === 'pending'))
    after = page.at(-1)
    if (page.length < PAGE) return woken
  }
}

async function awake(
  deliveries: readonly Delivery[],
  { outbox, reader, silencing, now }: WakeParts,
): Promise<readonly Delivery[]> {
  const parcels = await outbox.parcels(deliveries)
  const alerts = parcels.flatMap((one) => (typeof one === 'object' ? [one.alert] : []))
  const [silenced, last] = await Promise.all([silencing.of(alerts), lastRevisions(reader, alerts)])
  return parcels.flatMap((parcel, i): Delivery[] => {
    const delivery = deliveries[i] as Delivery
    const changedAt = Math.max(now, delivery.changedAt + 1)
    if (parcel === 'untold') return [{ ...delivery, state: 'left', error: null, changedAt }]
    if (parcel === 'unstored' || silenced.has(parcel.alert)) return []
    const isOutdone = (last.get(keyOf(parcel.alert)) ?? 0) > delivery.revision
    if (isOutdone) return [{ ...delivery, state: 'left', error: null, changedAt }]
    return [{ ...delivery, state: 'pending', error: null, attempts: 0, queuedAt: now, changedAt }]
  })
}

const keyOf = ({ tenant, id }: Pick<Alert, 'tenant' | 'id'>): string => JSON.stringify([tenant, id])

async function lastRevisions(
  reader: Pick<ChainReader, 'alerts'>,
  alerts: readonly Alert[],
): Promise<ReadonlyMap<string, number>> {
  const last = new Map<string, number>()
  for (const tenant of new Set(alerts.map((alert) => alert.tenant))) {
    const alertIds = [...new Set(alerts.filter((one) => one.tenant === tenant).map(({ id }) => id))]
    for await (const { items } of pagesOf((page) => reader.alerts({ ...page, tenant, alertIds })))
      for (const alert of items) last.set(keyOf(alert), alert.revision)
  }
  return last
}
