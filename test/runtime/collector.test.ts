import { describe, expect, it } from 'vitest'
import { createCollector } from '../../src/runtime/collector.ts'
import { alert, chain, commit, credential, rejected, step } from '../contracts/rows.ts'

const BOUNDS = { quietChains: 2, credentials: 2, rejectedOfReason: 2, coverage: 2 }

describe('what an analysis keeps of a large input', () => {
  it('is every risky chain and the first of the harmless ones, and all are counted once', async () => {
    const collector = createCollector(BOUNDS)
    for (const workflowId of ['w1', 'w2', 'w3', 'w4', 'w4'])
      await collector.save(commit(1, { chains: [chain({ workflowId, score: 0, severity: 'info' })] }))
    await collector.save(commit(2, { chains: [chain({ workflowId: 'w5', score: 80, severity: 'high' })] }))
    const { chains, leftOut } = collector.collected()
    expect(chains.map(({ workflowId }) => workflowId)).toEqual(['w5', 'w1', 'w2'])
    expect(leftOut.chains).toBe(2)
  })

  it('takes a chain in when it turns risky, and says where it began unless that was long ago', async () => {
    const collector = createCollector(BOUNDS)
    for (const workflowId of ['w1', 'w2', 'w3', 'w4', 'w5'])
      await collector.save(
        commit(1, {
          chains: [chain({ workflowId, score: 0, severity: 'info' })],
          steps: [step({ id: workflowId, workflow: workflowId })],
        }),
      )
    for (const workflowId of ['w3', 'w5'])
      await collector.save(
        commit(2, {
          chains: [chain({ workflowId, score: 80, severity: 'high' })],
          steps: [step({ id: 'late', workflow: workflowId })],
        }),
      )
    const { chains, leftOut, originOf } = collector.collected()
    expect(chains.map(({ workflowId }) => workflowId)).toEqual(['w3', 'w5', 'w1', 'w2'])
    expect(leftOut.chains).toBe(1)
    expect(originOf('default', 'w3')).toBeNull()
    expect(originOf('default', 'w5')).not.toBeNull()
    expect(originOf('default', 'w1')).not.toBeNull()
  })

  it('is every credential that an alert names and the first of the others', async () => {
    const collector = createCollector(BOUNDS)
    for (const id of ['c1', 'c2', 'c3']) await collector.save(commit(1, { credentials: [credential({ id })] }))
    await collector.save(
      commit(2, { alerts: [alert({ credentialIds: ['c4'] })], credentials: [credential({ id: 'c4' })] }),
    )
    const { credentials, leftOut } = collector.collected()
    expect(credentials.map(({ id }) => id)).toEqual(['c1', 'c2', 'c4'])
    expect(leftOut.credentials).toBe(1)
  })

  it('is the first refused records of each reason', async () => {
    const collector = createCollector(BOUNDS)
    const refused = (reason: 'not_json' | 'bad_time', id: string) => rejected({ id, reason })
    await collector.save(
      commit(1, {
        rejected: [
          refused('not_json', 'r1'),
          refused('not_json', 'r2'),
          refused('not_json', 'r3'),
          refused('bad_time', 'r4'),
        ],
      }),
    )
    const { rejected: kept, leftOut } = collector.collected()
    expect(kept.map(({ id }) => id)).toEqual(['r1', 'r2', 'r4'])
    expect(leftOut.rejected).toBe(1)
  })
})
