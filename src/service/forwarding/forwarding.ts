import type { Logger } from 'pino'
import type { Config, DestinationSettings } from '../../config/index.ts'
import type { ChainReader, Commit, Delivery, Destination, Outbox, Silencing } from '../../ports/index.ts'
import { type Courier, type CourierLimits, startCourier } from '../../runtime/courier.ts'
import type { PipelineParts } from '../../runtime/pipeline.ts'
import { deliveriesOf } from '../../runtime/route.ts'
import { SILENCES_MS } from '../../runtime/silencing.ts'
import { wakeSilenced } from '../../runtime/wake-silenced.ts'
import type { DeliveryMetrics } from '../metrics/index.ts'
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
  readonly outbox: Outbox
  readonly reader: Pick<ChainReader, 'alerts'>
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
  const { destinations, outbox, silencing, metrics, logger, clock, owns = () => true, limits } = parts
  const couriers = destinations.map(({ settings: { name, batch, retry }, destination }): Courier => {
    const log = logger.child({ destination: name })
    return startCourier({
      name,
      destination,
      outbox,
      batch,
      retry,
      clock,
      owns,
      silencing,
      ...(limits === undefined ? {} : { limits }),
      listener: {
        settled: (outcome, count) => metrics.settled(name, outcome, count),
        trouble: (why) => (why === null ? log.info('destination recovered') : log.warn({ why }, 'destination failed')),
      },
    })
  })
  metrics.watch(couriers)
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
      for (const courier of couriers) courier.reread()
      waker.look()
    },
    async close() {
      await waking.stop()
      await Promise.all(couriers.map((courier) => courier.close()))
    },
  }
}

/** How often what is silenced is looked at once a silence went: what was under way then may be put down a moment later. */
const LOOKS = 2

/** Sends what was silenced once it is no longer. */
function createWaker(
  couriers: readonly Courier[],
  { outbox, reader, silencing, logger, clock, owns = () => true }: ForwardingParts,
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
          const woken = await wakeSilenced({ outbox, reader, silencing, destination, owns, now: clock() })
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
