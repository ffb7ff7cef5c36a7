import { createHmac } from 'node:crypto'
import { detectors } from '../detectors/index.ts'
import type { DecodeOptions } from '../schemas/event.ts'
import { readArrivals } from './adapters/files/read-files.ts'
import type { AnyDetector, Coverage, Incident, Step } from './core/index.ts'
import { createEngine } from './engine/engine.ts'
import { incidentsOf } from './engine/incidents.ts'
import type { EngineParts, Limits } from './engine/parts.ts'
import { importers } from './importers/index.ts'
import type { Arrival } from './ports/index.ts'
import { type Collected, createCollector } from './runtime/collector.ts'
import { createPipeline, type Pipeline } from './runtime/pipeline.ts'
import { createKnownBefore } from './service/known-before.ts'
import type { Store } from './service/open-store.ts'
import { stepsInStore } from './service/stored-path.ts'

const BATCH = 5_000

export interface ReadOptions {
  /** Paths, or `-` for standard input, read as one stream in this order. */
  readonly files: readonly string[]
  /** The one format to read; sniffed when left out. */
  readonly format?: string
  readonly tenant?: string
  readonly retainContent?: boolean
  /** Hands on the wire form of each event as well. */
  readonly keepsWire?: boolean
  /** Key of the fingerprints; without one a fixed key is used, since nothing is stored. */
  readonly contentKey?: Uint8Array
}

export interface AnalyzeOptions extends ReadOptions {
  /** Moves the end-of-input watermark on: milliseconds since the epoch. */
  readonly until?: number
  /** Else the detectors that come with the program. */
  readonly detectors?: readonly AnyDetector[]
  readonly settings?: Readonly<Record<string, unknown>>
  readonly limits?: Partial<Limits>
  /** Stores what is found as well, and goes on from what is there. */
  readonly store?: Store
  onProgress?(bytesRead: number, bytesTotal: number | null, events: number): void
}

export interface AnalyzeResult extends Collected {
  /** Strongest first. Every alert is in one. */
  readonly incidents: readonly Incident[]
  /** The steps of a chain, in order. */
  stepsOf(tenant: string, workflowId: string): Promise<readonly Step[]>
  readonly summary: {
    readonly events: number
    readonly duplicates: number
    readonly rejected: number
    readonly chains: number
    readonly alerts: number
    readonly seconds: number
    /** What was lost or left memory on the way: how often each kind was told; left out where none was. */
    readonly coverage?: Readonly<Partial<Record<Coverage['what'], number>>>
  }
}

/**
 * Bounds under which a file of any size takes the memory of a small one. Chains that were long over leave memory with their
 * steps; what was found of them is kept.
 */
export const FLAT_LIMITS: Partial<Limits> = {
  maxHotSteps: 10_000,
  maxPacked: 5_000,
  maxPackedThreads: 10_000,
  maxSessions: 10_000,
  maxSeen: 100_000,
}

/** Every detector with its settings: what the engine is made of. */
export const engineParts = (
  settings: Readonly<Record<string, unknown>> = {},
  limits: Partial<Limits> = {},
  all: readonly AnyDetector[] = detectors,
): EngineParts => ({
  detectors: all,
  settings,
  limits,
})

/** How records are decoded when nothing is to outlive the process: fingerprints under a key of its own. */
export function decodeOptions(options: Pick<ReadOptions, 'contentKey' | 'retainContent' | 'tenant'>): DecodeOptions {
  const key = options.contentKey ?? createHmac('sha256', 'catenary').update('analyze').digest()
  const content = { key, retain: options.retainContent ?? false }
  return options.tenant === undefined ? { content } : { content, tenant: options.tenant }
}

/**
 * Reads files as one stream, folds them, judges absence at the end, and hands back what was found. With a store, what it
 * has counts as read, and what was found of the same records before is handed back too. Throws `CAT_INPUT` for a file that
 * cannot be read, `CAT_USAGE` for an unknown format, and what the store throws.
 */
export async function analyzeFiles(options: AnalyzeOptions): Promise<AnalyzeResult> {
  const began = performance.now()
  const { store } = options
  const engine = createEngine({
    ...engineParts(options.settings, options.limits, options.detectors),
    ...(store === undefined ? {} : { isBacked: true }),
  })
  const collector = createCollector()
  const pipeline = createPipeline({
    engine,
    store: storeFor(collector, store),
    clock: () => Date.now(),
    maxBatch: BATCH,
    rawOf: () => null,
  })
  await pipeline.start()
  const before = createKnownBefore()
  await readInto(pipeline, options, store === undefined ? () => undefined : before.add)
  await pipeline.finish(options.until)
  await pipeline.close()
  const found = collector.collected()
  const collected = store === undefined ? found : await before.joined(found, store)
  const summary = {
    ...pipeline.counts,
    chains: collected.chains.length + collected.leftOut.chains,
    alerts: collected.alerts.length,
    seconds: Math.round((performance.now() - began) / 10) / 100,
    ...(collected.coverage.length === 0 ? {} : { coverage: countsOf(collected.coverage) }),
  }
  const stepsOf = async (tenant: string, workflowId: string): Promise<readonly Step[]> =>
    store === undefined ? engine.stepsOf(tenant, workflowId) : stepsInStore(store, tenant, workflowId)
  return { ...collected, incidents: incidentsOf(collected), summary, stepsOf }
}

function countsOf(coverage: readonly Coverage[]): Partial<Record<Coverage['what'], number>> {
  const counts: Partial<Record<Coverage['what'], number>> = {}
  for (const { what } of coverage) counts[what] = (counts[what] ?? 0) + 1
  return counts
}

type Writer = Parameters<typeof createPipeline>[0]['store']

/** What is told to the collector is stored first. */
const storeFor = (collector: Writer, store: Store | undefined): Writer =>
  store === undefined
    ? collector
    : {
        load: (needs, readers) => store.load(needs, readers),
        resume: () => store.resume(),
        save: async (commit) => {
          await store.save(commit)
          await collector.save(commit)
        },
      }

async function readInto(
  pipeline: Pipeline,
  options: AnalyzeOptions,
  onDuplicate: (arrival: Arrival) => void,
): Promise<void> {
  let batch: Arrival[] = []
  async function send(): Promise<void> {
    const verdicts = await pipeline.ingest(batch)
    batch.forEach((arrival, i) => {
      if (verdicts[i] === 'duplicate') onDuplicate(arrival)
    })
    batch = []
  }
  let records = 0
  for await (const arrival of arrivalsOf(options, () => records)) {
    records += 1
    batch.push(arrival)
    if (batch.length === BATCH) await send()
  }
  await send()
}

/** The records of files, through the importers and the door. */
export function arrivalsOf(
  options: Pick<AnalyzeOptions, 'onProgress'> & ReadOptions,
  records: () => number,
): AsyncGenerator<Arrival> {
  return readArrivals(options.files, {
    decode: decodeOptions(options),
    importers,
    ...(options.format === undefined ? {} : { format: options.format }),
    ...(options.keepsWire === undefined ? {} : { keepsWire: options.keepsWire }),
    onProgress: (read, total) => options.onProgress?.(read, total, records()),
  })
}
