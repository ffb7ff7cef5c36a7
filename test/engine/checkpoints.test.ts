import { describe, expect, it } from 'vitest'
import { rarePath } from '../../detectors/rare-path.ts'
import { createMemoryStore } from '../../src/adapters/memory/memory-store.ts'
import type { AgentEvent } from '../../src/core/index.ts'
import { createEngine } from '../../src/engine/engine.ts'
import type { Stored } from '../../src/ports/index.ts'
import { createPipeline, type Pipeline } from '../../src/runtime/pipeline.ts'
import { event, START } from '../kit/events.ts'

const HOUR = 3_600_000
const DAYS = 10
const CHAINS_A_DAY = 8
const STEPS = 6

/** Chains of one agent that do the same day after day. */
const ordinary: readonly AgentEvent[] = Array.from({ length: DAYS * CHAINS_A_DAY }, (_, chain) =>
  Array.from({ length: STEPS }, (_, nth) =>
    event({
      id: `c${chain}-${nth}`,
      at: chain * 3 * HOUR + nth * 1_000,
      workflow: `c${chain}`,
      agent: 'a1',
      tool: {
        name: `tickets.${nth % 2 === 0 ? 'read' : 'answer'}`,
        resource: { id: `tickets/${chain}`, zone: 'support' },
      },
    }),
  ),
).flat()

/** One that does what it never did. */
const strange: readonly AgentEvent[] = ['payroll.read', 'files.share', 'vault.open'].map((name, nth) =>
  event({
    id: `x-${nth}`,
    at: DAYS * CHAINS_A_DAY * 3 * HOUR + nth * 1_000,
    workflow: 'strange',
    agent: 'a1',
    tool: { name, resource: { id: `${name}/1`, zone: `zone-${nth}` } },
  }),
)

type Store = ReturnType<typeof createMemoryStore>

function pipelineOn(store: Store, settings: Record<string, unknown>, onLoad: (stored: Stored) => Stored): Pipeline {
  return createPipeline({
    engine: createEngine({ detectors: [rarePath], settings, isBacked: true }),
    store: { ...store, load: async (needs, readers) => onLoad(await store.load(needs, readers)) },
    clock: () => START + DAYS * 24 * HOUR,
    maxBatch: 1_000,
    rawOf: () => null,
  })
}

const feed = async (pipeline: Pipeline, events: readonly AgentEvent[]): Promise<void> =>
  void (await pipeline.ingest(events.map((one) => ({ ok: true, event: one, origin: { file: 'test', line: 1 } }))))

/** What a second process finds in the strange chain and how many steps it was given, where the store forgot all before a time. */
async function afterRestart(forgetBefore: number, settings: Record<string, unknown> = {}) {
  const store = createMemoryStore()
  const first = pipelineOn(store, {}, (stored) => stored)
  await first.start()
  for (let at = 0; at < ordinary.length; at += 40) await feed(first, ordinary.slice(at, at + 40))
  let read = 0
  const second = pipelineOn(store, settings, (stored) => {
    const steps = stored.steps.filter(({ step }) => step.event.at >= START + forgetBefore)
    read += steps.length
    return { ...stored, steps }
  })
  await second.start()
  await feed(second, strange)
  await second.finish()
  return { read, summaries: (await store.findings('default', 'strange')).map(({ finding }) => finding.summary) }
}

const EVERYTHING = -1
const FIRST_HALF = (DAYS / 2) * CHAINS_A_DAY * 3 * HOUR

describe('a process that goes on with an agent', () => {
  it('knows what is usual for it without having its steps read again', async () => {
    const { read, summaries } = await afterRestart(EVERYTHING)
    expect(summaries).toHaveLength(1)
    expect(summaries[0]).toContain('never did this in 80 chains')
    expect(ordinary).toHaveLength(480)
    expect(read).toBeLessThan(330)
  })

  it('and when the store has long forgotten them', async () => {
    expect((await afterRestart(FIRST_HALF)).summaries[0]).toContain('never did this in 80 chains')
    const anew = await afterRestart(FIRST_HALF, { 'rare-path': { halfLifeDays: 20 } })
    expect(anew.summaries[0]).toContain('never did this in 40 chains')
  })

  it('learns anew what other settings make of its steps', async () => {
    const { read, summaries } = await afterRestart(EVERYTHING, { 'rare-path': { halfLifeDays: 20 } })
    expect(read).toBeGreaterThanOrEqual(480)
    expect(summaries[0]).toContain('never did this in 80 chains')
  })
})
