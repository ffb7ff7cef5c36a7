import { expect, it } from 'vitest'
import { partitioner } from '../../src/adapters/kafka/partition-of.ts'
import { ownerKeyOf } from '../../src/engine/mail.ts'
import type { Address, CheckpointRow, HeartbeatRow, Need, StepRow } from '../../src/ports/index.ts'
import { START } from '../kit/events.ts'
import { alert, chain, commit, credential, findingRow, heartbeat, link, step } from './rows.ts'
import type { Store } from './store.ts'

const NOTHING = {
  steps: [],
  links: [],
  chains: [],
  parts: [],
  credentials: [],
  findings: [],
  alerts: [],
  sessions: [],
  heartbeats: [],
  checkpoints: [],
}

const need = (kind: Need['kind'], subject: string, tenant = 'default'): Need => ({ kind, tenant, subject })
const idsOf = (rows: readonly StepRow[]): readonly string[] => rows.map((row) => row.step.event.id)

export function loadsRows(store: () => Store): void {
  it('nothing for nothing, and for what is not known', async () => {
    expect(await store().load([])).toEqual(NOTHING)
    const kinds = ['chain', 'credential', 'grant', 'agent', 'session', 'group', 'event', 'heartbeat'] as const
    expect(await store().load(kinds.map((kind) => need(kind, 'none')))).toEqual(NOTHING)
  })

  it('a finding of a thread in each chain that it stands in: one that moved may stand in its old one still', async () => {
    const track = 'grant/default/g1'
    const rows = [findingRow({ track, workflowId: 'w1' }), findingRow({ track, workflowId: 'w2' })]
    await store().save(commit(1, { findings: rows, chains: [chain(), chain({ workflowId: 'w2' })] }))
    for (const needs of [[need('grant', 'g1')], [need('chain', 'w1'), need('chain', 'w2')]]) {
      const { findings } = await store().load(needs)
      expect(findings.map(({ finding }) => finding.workflowId).sort()).toEqual(['w1', 'w2'])
    }
  })

  it('a chain: its steps, links, findings that stand and last alerts', async () => {
    const saved = commit(1, {
      steps: [step({ id: 'e2', at: 2 }), step({ id: 'e1', at: 1 }), step({ id: 'x', workflow: 'w2' })],
      links: [link(), link({ workflowId: 'w2' })],
      findings: [
        findingRow(),
        findingRow({ id: 'f2' }, { status: 'retracted', reason: 'e9' }),
        findingRow({ workflowId: 'w2' }),
      ],
      alerts: [alert(), alert({ revision: 2 }), alert({ id: 'al2', workflowId: 'w2' })],
      chains: [chain(), chain({ workflowId: 'w2' })],
    })
    await store().save(saved)
    expect(await store().load([need('chain', 'w1')])).toEqual({
      ...NOTHING,
      steps: [saved.steps[1], saved.steps[0]],
      links: [link()],
      findings: [findingRow()],
      alerts: [alert({ revision: 2 })],
      chains: [chain()],
    })
  })

  it.each(['credential', 'grant', 'agent'] as const)('the thread of a %s, over all chains', async (kind) => {
    const row = { threads: [`${kind}/default/t1`, `${kind}/default/t2`] }
    await store().save(
      commit(1, {
        steps: [
          step({ id: 'late', at: 9, workflow: 'w1', row }),
          step({ id: 'early', at: 1, workflow: 'w9', row }),
          step({ id: 'other', at: 2, row: { threads: [`${kind}/default/t10`] } }),
          step({ id: 'theirs', at: 2, tenant: 'other', row }),
        ],
        credentials: ['t1', 't2', 't10'].map((id) => credential({ id })),
      }),
    )
    expect(idsOf((await store().load([need(kind, 't1')])).steps)).toEqual(['early', 'late'])
  })

  it('an event id, whatever its chain and source', async () => {
    await store().save(
      commit(1, {
        steps: [step({ id: 'e1', workflow: 'w1' }), step({ id: 'e1', workflow: 'w2' }), step({ id: 'e11' })],
      }),
    )
    const { steps } = await store().load([need('event', 'e1')])
    expect(steps.map((row) => row.step.attribution.workflowId).sort()).toEqual(['w1', 'w2'])
  })

  it('a heartbeat by its event id, of any source, once', async () => {
    const rows = [heartbeat('h1', { source: 'a' }), heartbeat('h1', { source: 'b' }), heartbeat('h2')]
    await store().save(commit(1, { heartbeats: [...rows, heartbeat('h1', { tenant: 'other' })] }))
    await store().save(commit(2, { heartbeats: rows.slice(0, 1) }))
    expect(await store().load([need('heartbeat', 'h1')])).toEqual({ ...NOTHING, heartbeats: rows.slice(0, 2) })
    expect((await store().resume()).sequence).toBe(2)
  })

  it('the heartbeats of an agent', async () => {
    const rows = [heartbeat('h1'), heartbeat('h2')]
    const other = heartbeat('h3', { agent: { id: 'a2' } })
    await store().save(commit(1, { heartbeats: [...rows, other, heartbeat('h4', { tenant: 'other' })] }))
    const { heartbeats } = await store().load([need('agent', 'a1'), need('heartbeat', 'h1')])
    expect(heartbeats.toSorted((a, b) => (a.event.id < b.event.id ? -1 : 1))).toEqual(rows)
  })

  it('of an agent with a checkpoint what came from its time on, where it is of the readers asked for', async () => {
    const at = (id: string, time: number): HeartbeatRow => heartbeat(id, { at: START + time })
    const checkpoint = (agent: string, until: number, tenant = 'default', state = '[1]'): CheckpointRow => ({
      tenant,
      thread: `agent/${tenant}/${agent}`,
      until: START + until,
      readers: 'r1',
      state,
    })
    const stepsOf = (agent: string): readonly StepRow[] =>
      [1, 5, 9].map((time) =>
        step({ id: `${agent}-${time}`, at: time, workflow: `w${time}`, row: { threads: [`agent/default/${agent}`] } }),
      )
    const steps = ['a1', 'a2', 'a3'].flatMap(stepsOf)
    const checkpoints = [checkpoint('a1', 5), checkpoint('a2', 9), checkpoint('a1', 9, 'other')]
    await store().save(commit(1, { checkpoints: [checkpoint('a1', 1, 'default', 'earlier')] }))
    await store().save(commit(2, { steps, heartbeats: [at('h1', 4), at('h2', 5)], checkpoints }))
    const needs = ['a1', 'a2', 'a3'].map((agent) => need('agent', agent))
    const loaded = await store().load(needs, 'r1')
    expect(idsOf(loaded.steps).toSorted()).toEqual(['a1-5', 'a1-9', 'a2-9', 'a3-1', 'a3-5', 'a3-9'])
    expect(loaded.heartbeats.map(({ event }) => event.id)).toEqual(['h2'])
    expect(loaded.checkpoints).toEqual(checkpoints.slice(0, 2))
    for (const readers of [undefined, 'r2']) {
      const all = await store().load(needs, readers)
      expect([all.steps.length, all.heartbeats.length, all.checkpoints]).toEqual([9, 2, []])
    }
    const withChain = await store().load([...needs, need('chain', 'w1')], 'r1')
    expect(idsOf(withChain.steps)).toContain('a1-1')
  })

  it('a credential: what is shown of it, and what the engine noted', async () => {
    await store().save(commit(1, { credentials: [credential(), credential({ id: 'tok-2' })] }))
    expect((await store().load([need('credential', 'tok-1')])).credentials).toEqual([credential()])
  })

  it('each step once, though a chain and two threads show it', async () => {
    const rows = [step({ row: { threads: ['credential/default/t1', 'agent/default/a1'] } })]
    await store().save(commit(1, { steps: rows }))
    const needs = [need('chain', 'w1'), need('credential', 't1'), need('agent', 'a1'), need('chain', 'w1')]
    expect((await store().load(needs)).steps).toEqual(rows)
  })

  it('a thread without the steps that left it', async () => {
    await store().save(commit(1, { steps: [step({ row: { threads: ['credential/default/t1'] } })] }))
    const credentials = [credential({ id: 't1' }), credential({ id: 't2' })]
    await store().save(commit(2, { steps: [step({ row: { threads: ['credential/default/t2'] } })], credentials }))
    expect((await store().load([need('credential', 't1')])).steps).toEqual([])
    expect((await store().load([need('credential', 't2')])).steps).toHaveLength(1)
  })

  it('a session: its earliest reported steps by workflow, agent and principal, and those that named no workflow', async () => {
    const inSession = { session_id: 's1', agent: { id: 'a1' } }
    await store().save(
      commit(1, {
        steps: [
          step({ id: 'first', at: 5, more: inSession }),
          step({ id: 'later', at: 6, more: inSession }),
          step({
            id: 'guessed',
            at: 1,
            more: inSession,
            step: { attribution: { workflowId: 'w1', grade: 'derived', rule: 'session' } },
          }),
          step({ id: 'else', at: 7, workflow: 'w2', more: inSession }),
          step({ id: 'other agent', at: 8, more: { ...inSession, agent: { id: 'a2' } } }),
          step({ id: 'for ana', at: 9, more: { ...inSession, principal: { type: 'user', id: 'ana' } } }),
          step({ id: 'stranger', at: 1, more: { session_id: 's2' } }),
        ],
      }),
    )
    const { sessions, steps } = await store().load([need('session', 's1')])
    expect(idsOf(sessions)).toEqual(['guessed', 'first', 'else', 'other agent', 'for ana'])
    expect(steps).toEqual([])
  })

  it('the threads that steps of open chains show, each once', async () => {
    await store().save(
      commit(1, {
        steps: [
          step({ id: 'e1', row: { threads: ['credential/default/t1', 'agent/default/a1'] } }),
          step({ id: 'e2', row: { threads: ['credential/default/t1'] } }),
          step({ id: 'e3', workflow: 'w2', row: { threads: ['credential/default/t2'] } }),
        ],
        chains: [chain({ workflowId: 'w1' }), chain({ workflowId: 'w2', status: 'closed' })],
      }),
    )
    expect(await store().openThreads()).toEqual([need('agent', 'a1'), need('credential', 't1')])
  })

  it('of a partition, every open chain and thread that falls there', async () => {
    const workflows = ['w1', 'w2', 'w3', '~agent/é', '~agent/é@2026-11-20T09:00:00.000Z', 'w@2026', 'a/b']
    const threads = ['credential/t%2F1/k/1', 'agent/t%2F1/a1', 'grant/t%2F1/g']
    await store().save(
      commit(1, {
        steps: workflows.map((workflow, i) => step({ id: `e${i}`, workflow, tenant: 't/1', row: { threads } })),
        chains: workflows.map((workflowId) => chain({ workflowId, tenant: 't/1' })),
      }),
    )
    const count = 4
    const partitionOf = partitioner(count)
    for (let number = 0; number < count; number += 1) {
      const isThere = (one: Need): boolean => partitionOf(ownerKeyOf(one as Address)) === number
      const all = [...(await store().resume()).open, ...(await store().openThreads())].filter(isThere)
      const { open } = await store().resume({ number, count })
      expect([...open, ...(await store().openThreads({ number, count }))].filter(isThere)).toEqual(all)
    }
  })

  it('a group: the parts of a made-up chain, and no others', async () => {
    const ids = ['~agent/a', '~agent/a@2026-11-20T09:00:00.000Z', '~agent/ab', '~agent/a/b', 'w1']
    const steps = ids.flatMap((workflow, i) => [
      step({ id: `first${i}`, workflow, at: i }),
      step({ id: `last${i}`, workflow, at: i + 10 }),
    ])
    const gone = step({ id: 'gone', workflow: '~agent/a@2026-11-20T10:00:00.000Z', row: { isGone: true } })
    await store().save(commit(1, { steps: [...steps, gone] }))
    const { parts } = await store().load([need('group', '~agent/a')])
    expect([...parts].sort((a, b) => a.firstAt - b.firstAt)).toEqual(
      ids.slice(0, 2).map((workflowId, i) => ({
        tenant: 'default',
        workflowId,
        firstAt: steps[2 * i]?.step.event.at,
        lastAt: steps[2 * i + 1]?.step.event.at,
      })),
    )
  })

  it('thousands of needs at once, each in its own tenant', async () => {
    const ids = Array.from({ length: 3_000 }, (_, i) => `workflow-${i}`)
    await store().save(
      commit(1, {
        steps: ids.map((workflow, i) => step({ id: `e${i}`, at: i, workflow, tenant: `t${i % 2}` })),
        chains: ids.map((workflowId, i) => chain({ workflowId, tenant: `t${i % 2}` })),
      }),
    )
    const loaded = await store().load(ids.flatMap((id) => [need('chain', id, 't0'), need('credential', id, 't1')]))
    expect(loaded.chains).toHaveLength(1_500)
    expect(idsOf(loaded.steps)).toEqual(Array.from({ length: 1_500 }, (_, i) => `e${i * 2}`))
  })

  it('where an earlier process stopped', async () => {
    expect(await store().resume()).toEqual({ sequence: 0, maxAt: null, maxBeatAt: null, open: [] })
    await store().save(
      commit(41, {
        steps: [step({ at: 500 }), step({ id: 'e2', at: 9_000, row: { clockSkew: true } })],
        chains: [chain(), chain({ workflowId: 'w2', status: 'closed' }), chain({ workflowId: 'w3', events: 0 })],
      }),
    )
    await store().save(commit(42, { alerts: [alert()], heartbeats: [heartbeat('h1', { at: START + 700 })] }))
    const open = [need('chain', 'w1')]
    expect(await store().resume()).toEqual({ sequence: 42, maxAt: START + 500, maxBeatAt: START + 700, open })
  })
}
