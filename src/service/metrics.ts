import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { Commit, Need } from '../ports/index.ts'
import type { Verdict } from '../runtime/pipeline.ts'

/** What the service counts of its own work, in a registry of its own. */
export interface Metrics {
  readonly registry: Registry
  ingested(verdicts: readonly Verdict[]): void
  /** One batch was folded and stored; in seconds. */
  batched(took: { readonly events: number; readonly foldS: number; readonly storeS: number }): void
  /** One commit was tried; `isSaved` when the store has it. */
  saved(isSaved: boolean, seconds: number): void
  committed(commit: Commit): void
  /** The chains an earlier process left open. */
  resumed(open: readonly Need[]): void
}

export interface MetricsParts {
  /** Milliseconds since the epoch. */
  readonly clock: () => number
  /** Records that wait to be folded. */
  readonly waiting: () => number
  /** How far event time is judged, in milliseconds since the epoch; not finite before the first event. */
  readonly watermark: () => number
}

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** New counters at zero. Two services in one process count apart. */
export function createMetrics({ clock, waiting, watermark }: MetricsParts): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const meters = metersIn(registry)
  const open = new Set<string>()
  gauge(registry, 'catenary_open_chains', 'Chains that are open.', () => open.size)
  gauge(registry, 'catenary_waiting_records', 'Records that wait to be folded.', waiting)
  gauge(registry, 'catenary_watermark_lag_seconds', 'How far the watermark is behind the clock.', () =>
    Number.isFinite(watermark()) ? (clock() - watermark()) / 1_000 : 0,
  )
  return {
    registry,
    ingested(verdicts) {
      for (const verdict of verdicts) meters.events.inc({ verdict })
    },
    batched({ events, foldS }) {
      meters.batch.observe(events)
      meters.fold.observe(foldS)
    },
    saved(isSaved, seconds) {
      meters.store.observe(seconds)
      if (!isSaved) meters.failures.inc()
    },
    committed(commit) {
      for (const { tenant, workflowId, status, events } of commit.chains) {
        if (status === 'open' && events > 0) open.add(`${tenant}\u0000${workflowId}`)
        else open.delete(`${tenant}\u0000${workflowId}`)
      }
      for (const { severity, revision, status } of commit.alerts) {
        if (status === 'retracted') meters.retracted.inc({ severity })
        else if (revision === 1) meters.alerts.inc({ severity })
      }
    },
    resumed(needs) {
      for (const { kind, tenant, subject } of needs) if (kind === 'chain') open.add(`${tenant}\u0000${subject}`)
    },
  }
}

function metersIn(registry: Registry) {
  const registers = [registry]
  return {
    events: new Counter({
      name: 'catenary_events_total',
      help: 'Records by what became of them.',
      labelNames: ['verdict'] as const,
      registers,
    }),
    alerts: new Counter({
      name: 'catenary_alerts_total',
      help: 'Alerts raised.',
      labelNames: ['severity'] as const,
      registers,
    }),
    retracted: new Counter({
      name: 'catenary_alerts_retracted_total',
      help: 'Alerts that fell when a late event came.',
      labelNames: ['severity'] as const,
      registers,
    }),
    batch: new Histogram({
      name: 'catenary_batch_records',
      help: 'Records in one batch.',
      buckets: [1, 10, 100, 1_000, 5_000, 10_000, 50_000],
      registers,
    }),
    fold: new Histogram({
      name: 'catenary_fold_seconds',
      help: 'Time to fold one batch, what it needs brought back from the store included.',
      buckets: SECONDS,
      registers,
    }),
    store: new Histogram({
      name: 'catenary_store_seconds',
      help: 'Time to store one commit, or to fail to.',
      buckets: SECONDS,
      registers,
    }),
    failures: new Counter({
      name: 'catenary_store_failures_total',
      help: 'Commits that could not be stored at that time.',
      registers,
    }),
  }
}

function gauge(registry: Registry, name: string, help: string, read: () => number): void {
  new Gauge({
    name,
    help,
    registers: [registry],
    collect() {
      this.set(read())
    },
  })
}
