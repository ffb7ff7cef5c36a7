import {
  type ContainmentStore,
  type Delivery,
  type EventParcel,
  type EventReceiver,
  type Order,
  type Outbox,
  type Outcome,
  receiverDestination,
  type SecurityEvent,
  type SecurityEvents,
} from '../ports/index.ts'

export interface PushParts {
  readonly receivers: readonly EventReceiver[]
  readonly outbox: Pick<Outbox, 'record'>
  /** Milliseconds since the epoch, on the clock that orders are given by. */
  readonly clock: () => number
  wait(ms: number): Promise<void>
  /** After this long nothing more is sent while somebody waits for the answer, in milliseconds. */
  readonly patienceMs?: number
}

const PAUSES_MS = [250, 1_000]
const MOST_WAIT_MS = 5_000
const PATIENCE_MS = 60_000

/**
 * A responder waits for the answer, so what is in the outbox is sent at once, three times within seconds; a receiver that is down is
 * tried once for each later event. What was not taken by then is a courier's.
 */
export const pusherOf = (parts: PushParts): SecurityEvents => ({
  hearers: (tenant) => parts.receivers.flatMap((one) => (one.hears(tenant) ? [one.name] : [])),
  async push(order) {
    const pushes = pushesOf(order, parts)
    await parts.outbox.record(pushes.map(({ delivery }) => delivery))
    const signal = AbortSignal.timeout(parts.patienceMs ?? PATIENCE_MS)
    const sent = await Promise.all(
      parts.receivers.map((receiver) => {
        const own = pushes.filter(({ delivery }) => delivery.destination === receiverDestination(receiver.name))
        return pushTo(receiver, own, { ...parts, signal })
      }),
    )
    const after = sent.flat()
    // Not recorded, it is sent once more: under the same jti.
    await parts.outbox.record(after).catch(() => undefined)
    return after
  },
})

/** What is to be sent of an order, by receiver. */
function pushesOf(order: Order, { receivers, clock }: PushParts): readonly EventParcel[] {
  const { tenant, id, workflowId, at } = order
  const now = clock()
  return receivers
    .filter((one) => one.hears(tenant))
    .flatMap(({ name }) =>
      order.steps.flatMap(({ event }, i): readonly EventParcel[] => {
        if (event === null) return []
        const delivery: Delivery = {
          destination: receiverDestination(name),
          tenant,
          alertId: id,
          revision: i + 1,
          workflowId,
          sequence: at,
          state: 'pending',
          onlyIfTold: false,
          queuedAt: now,
          attempts: 0,
          error: null,
          changedAt: 0,
        }
        return [{ delivery, event }]
      }),
    )
}

interface Around extends Pick<PushParts, 'wait' | 'clock'> {
  readonly signal: AbortSignal
}

async function pushTo(
  receiver: EventReceiver,
  parcels: readonly EventParcel[],
  around: Around,
): Promise<readonly Delivery[]> {
  const after: Delivery[] = []
  let isUp = true
  for (const { delivery, event } of parcels) {
    const { outcome, attempts } = await pushOne(receiver, event, { ...around, pauses: isUp ? PAUSES_MS : [] })
    isUp = outcome.what !== 'retry'
    after.push({
      ...delivery,
      attempts,
      state: STATES[outcome.what],
      error: outcome.what === 'delivered' ? null : outcome.why,
      changedAt: Math.max(around.clock(), delivery.changedAt + 1),
    })
  }
  return after
}

const STATES = { delivered: 'delivered', retry: 'pending', refused: 'dead' } as const

async function pushOne(
  receiver: EventReceiver,
  event: SecurityEvent,
  { wait, signal, pauses }: Around & { readonly pauses: readonly number[] },
): Promise<{ readonly outcome: Outcome; readonly attempts: number }> {
  let outcome = await receiver.push(event, signal)
  let attempts = 1
  for (const pause of pauses) {
    if (outcome.what !== 'retry' || signal.aborted) break
    await wait(Math.min(outcome.afterMs ?? pause, MOST_WAIT_MS))
    outcome = await receiver.push(event, signal)
    attempts += 1
  }
  return { outcome, attempts }
}

/** The outbox with the events of orders, for couriers of receivers. */
export const eventOutbox = (
  outbox: Pick<Outbox, 'deliveries' | 'record'>,
  orders: Pick<ContainmentStore, 'order'>,
): Pick<Outbox<EventParcel>, 'deliveries' | 'parcels' | 'record'> => ({
  deliveries: (query) => outbox.deliveries(query),
  record: (deliveries) => outbox.record(deliveries),
  parcels: (deliveries) =>
    Promise.all(
      deliveries.map(async (delivery) => {
        const order = await orders.order(delivery.tenant, delivery.alertId)
        if (order === null) return 'unstored'
        const event = order.steps[delivery.revision - 1]?.event ?? null
        return event === null ? 'untold' : { delivery, event }
      }),
    ),
})
