import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { beforeAll, describe, expect, it } from 'vitest'
import { detectors } from '../../detectors/index.ts'
import { decodeRecord } from '../../schemas/event.ts'
import { createMemoryStore } from '../../src/adapters/memory/memory-store.ts'
import type { AgentEvent } from '../../src/core/index.ts'
import { createEngine } from '../../src/engine/engine.ts'
import type { Limits } from '../../src/engine/parts.ts'
import { pagesOf, standingIn } from '../../src/ports/index.ts'
import { createPipeline } from '../../src/runtime/pipeline.ts'
import { randomOf } from './chaos.ts'
import { CRASHES, type Crash, INPUTS, SimulatedCluster, type Store, type Turn } from './simulated.ts'

const ESTATE = resolve('src/estate/data/estate.ndjson.gz')
const PARTITIONS = 3
const MINUTE = 60_000
/** Turns for each share of the records. */
const TURNS = 120
const SOURCES: readonly Turn['from'][] = ['tools', ...INPUTS, 'threads', 'threads', 'time']
/** `CATENARY_TEST_RUNS` asks for other schedules than these, from `CATENARY_TEST_CHAOS_SEED` on, `CATENARY_TEST_CRASH` for one kind. */
const MORE = Number(process.env['CATENARY_TEST_RUNS'] ?? 0)
const KIND = (process.env['CATENARY_TEST_CRASH'] ?? 'any') as Crash | 'any'
const FIRST = Number(process.env['CATENARY_TEST_CHAOS_SEED'] ?? 1)

/** Schedules that each showed a mistake once, or are like those. */
const SCHEDULES: readonly (readonly [Crash | 'any' | 'any but a late write', readonly number[]])[] = [
  ['before the store', [15]],
  ['credentials alone', [3]],
  ['half of the store', [3, 4, 10]],
  ['after the store', [5, 8]],
  ['half of the facts', [11, 14]],
  ['before the commit', [5, 15]],
  ['asleep after the store', [8, 30]],
  ['asleep before the store', [8, 30]],
  ['any', [39, 69, 75, 80]],
  ['any but a late write', [116, 130, 149]],
]

const clock = (): number => Date.parse('2026-11-20T12:00:00Z')
const byText = (a: string, b: string): number => (a < b ? -1 : 1)

interface Seen {
  readonly steps: readonly string[]
  readonly findings: readonly string[]
  readonly alerts: readonly string[]
}

/** What a reader of the store sees, as text. */
async function seen(store: Store): Promise<Seen> {
  const steps: string[] = []
  const findings: string[] = []
  const alerts: string[] = []
  for await (const { items } of pagesOf((query) => store.chains(query)))
    for (const { tenant, workflowId } of items) {
      for (const { finding, status } of await store.findings(tenant, workflowId))
        if (status === 'open')
          findings.push(`${workflowId} ${finding.id} ${finding.evidence.map(({ eventId }) => eventId).join()}`)
      const { rows } = await standingIn((query) => store.steps(tenant, workflowId, query))
      for (const { step } of rows) steps.push(`${workflowId} ${step.event.source} ${step.event.id}`)
    }
  for await (const { items } of pagesOf((query) => store.alerts({ ...query, status: 'open' })))
    for (const { id, detectors: ids } of items) alerts.push(`${id} ${ids.join()}`)
  return { steps: steps.sort(byText), findings: findings.sort(byText), alerts: alerts.sort(byText) }
}

async function inOneProcess(events: readonly AgentEvent[]): Promise<Store> {
  const store = createMemoryStore()
  const engine = createEngine({ detectors, isBacked: true })
  const pipeline = createPipeline({ engine, store, clock, maxBatch: 1_000, rawOf: () => null })
  await pipeline.ingest(events.map((event) => ({ ok: true, event, origin: { file: 'input', line: 1 } })))
  await pipeline.finish(engine.maxAt + 30 * MINUTE)
  return store
}

