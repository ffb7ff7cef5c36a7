import type { Logger } from 'pino'
import type { Config, DestinationSettings } from '../../config/index.ts'
import type { Silence } from '../../core/index.ts'
import {
  type ChainReader,
  type Commit,
  type ContainmentStore,
  type Delivery,
  type Destination,
  type EventParcel,
  type Outbox,
  type Parcel,
  receiverDestination,
  type Silencing,
} from '../../ports/index.ts'
import { type Courier, type CourierLimits, type CourierParts, startCourier } from '../../runtime/courier.ts'
import type { PipelineParts } from '../../runtime/pipeline.ts'
import { eventOutbox } from '../../runtime/push-events.ts'
import { deliveriesOf } from '../../runtime/route.ts'
import { SILENCES_MS } from '../../runtime/silencing.ts'
import { wakeSilenced } from '../../runtime/wake-silenced.ts'
import type { DeliveryMetrics } from '../metrics/index.ts'
import type { OpenReceiver } from '../security-events.ts'
import { startTicking } from '../ticking.ts'
import { openDestination } from './open-destination.ts'

/** A destination that can be sent to, and what the settings say of it. */
export interface OpenDestination {
  readonly settings: DestinationSettings
  readonly destination: Destination
}

/** The destinations of the settings. Nothing is connected yet. Throws `CAT_CONFIG`. */
export const openDestinations = (config: Config, version: string): readonly OpenDestination[] =>
  config.destinations.map((settings) => ({ settings, destination: openDestination(settings, { config, version }) }))

/** Where the settings send alerts, as a pipeline asks for it. */
export function routing({ destinations }: Pick<Config, 'destinations'>): NonNullable<PipelineParts['deliveriesOf']> {
  const routes = destinations.map(({ name, filter }) => ({ name, filter }))
  return (alerts, telling) => deliveriesOf(alerts, routes, telling)
}

export interface ForwardingParts {
  readonly destinations: readonly OpenDestination[]
  /** Of security events; they are closed by who opened them. */
  readonly receivers: readonly OpenReceiver[]
  readonly outbox: Outbox
  readonly store: Pick<ChainReader, 'alerts'> & Pick<ContainmentStore, 'order'>
  readonly silencing: Silencing
  readonly metrics: DeliveryMetrics
  readonly logger: Logger
  /** Milliseconds since the epoch on the arrival clock. */
  readonly clock: () => number
  /** Whether a delivery is this process's to make; all are where nothing is said. */
  readonly owns?: (delivery: Delivery) => boolean
  readonly limits?: Partial<CourierLimits>
}

/** Alerts on their way to destinations, a courier each: one that is down stops nobody else. */
export interface Forwarding {
  /** A commit is stored. */
  committed(commit: Commit): void
  /** This process may have more to deliver than before. */
  reread(): void
  /** Ends what is under way; the destinations are closed with it. */
  close(): Promise<void>
}

/** Begins with what an earlier process left. */
export function startForwarding(parts: ForwardingParts): Forwarding {
  const { destinations, receivers, metrics, owns = () => true, limits } = parts
  const couriers = destinations.map((one) => courierOf(one, parts))
  const all = [...couriers, ...receivers.map((one) => eventCourierOf(one, parts))]
  metrics.watch(all)
  const waker = createWaker(couriers, { ...parts, owns })
  const waking = startTicking(waker.tick, limits?.pollMs ?? SILENCES_MS)
  return {
    committed({ deliveries = [] }) {
      for (const courier of couriers) {
        const own = deliveries.filter((one) => one.destination === courier.name && owns(one))
        if (own.length > 0) courier.tell(own)
      }
    },
    reread() {
      for (const courier of all) courier.reread()
      waker.look()
    },
    async close() {
      await waking.stop()
      await Promise.all(all.map((courier) => courier.close()))
    },
  }
}

function courierOf(
  { settings: { name, batch, retry }, destination }: OpenDestination,
  parts: ForwardingParts,
): Courier {
  const { outbox, silencing } = parts
  return startCourier<Parcel>({
    ...aroundOf(name, parts),
    destination,
    outbox,
    batch,
    retry,
    async silenceOf(parcels) {
      const silences = await silencing.of(parcels.map(({ alert }) => alert))
      const silenced = new Map<Parcel, Silence>()
      for (const parcel of parcels) {
        const silence = silences.get(parcel.alert)
        if (silence !== undefined) silenced.set(parcel, silence)
      }
      return silenced
    },
  })
}

/** Orders are few, and sent once already before a courier sees them. */
const EVENTS = { max: 10, waitMs: 0 }

function eventCourierOf({ settings: { name, retry }, receiver }: OpenReceiver, parts: ForwardingParts): Courier {
  return startCourier<EventParcel>({
    ...aroundOf(receiverDestination(name), parts),
    destination: {
      async send(parcels, signal) {
        const outcomes = []
        for (const { event } of parcels) outcomes.push(await receiver.push(event, signal))
        return outcomes
      },
      close: async () => undefined,
    },
    outbox: eventOutbox(parts.outbox, parts.store),
    batch: EVENTS,
    retry,
  })
}

type AroundCourier = Pick<CourierParts, 'name' | 'clock' | 'owns' | 'listener' | 'limits'>

function aroundOf(name: string, { metrics, logger, clock, owns = () => true, limits }: ForwardingParts): AroundCourier {
  const log = logger.child({ destination: name })
  return {
    name,
    clock,
    owns,
    ...(limits === undefined ? {} : { limits }),
    listener: {
      settled: (outcome, count) => metrics.settled(name, outcome, count),
      trouble: (why) => (why === null ? log.info('destination recovered') : log.warn({ why }, 'destination failed')),
    },
  }
}

/** How often what is silenced is looked at once a silence went: what was under way then may be put down a moment later. */
const LOOKS = 2

/** Sends what was silenced once it is no longer. */
function createWaker(
  couriers: readonly Courier[],
  { outbox, store, silencing, logger, clock, owns = () => true }: ForwardingParts,
): { tick(): Promise<void>; look(): void } {
  let known: readonly string[] = []
  let looks = LOOKS
  return {
    look() {
      looks = LOOKS
    },
    async tick() {
      try {
        const active = (await silencing.active()).map(({ id }) => id)
        if (known.some((id) => !active.includes(id))) looks = LOOKS
        known = active
        if (looks === 0) return
        for (const courier of couriers) {
          const destination = courier.name
          const woken = await wakeSilenced({ outbox, reader: store, silencing, destination, owns, now: clock() })
          if (woken.length > 0) courier.tell(woken)
        }
        looks -= 1
      } catch (err) {
        // The store is away: the next tick asks again.
        logger.warn({ err }, 'silences not read')
      }
    },
  }
}
