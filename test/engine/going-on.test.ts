import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createMemoryStore } from '../../src/adapters/memory/memory-store.ts'
import type { AgentEvent } from '../../src/core/index.ts'
import { createEngine } from '../../src/engine/engine.ts'
import type { Limits } from '../../src/engine/parts.ts'
import type { ChainReader, ChainStore } from '../../src/ports/index.ts'
import { createPipeline, type Pipeline } from '../../src/runtime/pipeline.ts'
import { event } from '../kit/events.ts'
import { probes, stories } from '../kit/stories.ts'

type Store = ChainStore & ChainReader

const MANY = { limit: 500 }

function pipelineOn(store: Store, limits: Partial<Limits> = {}): Pipeline {
  const engine = createEngine({ detectors: probes, limits, isBacked: true })
  return createPipeline({
    engine,
    store,
    clock: () => Date.parse('2026-11-20T12:00:00Z'),
    maxBatch: 1_000,
    rawOf: () => null,
  })
}

const feed = async (pipeline: Pipeline, events: readonly AgentEvent[]): Promise<void> =>
  void (await pipeline.ingest(events.map((event) => ({ ok: true, event, origin: { file: 'test', line: 1 } }))))

/** What a reader of the store sees: how often an alert was revised may differ, what it says may not. */
async function seen(store: Store): Promise<object> {
  const { items: alerts } = await store.alerts(MANY)
  const { items: chains } = await store.chains(MANY)
  const { items: credentials } = await store.credentials(MANY)
  const byId = (a: { id: string }, b: { id: string }): number => (a.id < b.id ? -1 : 1)
  const steps = await Promise.all(
    chains.map(async ({ workflowId }) => [
      workflowId,
      (await store.steps('default', workflowId, MANY)).items.map(({ step }) => step.event.id),
    ]),
  )
  return {
    alerts: alerts
      .filter(({ status }) => status === 'open')
      .map(({ revision: _revision, reason: _reason, ...rest }) => rest)
      .sort(byId),
    chains: chains.map(({ links: _links, ...rest }) => rest).sort((a, b) => (a.workflowId < b.workflowId ? -1 : 1)),
    credentials: credentials.map(({ uses: _uses, ...rest }) => rest).sort(byId),
    steps: steps.sort(),
  }
}

async function whole(events: readonly AgentEvent[], limits: Partial<Limits> = {}): Promise<object> {
  const store = createMemoryStore()
  const pipeline = pipelineOn(store, limits)
  await pipeline.start()
  for (const event of events) await feed(pipeline, [event])
  await pipeline.finish()
  return seen(store)
}

async function cutAt(
  events: readonly AgentEvent[],
  cuts: readonly number[],
  limits: Partial<Limits> = {},
  store: Store = createMemoryStore(),
): Promise<object> {
  const ends = [...new Set(cuts.map((cut) => cut % (events.length + 1)))].sort((a, b) => a - b)
  let from = 0
  for (const end of [...ends, events.length]) {
    const pipeline = pipelineOn(store, limits)
    await pipeline.start()
    for (const event of events.slice(from, end)) await feed(pipeline, [event])
    if (end === events.length) await pipeline.finish()
    from = end
  }
  return seen(store)
}

describe('going on from stored state', () => {
  it('after a stop anywhere ends as if there had been none', async () => {
    await fc.assert(
      fc.asyncProperty(stories, fc.array(fc.nat(), { minLength: 1, maxLength: 4 }), async (events, cuts) => {
        expect(await cutAt(events, cuts)).toEqual(await whole(events))
      }),
      { numRuns: 200 },
    )
  })

  it('or from what its agents knew then, without the steps before', async () => {
    const short = { latenessMs: 10_000, idleMs: 30_000 }
    let checkpoints = 0
    await fc.assert(
      fc.asyncProperty(stories, fc.array(fc.nat(), { minLength: 1, maxLength: 4 }), async (events, cuts) => {
        const inOrder = events.filter(({ workflow_id }) => workflow_id !== undefined).toSorted((a, b) => a.at - b.at)
        const store = createMemoryStore()
        const counted: Store = {
          ...store,
          load: async (needs, readers) => {
            const stored = await store.load(needs, readers)
            checkpoints += stored.checkpoints.length
            return stored
          },
        }
        const limits = { ...short, windowMin: 0, sealAtOnce: 1, checkpointEvery: 1 }
        expect(await cutAt(inOrder, cuts, limits, counted)).toEqual(await whole(inOrder, limits))
      }),
      { numRuns: 200 },
    )
    expect(checkpoints).toBeGreaterThan(20)
  })

  it('tells no alert anew', async () => {
    await fc.assert(
      fc.asyncProperty(stories, async (events) => {
        const store = createMemoryStore()
        await feed(pipelineOn(store), events)
        const before = (await store.alerts(MANY)).items
        const again = pipelineOn(store)
        await again.start()
        await feed(again, events)
        expect(again.counts.duplicates).toBe(events.length)
        expect((await store.alerts(MANY)).items).toEqual(before)
      }),
      { numRuns: 100 },
    )
  })

  it('knows a heartbeat again that came before the stop, and no other', async () => {
    const beat = (id: string, source: string): AgentEvent => ({
      ...event({ id, at: 0 }),
      source,
      kind: 'heartbeat',
      heartbeat: { interval_s: 30 },
    })
    const store = createMemoryStore()
    await feed(pipelineOn(store), [beat('h1', 'a')])
    const again = pipelineOn(store)
    await again.start()
    await feed(again, [beat('h1', 'a'), beat('h1', 'b'), beat('h2', 'a'), beat('h2', 'a')])
    expect(again.counts).toMatchObject({ events: 2, duplicates: 2 })
  })

  it('with next to nothing kept in memory ends as with everything kept', async () => {
    const short = { latenessMs: 10_000, idleMs: 30_000 }
    await fc.assert(
      fc.asyncProperty(stories, async (events) => {
        const inOrder = events.filter(({ workflow_id }) => workflow_id !== undefined).toSorted((a, b) => a.at - b.at)
        expect(await whole(inOrder, { ...short, maxHotSteps: 0 })).toEqual(await whole(inOrder, short))
      }),
      { numRuns: 200 },
    )
  })
})
