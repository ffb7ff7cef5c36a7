import { expect, it } from 'vitest'
import { createMemoryStore } from '../../src/adapters/memory/memory-store.ts'
import type { Claim } from '../../src/ports/index.ts'
import { openPartition } from '../../src/service/cluster/partition.ts'
import { event } from '../kit/events.ts'
import { probes } from '../kit/stories.ts'

const AT = Date.parse('2026-11-20T12:00:00Z')
const issue = (id: string) =>
  event({ id, at: 0, workflow: 'w1', agent: 'a1', credential: { id: 'c1', action: 'issue' } })

/** A partition of chains, beside one of threads, that another process claims while its facts are on their way. */
async function claimedWhileItSends(isClaimed: boolean) {
  let last: Claim = { partition: 0, epoch: 0, owner: '' }
  const claim = async (partition: number, owner: string): Promise<Claim> => {
    last = { partition, epoch: last.epoch + 1, owner }
    return last
  }
  const sent: string[] = []
  const partition = await openPartition({
    number: 0,
    count: 2,
    partitionOf: (key) => (key === 'default/w1' ? 0 : 1),
    owner: 'one',
    store: createMemoryStore(),
    claims: { claim, holds: async (held) => held === last },
    engineParts: { detectors: probes },
    pipelineParts: { clock: () => AT, maxBatch: 100, rawOf: () => null },
    post: async ({ facts = [] }) => {
      if (isClaimed) await claim(0, 'another')
      sent.push(...facts.map(({ what }) => what))
    },
  })
  const done = partition.ingest([{ ok: true, event: issue('e1'), origin: { file: 'test', line: 1 } }])
  return { done, sent }
}

it('what was read is not done when another claimed the partition before its facts were sent: those who know of it did not take them', async () => {
  const { done, sent } = await claimedWhileItSends(true)
  await expect(done).rejects.toMatchObject({ code: 'CAT_FENCED' })
  expect(sent).toContain('step')
  const undisturbed = await claimedWhileItSends(false)
  expect(await undisturbed.done).toEqual(['accepted'])
})
