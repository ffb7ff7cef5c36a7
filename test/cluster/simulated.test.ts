import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createMemoryStore } from '../../src/adapters/memory/memory-store.ts'
import type { AgentEvent } from '../../src/core/index.ts'
import { createEngine } from '../../src/engine/engine.ts'
import { createPipeline } from '../../src/runtime/pipeline.ts'
import { probes, stories } from '../kit/stories.ts'
import { CRASHES, SimulatedCluster, type Store, type Turn } from './simulated.ts'

const MANY = { limit: 500 }
const PARTITIONS = 3
const RUNS = Number(process.env['CATENARY_TEST_RUNS'] ?? 120)

/** What a reader of the store sees of a run. How often an alert was revised on the way may differ. */
async function seen(store: Store): Promise<object> {
  const { items: alerts } = await store.alerts(MANY)
  const { items: chains } = await store.chains(MANY)
  const byId = (a: { id: string }, b: { id: string }): number => (a.id < b.id ? -1 : 1)
  const ofChains = await Promise.all(
    chains.map(async ({ workflowId }) => ({
      workflowId,
      steps: (await store.steps('default', workflowId, MANY)).items.map(({ step }) => step.event.id),
      findings: (await store.findings('default', workflowId))
        .filter(({ status }) => status === 'open')
        .map(({ finding }) => finding.id)
        .sort(),
    })),
  )
  return {
    alerts: alerts
      .filter(({ status }) => status === 'open')
      .map(({ revision: _revision, reason: _reason, ...rest }) => rest)
      .sort(byId),
    chains: chains.map(({ links: _links, ...rest }) => rest).sort((a, b) => (a.workflowId < b.workflowId ? -1 : 1)),
    ofChains: ofChains.sort((a, b) => (a.workflowId < b.workflowId ? -1 : 1)),
  }
}

const endOf = (events: readonly AgentEvent[]): number => Math.max(...events.map(({ at }) => at)) + 300_000

async function inOneProcess(events: readonly AgentEvent[]): Promise<object> {
  const store = createMemoryStore()
  const pipeline = createPipeline({
    engine: createEngine({ detectors: probes, isBacked: true }),
    store,
    clock: () => Date.parse('2026-11-20T12:00:00Z'),
    maxBatch: 1_000,
    rawOf: () => null,
  })
  await pipeline.ingest(events.map((event) => ({ ok: true, event, origin: { file: 'input', line: 1 } })))
  await pipeline.finish(endOf(events))
  return seen(store)
}

const turn = (crashes: number): fc.Arbitrary<Turn> =>
  fc.record({
    partition: fc.nat(PARTITIONS - 1),
    from: fc.constantFrom('tools', 'tools', 'credentials', 'credentials', 'threads', 'threads', 'threads', 'time'),
    count: fc.integer({ min: 1, max: 4 }),
    crash: fc.oneof(
      { weight: 10, arbitrary: fc.constant(null) },
      { weight: crashes, arbitrary: fc.constantFrom(...CRASHES) },
    ),
  })

async function inCluster(events: readonly AgentEvent[], turns: readonly Turn[]): Promise<object> {
  const cluster = new SimulatedCluster({ detectors: probes, partitions: PARTITIONS })
  cluster.produce(events)
  for (const one of turns) await cluster.take(one)
  await cluster.drain(600_000)
  return seen(cluster.store)
}

describe('a cluster of three partitions', () => {
  it('finds what one process finds, whatever the interleaving', async () => {
    await fc.assert(
      fc.asyncProperty(stories, fc.array(turn(0), { maxLength: 60 }), async (events, turns) => {
        expect(await inCluster(events, turns)).toEqual(await inOneProcess(events))
      }),
      { numRuns: RUNS },
    )
  })

  it('finds what one process finds, whatever dies', async () => {
    await fc.assert(
      fc.asyncProperty(stories, fc.array(turn(5), { maxLength: 60 }), async (events, turns) => {
        expect(await inCluster(events, turns)).toEqual(await inOneProcess(events))
      }),
      { numRuns: RUNS },
    )
  })
})