/** The workflows with alerts, all events without a workflow but most heartbeats, and one in 32 of the rest. */
async function someOf(events: readonly AgentEvent[]): Promise<readonly AgentEvent[]> {
  const wanted = new Set<string>()
  const store = await inOneProcess(events)
  for await (const { items } of pagesOf((query) => store.alerts(query)))
    for (const { workflowIds } of items) for (const id of workflowIds) wanted.add(id)
  return events.filter(({ workflow_id: id, kind }, i) => {
    if (id === undefined) return kind !== 'heartbeat' || i % 16 === 0
    return wanted.has(id) || [...id].reduce((sum, char) => sum + char.charCodeAt(0), 0) % 32 === 0
  })
}

/** The same events, neighbours out of order and one in twenty twice. */
const disturbed = (events: readonly AgentEvent[], random: () => number): readonly AgentEvent[] =>
  events
    .flatMap((event, i) => {
      const at = { event, at: i + random() * 4 }
      return random() < 0.05 ? [at, { event, at: i + random() * 40 }] : [at]
    })
    .sort((a, b) => a.at - b.at)
    .map(({ event }) => event)

/** A cluster that reads the events share by share, in an order and with deaths that the seed says; with `limits` it reads each share whole. */
async function inCluster(
  events: readonly AgentEvent[],
  seed: number,
  crashes: readonly Crash[],
  limits?: Partial<Limits>,
): Promise<Seen> {
  const random = randomOf(seed)
  const oneOf = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T
  const cluster = new SimulatedCluster({
    detectors,
    partitions: PARTITIONS,
    ...(limits === undefined ? {} : { limits }),
  })
  const records = disturbed(events, random)
  const shares = limits === undefined ? 1 + Math.floor(random() * 4) : 4
  const size = Math.ceil(records.length / shares)
  const crashRate = random() * 0.2
  const most = random() < 0.5 ? 20 : 200
  for (let share = 0; share < shares; share += 1) {
    if (limits !== undefined && share > 0) await cluster.drain(0)
    cluster.produce(records.slice(share * size, (share + 1) * size))
    for (let turn = 0; turn < TURNS; turn += 1) {
      const from = oneOf(SOURCES)
      const partition = Math.floor(random() * PARTITIONS)
      const count = 1 + Math.floor(random() * most)
      await cluster.take({ partition, from, count, crash: random() < crashRate ? oneOf(crashes) : null })
    }
  }
  await cluster.drain(35 * MINUTE)
  return seen(cluster.store)
}

describe('an estate in a cluster of three partitions', () => {
  let events: readonly AgentEvent[]
  let calm: Seen

  beforeAll(async () => {
    const lines = gunzipSync(readFileSync(ESTATE)).toString().trim().split('\n')
    const all = lines.map((line) => {
      const decoded = decodeRecord(Buffer.from(line), { content: { key: new Uint8Array(32), retain: false } })
      if (!decoded.ok) throw new Error(decoded.message)
      return decoded.event
    })
    events = await someOf(all)
    calm = await seen(await inOneProcess(events))
  }, 10 * MINUTE)

  it('is found something in', () => {
    expect(calm.alerts.length).toBeGreaterThan(7)
  })

  const cases =
    MORE > 0
      ? Array.from({ length: MORE }, (_, i) => [KIND, FIRST + i] as const)
      : SCHEDULES.flatMap(([crash, seeds]) => seeds.map((seed) => [crash, seed] as const))
  it.each(cases)(
    'ends as one process does, whatever dies: %s, seed %i',
    async (crash, seed) => {
      const crashes = CRASHES.filter(
        (one) =>
          one === crash || crash === 'any' || (crash === 'any but a late write' && one !== 'asleep before the store'),
      )
      expect(await inCluster(events, seed, crashes)).toEqual(calm)
    },
    10 * MINUTE,
  )

  // Time that ran on between the shares makes it see other things than the calm one; those must not hang on checkpoints.
  it.each([2, 6, 11, 20, 31, 39])(
    'sees the same whether agents go on from checkpoints or from all their steps, seed %i',
    async (seed) => {
      const short = { windowMin: 16, sealAtOnce: 8 }
      const every = await inCluster(events, seed, CRASHES, { ...short, checkpointEvery: 8 })
      expect(every.findings.length).toBeGreaterThan(7)
      expect(every).toEqual(await inCluster(events, seed, CRASHES, { ...short, checkpointEvery: Number.MAX_VALUE }))
    },
    10 * MINUTE,
  )
})
