import { collectDefaultMetrics, Registry } from 'prom-client'
import type { Aside } from '../../adapters/own-detectors/guard.ts'
import { type ConsumerMetrics, type ConsumerMetricsParts, createConsumerMetrics } from './consumer.ts'
import { createDeliveryMetrics, type DeliveryMetrics } from './deliveries.ts'
import { createFound, type Found } from './found.ts'
import { addGauge } from './meters.ts'
import { createParts, type Parts } from './parts.ts'
import { createTimes, type Times } from './times.ts'

export type { ConsumerMetrics } from './consumer.ts'
export type { DeliveryMetrics } from './deliveries.ts'
export type { Part, Parts } from './parts.ts'
export type { Times } from './times.ts'

/** What the service counts of its own work, in a registry of its own. */
export interface Metrics extends Found, Times {
  readonly registry: Registry
  readonly parts: Parts
  readonly deliveries: DeliveryMetrics
}

export interface MetricsParts {
  /** Milliseconds since the epoch. */
  readonly clock: () => number
  readonly version: string
  readonly mode: 'embedded' | 'cluster'
  /** The operator's own detectors that no longer run. */
  readonly aside?: () => readonly Pick<Aside, 'detector' | 'reason'>[]
}

/** New counters at zero. Two services in one process count apart. */
export function createMetrics({ clock, version, mode, aside = () => [] }: MetricsParts): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  addGauge(registry, {
    name: 'catenary_build_info',
    help: 'Always 1: the version and the mode of this process.',
    labelNames: ['version', 'mode'],
    read: () => [{ labels: { version, mode }, value: 1 }],
  })
  addGauge(registry, {
    name: 'catenary_detectors_set_aside',
    help: 'Always 1: a detector of the operator’s own that no longer runs, and why (docs/own-detectors.md).',
    labelNames: ['detector', 'reason'],
    read: () => aside().map(({ detector, reason }) => ({ labels: { detector, reason }, value: 1 })),
  })
  return {
    registry,
    parts: createParts(registry, clock),
    deliveries: createDeliveryMetrics(registry, clock),
    ...createFound(registry),
    ...createTimes(registry),
  }
}

/** The same, and what is counted of a member of the consumer group. */
export function createClusterMetrics(
  parts: Omit<MetricsParts, 'mode'>,
  measured: ConsumerMetricsParts,
): Metrics & { readonly consumer: ConsumerMetrics } {
  const metrics = createMetrics({ ...parts, mode: 'cluster' })
  const counted = createConsumerMetrics(metrics.registry, parts.clock, measured)
  const assigned = (numbers: readonly number[]): void => {
    counted.assigned(numbers)
    metrics.parts.keep(numbers)
  }
  return { ...metrics, consumer: { ...counted, assigned } }
}
