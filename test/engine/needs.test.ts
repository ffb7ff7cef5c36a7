import { describe, expect, it } from 'vitest'
import { createMemoryStore } from '../../src/adapters/memory/memory-store.ts'
import type { AgentEvent } from '../../src/core/index.ts'
import { createEngine, type Engine } from '../../src/engine/engine.ts'
import type { Arrival } from '../../src/ports/index.ts'
import { createPipeline } from '../../src/runtime/pipeline.ts'
import { event, START } from '../kit/events.ts'
import { probes } from '../kit/stories.ts'

const beat = (id: string, at: number): AgentEvent =>
  ({ ...event({ id, at, agent: 'a1' }), kind: 'heartbeat', heartbeat: { interval_s: 30 } }) as AgentEvent

const idsAsked = (engine: Engine, events: readonly AgentEvent[]): readonly string[] =>
  engine.needs(events).flatMap(({ kind, subject }) => (kind === 'heartbeat' ? [subject] : []))

describe('a process that goes on where another stopped asks the store', () => {
  const resumed = (maxBeatAt: number | null): Engine => {
    const engine = createEngine({ detectors: probes, isBacked: true })
    engine.resume({ sequence: 7, maxAt: START + 500, maxBeatAt })
    return engine
  }

  it('for heartbeats that the other may have had, and for none after those', () => {
    const events = [beat('h1', 100), beat('h2', 200), beat('h3', 201)]
    expect(idsAsked(resumed(START + 200), events)).toEqual(['h1', 'h2'])
  })

  it('for no heartbeat where there was none', () => {
    expect(idsAsked(resumed(null), [beat('h1', 100)])).toEqual([])
  })

  it('for no heartbeat that it had itself', () => {
    const engine = resumed(START + 200)
    engine.accept(beat('h1', 100), { origin: null, arrivedAt: START + 100 })
    expect(idsAsked(engine, [beat('h1', 100), beat('h2', 100)])).toEqual(['h2'])
  })

  it('for heartbeats of which it has forgotten whether it had them', () => {
    const engine = createEngine({ detectors: probes, isBacked: true, limits: { maxSeen: 4 } })
    engine.resume({ sequence: 7, maxAt: null, maxBeatAt: null })
    for (let i = 0; i < 8; i += 1) engine.accept(beat(`h${i}`, i), { origin: null, arrivedAt: START + i })
    expect(idsAsked(engine, [beat('h0', 0), beat('h7', 7), beat('new', 8)])).toEqual(['h0'])
  })
})

describe('a batch of events that name no workflow', () => {
  it('is asked for together, though what each needs only shows when its credential is there', async () => {
    const store = createMemoryStore()
    const sizes: number[] = []
    const engine = createEngine({ detectors: probes, isBacked: true })
    const pipeline = createPipeline({
      engine,
      store: {
        save: (commit) => store.save(commit),
        load: async (needs) => {
          sizes.push(needs.length)
          return store.load(needs)
        },
        resume: async () => ({ ...(await store.resume()), sequence: 1 }),
      },
      clock: () => START,
      maxBatch: 1_000,
      rawOf: () => null,
    })
    await pipeline.start()
    const uses = Array.from({ length: 50 }, (_, i): Arrival => {
      const credential = { id: `c${i}`, action: 'use' } as const
      return { ok: true, event: event({ id: `u${i}`, at: i, credential }), origin: { file: 'x', line: i } }
    })
    expect(await pipeline.ingest(uses)).toEqual(uses.map(() => 'accepted'))
    expect(sizes.length).toBeLessThan(5)
  })
})
