import { Counter, type Registry } from 'prom-client'
import { addGauge } from './meters.ts'

/** As much of a courier as is read when the metrics are. */
export interface MeasuredCourier {
  readonly name: string
  readonly waiting: { readonly count: number; readonly oldestAt: number | null }
}

/** What is counted of alerts on their way out. */
export interface DeliveryMetrics {
  settled(destination: string, outcome: 'delivered' | 'retried' | 'dead', count: number): void
  /** Whose gauges are read. */
  watch(couriers: readonly MeasuredCourier[]): void
}

const OUTCOMES = ['delivered', 'retried', 'dead'] as const

/** Counters at zero. `clock`: milliseconds since the epoch. */
export function createDeliveryMetrics(registry: Registry, clock: () => number): DeliveryMetrics {
  let couriers: readonly MeasuredCourier[] = []
  const deliveries = new Counter({
    name: 'catenary_deliveries_total',
    help: 'Revisions of alerts, and security events for ssf/…, by what became of them at a destination: delivered, retried (an attempt failed), dead (given up).',
    labelNames: ['destination', 'outcome'],
    registers: [registry],
  })
  addGauge(registry, {
    name: 'catenary_delivery_queue',
    help: 'Revisions of alerts that wait for a destination in this process, 10,000 at most; more wait in the outbox.',
    labelNames: ['destination'],
    read: () => couriers.map(({ name, waiting }) => ({ labels: { destination: name }, value: waiting.count })),
  })
  addGauge(registry, {
    name: 'catenary_delivery_oldest_seconds',
    help: 'How long the oldest of them has waited; 0 when none does.',
    labelNames: ['destination'],
    read: () =>
      couriers.map(({ name, waiting: { oldestAt } }) => ({
        labels: { destination: name },
        value: oldestAt === null ? 0 : Math.max(0, clock() - oldestAt) / 1_000,
      })),
  })
  return {
    settled: (destination, outcome, count) => deliveries.inc({ destination, outcome }, count),
    watch(those) {
      couriers = those
      // The first of its kind is a rise only where there was a zero.
      for (const { name } of those) for (const outcome of OUTCOMES) deliveries.inc({ destination: name, outcome }, 0)
    },
  }
}
