import { createHmac } from 'node:crypto'
import { detectors } from '../detectors/index.ts'
import type { DecodeOptions } from '../schemas/event.ts'
import { readArrivals } from './adapters/files/read-files.ts'
import type { Step } from './core/index.ts'
import { createEngine, type Engine } from './engine/engine.ts'
import type { EngineParts, Limits } from './engine/parts.ts'
import { importers } from './importers/index.ts'
import type { Arrival, ChainStore } from './ports/index.ts'
import { type Collected, createCollector } from './runtime/collector.ts'
import { createPipeline } from './runtime/pipeline.ts'

const BATCH = 5_000

export interface AnalyzeOptions {
  /** Paths, or `-` for standard input, read as one stream in this order. */
  readonly files: readonly string[]
  /** The one format to read; sniffed when left out. */
  readonly format?: string
  /** Moves the end-of-input watermark on: milliseconds since the epoch. */
  readonly until?: number
  readonly tenant?: string
  readonly retainContent?: boolean
  /** Key of the fingerprints; without one a fixed key is used, since nothing is stored. */
  readonly contentKey?: Uint8Array
  readonly settings?: Readonly<Record<string, unknown>>
  readonly limits?: Partial<Limits>
  /** Stores what is found as well. */
  readonly store?: Pick<ChainStore, 'save'>
  onProgress?(bytesRead: number, bytesTotal: number | null, events: number): void
}

export interface AnalyzeResult extends Collected {
  /** The steps of a chain still in memory, in order. */
  stepsOf(tenant: string, workflowId: string): readonly Step[]
  readonly summary: {
    readonly events: number
    readonly duplicates: number
    readonly rejected: number
    readonly chains: number
    readonly alerts: number
    readonly seconds: number
  }
}

/** Every detector with its settings: what the engine is made of. */
export const engineParts = (
  settings: Readonly<Record<string, unknown>> = {},
  limits: Partial<Limits> = {},
): EngineParts => ({
  detectors,
  settings,
  limits,
})

/** How records are decoded when nothing is to outlive the process: fingerprints under a key of its own. */
export function decodeOptions(options: Pick<AnalyzeOptions, 'contentKey' | 'retainContent' | 'tenant'>): DecodeOptions {
  const key = options.contentKey ?? createHmac('sha256', 'catenary').update('analyze').digest()
  const content = { key, retain: options.retainContent ?? false }
  return options.tenant === undefined ? { content } : { content, tenant: options.tenant }
}

/**
 * Reads files as one stream, folds them, judges absence at the end, and hands back what was found. Throws `CAT_INPUT` for
 * a file that cannot be read, `CAT_USAGE` for an unknown format, and what the store throws.
 */
export async function analyzeFiles(options: AnalyzeOptions): Promise<AnalyzeResult> {
  const began = performance.now()
  const engine = createEngine(engineParts(options.settings, options.limits))
  const collector = createCollector()
  const pipeline = createPipeline({
    engine,
    store: { save: async (commit) => void (await Promise.all([collector.save(commit), options.store?.save(commit)])) },
    clock: () => Date.now(),
    maxBatch: BATCH,
    rawOf: () => null,
  })
  let batch: Arrival[] = []
  for await (const arrival of arrivalsOf(options, () => pipeline.counts.events)) {
    batch.push(arrival)
    if (batch.length < BATCH) continue
    await pipeline.ingest(batch)
    batch = []
  }
  await pipeline.ingest(batch)
  await pipeline.finish(options.until)
  const collected = collector.collected()
  const summary = {
    ...pipeline.counts,
    chains: collected.chains.length,
    alerts: collected.alerts.length,
    seconds: Math.round((performance.now() - began) / 10) / 100,
  }
  return { ...collected, summary, stepsOf: stepsIn(engine) }
}

const stepsIn =
  (engine: Engine) =>
  (tenant: string, workflowId: string): readonly Step[] =>
    engine.stepsOf(tenant, workflowId)

function arrivalsOf(options: AnalyzeOptions, events: () => number): AsyncGenerator<Arrival> {
  return readArrivals(options.files, {
    decode: decodeOptions(options),
    importers,
    ...(options.format === undefined ? {} : { format: options.format }),
    onProgress: (read, total) => options.onProgress?.(read, total, events()),
  })
}
