import { describe, expect, it } from 'vitest'
import { createMemoryStore } from '../../src/adapters/memory/memory-store.ts'
import type { AgentEvent } from '../../src/core/index.ts'
import { createEngine } from '../../src/engine/engine.ts'
import type { Owns } from '../../src/engine/mail.ts'
import type { ChainReader, ChainStore, Fact } from '../../src/ports/index.ts'
import { partitionStore } from '../../src/runtime/partition-store.ts'
import { createPipeline } from '../../src/runtime/pipeline.ts'
import { event, START } from '../kit/events.ts'
import { probes } from '../kit/stories.ts'

const LATER = START + 600_000
const isChain: Owns = ({ kind }) => kind === 'chain'
const isThread: Owns = (address) => !isChain(address)

/** An owner of chains or of threads, and what it has for others. */
async function owner(store: ChainStore & ChainReader, owns: Owns, epoch: number) {
  const out: Fact[] = []
  const post = async ({ facts = [] }: { facts?: readonly Fact[] }): Promise<void> => void out.push(...facts)
  const pipeline = createPipeline({
    engine: createEngine({ detectors: probes, isBacked: true, owns }),
    store: partitionStore({ store, part: { number: 0, count: 1 }, owns, epoch, post }),
    clock: () => LATER,
    maxBatch: 1_000,
    rawOf: () => null,
  })
  await pipeline.start()
  return {
    read: async (events: readonly AgentEvent[]): Promise<void> =>
      void (await pipeline.ingest(events.map((one) => ({ ok: true, event: one, origin: { file: 'test', line: 1 } })))),
    hear: (facts: readonly Fact[]) => pipeline.receive(facts),
    finish: () => pipeline.finish(LATER),
    tells: () => out.splice(0),
  }
}

const credential = (id: string, at: number, action: 'issue' | 'revoke'): AgentEvent =>
  event({ id, at, workflow: 'w1', agent: 'a1', credential: { id: 'c1', action } })

const isFindings = ({ what }: Fact): boolean => what === 'findings'

describe("a finding of a thread that no longer holds, where the thread's owner died before it could say so", () => {
  it.each(['before', 'after'])('is taken back when its chain has it %s the next owner begins', async (when) => {
    const store = createMemoryStore()
    const chains = await owner(store, isChain, 1)
    const first = await owner(store, isThread, 1)
    await chains.read([credential('issued', 0, 'issue')])
    await first.hear(chains.tells())
    await chains.hear(first.tells())
    await first.finish()
    const found = first.tells()
    expect(found.filter(isFindings)).toHaveLength(1)

    await chains.read([credential('revoked', 60_000, 'revoke')])
    const late = chains.tells()
    await first.hear(late)
    // It dies when it has sent a part of what it had to say.
    const part = first.tells().filter((fact) => !isFindings(fact))
    if (when === 'before') await chains.hear([...found, ...part])
    else await chains.hear(part)
    const next = await owner(store, isThread, 2)
    await next.hear(late)
    if (when === 'after') await chains.hear(found)
    for (let i = 0; i < 3; i += 1) {
      await next.hear(chains.tells())
      await next.finish()
      await chains.hear(next.tells())
    }
    expect((await store.findings('default', 'w1')).map(({ status }) => status)).toEqual(['retracted'])
  })
})
