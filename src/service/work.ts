import type { Logger } from 'pino'
import { createScrubber } from '../../schemas/secrets.ts'
import type { Config } from '../config/index.ts'
import { CatenaryError } from '../core/index.ts'
import { createEngine, type Engine } from '../engine/engine.ts'
import type { EngineParts } from '../engine/parts.ts'
import type { Arrival, Trace } from '../ports/index.ts'
import { createPipeline, type Pipeline, type Verdict } from '../runtime/pipeline.ts'
import type { Catalogue } from './catalogue.ts'
import { deferred } from './deferred.ts'
import { routing } from './forwarding/forwarding.ts'
import { guardStore, type StoreHealth, type StoreListener } from './guarded-store.ts'
import { createMetrics, type Metrics, type Times } from './metrics/index.ts'
import type { Store } from './open-store.ts'
import { traceStore } from './open-trace.ts'

export interface WorkParts {
  readonly config: Config
  readonly store: Store
  readonly key: Uint8Array
  readonly logger: Logger
  readonly version: string
  readonly trace: Trace
  readonly catalogue: Catalogue
  /** Milliseconds since the epoch on the arrival clock. */
  readonly clock: () => number
}

/** The fold with its store, its counters and its health: the service without its outside. */
export interface Work {
  readonly engine: Engine
  readonly engineParts: EngineParts
  readonly pipeline: Pipeline
  readonly metrics: Metrics
  readonly health: StoreHealth
  /** Folds and stores; counted. */
  ingest(arrivals: readonly Arrival[]): Promise<readonly Verdict[]>
  /** Moves event time on with the clock, and tries again, with back-off, to store what could not be. Never throws. */
  tick(): Promise<void>
  /** Rejects when it makes no sense to go on: the store refused for good, or there is a bug. Never resolves. */
  readonly broken: Promise<never>
}

/** Detectors with the operator's options, and the operator's limits. */
export const enginePartsOf = (
  { engine, detectors: settings }: Pick<Config, 'engine' | 'detectors'>,
  { detectors }: Pick<Catalogue, 'detectors'>,
): EngineParts => ({
  detectors,
  settings,
  limits: { latenessMs: engine.latenessMs, idleMs: engine.idleMs, skewMs: engine.skewMs },
})

/** A refused record as it is kept: only where content is, and with secrets replaced. */
export const rawKeeper =
  (key: Uint8Array, isRetained: boolean) =>
  (raw: Uint8Array | null): string | null =>
    raw === null || !isRetained ? null : createScrubber(key).scrub(new TextDecoder().decode(raw))

/** Times and counts what the store does. */
export const storeListener = (metrics: Pick<Times, 'saved' | 'loaded' | 'storeFailed'>): StoreListener => ({
  saved(trouble, seconds) {
    metrics.saved(seconds)
    if (trouble !== null) metrics.storeFailed('save')
  },
  loaded(isAnswered, seconds) {
    metrics.loaded(seconds)
    if (!isAnswered) metrics.storeFailed('load')
  },
})

/** Goes on where an earlier process stopped. Throws what the store throws. */
export async function startWork(parts: WorkParts): Promise<Work> {
  const { config, store, key, logger, version, trace, clock, catalogue } = parts
  const breaking = deferred()
  const engineParts = enginePartsOf(config, catalogue)
  const engine = createEngine({ ...engineParts, isBacked: true })
  const metrics = createMetrics({ clock, version, mode: 'embedded', aside: catalogue.aside })
  const part = metrics.parts.begin(0)
  const listener = storeListener(metrics)
  const guarded = guardStore(store, logger, {
    ...listener,
    saved(trouble, seconds) {
      listener.saved(trouble, seconds)
      if (trouble?.retry === 'never') breaking.reject(trouble)
    },
  })
  const pipeline = createPipeline({
    engine,
    store: traceStore(guarded.store, trace),
    trace,
    clock,
    maxBatch: config.store.batchRows,
    lingerMs: config.store.batchMs,
    rawOf: rawKeeper(key, config.content.retain),
    deliveriesOf: routing(config),
    onBatch: metrics.batched,
    onResume: (open) => part.resumed(open),
  })
  pipeline.onCommit((commit) => {
    metrics.committed(commit)
    part.committed(commit)
  })
  part.opened({ engine, pipeline })
  const began = performance.now()
  await pipeline.start()
  metrics.rebuilt((performance.now() - began) / 1_000)
  const known = <T>(work: Promise<T>): Promise<T> =>
    work.catch((error: unknown) => {
      if (!(error instanceof CatenaryError)) breaking.reject(error)
      throw error
    })
  return {
    engine,
    engineParts,
    pipeline,
    metrics,
    health: guarded.health,
    broken: breaking.promise,
    async ingest(arrivals) {
      const cameAt = clock()
      part.came(arrivals, () => cameAt)
      const attributes = { 'catenary.records': arrivals.length }
      const verdicts = await trace.span({ name: 'ingest', attributes }, () => known(pipeline.ingest(arrivals)))
      metrics.ingested(verdicts)
      return verdicts
    },
    async tick() {
      if (performance.now() >= guarded.health.retryAt) await known(pipeline.tick()).catch(() => undefined)
    },
  }
}
