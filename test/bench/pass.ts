import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openClickHouseStore } from '../../src/adapters/clickhouse/clickhouse-store.ts'
import { connectEmbedded } from '../../src/adapters/clickhouse/connect.ts'
import { readArrivals } from '../../src/adapters/files/read-files.ts'
import { createEngine } from '../../src/engine/engine.ts'
import { importers } from '../../src/importers/index.ts'
import { decodeOptions, engineParts } from '../../src/main.ts'
import { type Arrival, type ChainStore, NO_ROWS, type StepRow } from '../../src/ports/index.ts'
import { createPipeline } from '../../src/runtime/pipeline.ts'

/** What one pass over a file does: `read` (and parse and validate), `fold` as well, `store` bare steps as well, or `all`. */
export const PASSES = ['read', 'fold', 'store', 'all'] as const
export type Pass = (typeof PASSES)[number]

const BATCH = 5_000

async function* batchesOf(file: string): AsyncGenerator<readonly Arrival[]> {
  let batch: Arrival[] = []
  for await (const arrival of readArrivals([file], { decode: decodeOptions({}), importers })) {
    batch.push(arrival)
    if (batch.length < BATCH) continue
    yield batch
    batch = []
  }
  yield batch
}

const bareRow = (arrival: Extract<Arrival, { ok: true }>, index: number): StepRow => ({
  step: {
    event: arrival.event,
    id: arrival.event.id,
    index,
    attribution: { workflowId: arrival.event.workflow_id ?? 'none', grade: 'reported', rule: 'reported' },
  },
  origin: arrival.origin,
  arrivedAt: arrival.event.at,
  late: false,
  clockSkew: false,
  threads: [],
  isGone: false,
})

async function run(pass: Pass, file: string, store: ChainStore | null): Promise<number> {
  const engine = createEngine({ ...engineParts(), isBacked: store !== null })
  const target = store ?? { save: async () => undefined }
  const pipeline = createPipeline({ engine, store: target, clock: Date.now, maxBatch: BATCH, rawOf: () => null })
  if (pass === 'all') await pipeline.start()
  let [events, sequence] = [0, 0]
  for await (const batch of batchesOf(file)) {
    events += batch.length
    sequence += 1
    if (pass === 'fold' || pass === 'all') await pipeline.ingest(batch)
    else if (pass === 'store')
      await store?.save({ ...NO_ROWS, sequence, steps: batch.flatMap((one, i) => (one.ok ? [bareRow(one, i)] : [])) })
  }
  await pipeline.finish()
  return events
}

/** One pass in this process: events, seconds on the wall and of the processor, and the memory it took at its largest. */
export async function measure(
  pass: Pass,
  file: string,
): Promise<{ events: number; wallS: number; cpuS: number; rssMiB: number }> {
  const directory = await mkdtemp(join(tmpdir(), 'catenary-bench-'))
  const isStoring = pass === 'store' || pass === 'all'
  const store = isStoring ? await openClickHouseStore(await connectEmbedded(directory)) : null
  const [began, cpu] = [performance.now(), process.cpuUsage()]
  const events = await run(pass, file, store)
  const wallS = (performance.now() - began) / 1_000
  const { user, system } = process.cpuUsage(cpu)
  await store?.close()
  await rm(directory, { recursive: true, force: true })
  return { events, wallS, cpuS: (user + system) / 1e6, rssMiB: process.resourceUsage().maxRSS / 1_024 }
}
