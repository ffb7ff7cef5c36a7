import { expect, it } from 'vitest'
import type { AgentEvent } from '../../src/core/index.ts'
import type { Commit, StepRow } from '../../src/ports/index.ts'
import { event, START } from '../kit/events.ts'
import {
  alert,
  chain,
  commit,
  coverage,
  credential,
  edge,
  finding,
  findingRow,
  link,
  rejected,
  shownCoverage,
  shownCredential,
  step,
} from './rows.ts'
import type { Store } from './store.ts'

const ALL = { limit: 100 }

const FULL: Commit = commit(1, {
  steps: [step({})],
  links: [link()],
  edges: [edge()],
  findings: [findingRow()],
  alerts: [alert()],
  credentials: [credential()],
  coverage: [coverage()],
  rejected: [rejected()],
  chains: [chain()],
})

/** Everything a reader can see of the default tenant's chain `w1`. */
const seenIn = async (store: Store) => ({
  steps: (await store.steps('default', 'w1', ALL)).items,
  edges: await store.edges('default', 'w1'),
  findings: await store.findings('default', 'w1'),
  alerts: (await store.alerts(ALL)).items,
  credentials: (await store.credentials(ALL)).items,
  coverage: (await store.coverage(ALL)).items,
  rejected: (await store.rejected(ALL)).items,
  chains: (await store.chains(ALL)).items,
})

const SEEN = {
  steps: FULL.steps,
  edges: FULL.edges,
  findings: FULL.findings,
  alerts: FULL.alerts,
  credentials: FULL.credentials.map(shownCredential),
  coverage: FULL.coverage.map(shownCoverage),
  rejected: FULL.rejected,
  chains: FULL.chains,
}

const steps = async (store: Store, workflow = 'w1'): Promise<readonly StepRow[]> =>
  (await store.steps('default', workflow, ALL)).items

const ODD = [
  "it's",
  'back\\slash',
  "both\\'",
  'per%cent_under',
  'ünï 漢字 😀',
  'new\nline\r\n\ttab',
  '"quoted"',
  '\\N',
  '{key:String}',
  ' lead and trail ',
  "'); DROP TABLE steps; --",
  'x'.repeat(256),
  '漢'.repeat(256),
  '~agent/a@b',
]

export function keepsRows(store: () => Store): void {
  it('writes nothing that its fence does not let pass, and its neighbours all the same', async () => {
    const claim = { partition: 1, epoch: 1, owner: 'a' }
    const closed = {
      claim,
      pass: async (): Promise<void> => {
        throw new Error('another has it')
      },
    }
    const saved = await Promise.allSettled([
      store().save(commit(1, { chains: [chain({ workflowId: 'w0' })] })),
      store().save(FULL, closed),
      store().save(commit(2, { chains: [chain({ workflowId: 'w2' })] }), { claim, pass: async () => undefined }),
    ])
    expect(saved.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    const { steps, alerts, chains } = await seenIn(store())
    expect([steps, alerts, chains.map(({ workflowId }) => workflowId).sort()]).toEqual([[], [], ['w0', 'w2']])
  })

  it('every kind of row, exactly', async () => {
    await store().save(FULL)
    expect(await seenIn(store())).toEqual(SEEN)
  })

  it('one by one too', async () => {
    await store().save(FULL)
    expect(await store().chain('default', 'w1')).toEqual(chain())
    expect(await store().alert('default', 'al1')).toEqual(alert())
    expect(await store().credential('default', 'tok-1')).toEqual(shownCredential(credential()))
  })

  it('once, when it is saved twice', async () => {
    await store().save(FULL)
    await store().save(FULL)
    expect(await seenIn(store())).toEqual(SEEN)
  })

  it('whole, when a save that stopped half way is done again', async () => {
    await store().save({ ...FULL, alerts: [], credentials: [], chains: [] })
    await store().save(FULL)
    expect(await seenIn(store())).toEqual(SEEN)
  })

  it('of nothing: unknown things are null or empty', async () => {
    await store().save(commit(1))
    expect(await store().chain('default', 'none')).toBeNull()
    expect(await store().alert('default', 'none')).toBeNull()
    expect(await store().credential('default', 'none')).toBeNull()
    expect(await store().alertHistory('default', 'none')).toEqual([])
    expect(await store().lineage('default', 'none')).toEqual([])
    expect(await store().edges('default', 'none')).toEqual([])
    expect(await store().steps('default', 'none', ALL)).toEqual({ items: [], cursor: null })
    await store().ping()
  })

  it('a step with all that an event can say, to the nanosecond', async () => {
    const rows = [
      step({
        id: 'full',
        more: {
          ns: 123_456,
          time: '2026-11-20T09:00:00.000123456Z',
          source: 'urn:mcp:erp',
          ...RICH,
        } as Partial<AgentEvent>,
        step: { index: 7, attribution: { workflowId: 'w1', grade: 'derived', rule: 'own', candidates: ['w2', 'w3'] } },
        row: { late: true, clockSkew: true, origin: null, threads: ['credential/default/tok-1', 'agent/default/a1'] },
      }),
      step({ id: 'told', at: 1, step: { link: link().link }, row: { origin: { file: '', line: 2 ** 40 } } }),
    ]
    await store().save(commit(1, { steps: rows }))
    expect(await steps(store())).toEqual(rows)
  })

  it('a step of every kind of event', async () => {
    const bodies: readonly Partial<AgentEvent>[] = [
      { kind: 'message', message: { role: 'user' } },
      { kind: 'credential', credential: { id: 'tok-1', parent_id: 'tok-0', action: 'exchange', scopes: ['a'] } },
      { kind: 'oauth', oauth: { action: 'consent', client_id: 'app', grant_id: 'g1', client: { ip: '192.0.2.1' } } },
      { kind: 'handoff', handoff: { to_workflow_id: 'w2', credential_id: 'tok-1' } },
      { kind: 'approval', approval: { action: 'approve', covers: { scopes: ['a'], max_uses: 1 } } },
      { kind: 'decision', decision: { effect: 'deny', context: { deep: [1, null, 'x'] } } },
      { kind: 'heartbeat' },
      { kind: 'workflow', workflow: { action: 'start', task: 'reconcile', scopes: ['a'] } },
    ]
    const rows = bodies.map((body, i) => {
      const {
        kind: _kind,
        tool_call: _call,
        ...envelope
      } = event({ id: `k${i}`, at: i, tool: { name: 't' } }) as never as {
        kind: string
        tool_call: unknown
      }
      return step({ id: `k${i}`, at: i, step: { event: { ...envelope, ...body } as AgentEvent } })
    })
    await store().save(commit(1, { steps: rows }))
    expect(await steps(store())).toEqual(rows)
  })

  it('events of any time that can be stored, many months at once', async () => {
    const times = [
      0,
      Date.UTC(2261, 11, 31, 23, 59, 59, 999),
      ...Array.from({ length: 150 }, (_, i) => Date.UTC(1990, i)),
    ]
    const rows = times.map((at, i) => step({ id: `m${i}`, at: at - START }))
    await store().save(commit(1, { steps: rows }))
    const byTime = [...rows].sort((a, b) => a.step.event.at - b.step.event.at)
    expect((await store().steps('default', 'w1', { limit: 1_000 })).items).toEqual(byTime)
  })

  it('the row of the later commit, whichever comes first', async () => {
    const later = commit(3, {
      steps: [step({ step: { index: 5 } })],
      edges: [edge({ confidence: 0.9 })],
      findings: [findingRow({}, { status: 'retracted', reason: 'e9 came late' })],
      credentials: [credential({ uses: 9 })],
      coverage: [coverage({ detail: 'new' })],
      rejected: [rejected({ raw: null })],
      chains: [chain({ score: 12 })],
    })
    await store().save(later)
    await store().save({ ...FULL, sequence: 2, alerts: [] })
    const seen = await seenIn(store())
    expect(seen).toEqual({
      steps: later.steps,
      edges: later.edges,
      findings: later.findings,
      alerts: [],
      credentials: later.credentials.map(shownCredential),
      coverage: later.coverage.map(shownCoverage),
      rejected: later.rejected,
      chains: later.chains,
    })
  })

  it('no step that is gone, until it comes back', async () => {
    await store().save(commit(1, { steps: [step({})] }))
    await store().save(commit(2, { steps: [step({ row: { isGone: true } })] }))
    expect(await steps(store())).toEqual([])
    await store().save(commit(1, { steps: [step({})] }))
    expect(await steps(store())).toEqual([])
    await store().save(commit(3, { steps: [step({})] }))
    expect(await steps(store())).toEqual([step({})])
  })

  it('a step that moved where it moved to, and in its threads once', async () => {
    const row = { threads: ['credential/default/tok-1'] }
    await store().save(commit(1, { steps: [step({ workflow: '~credential/tok-1', row })] }))
    const gone = step({ workflow: '~credential/tok-1', row: { ...row, isGone: true } })
    const moved = step({ workflow: 'w1', row })
    await store().save(commit(2, { steps: [gone, moved], credentials: [credential()] }))
    expect(await steps(store(), '~credential/tok-1')).toEqual([])
    expect(await steps(store())).toEqual([moved])
    const loaded = await store().load([{ kind: 'credential', tenant: 'default', subject: 'tok-1' }])
    expect(loaded.steps).toEqual([moved])
  })

  it('no chain without events, until it has some again', async () => {
    await store().save(commit(1, { chains: [chain()] }))
    const none = { events: 0, firstAt: Number.POSITIVE_INFINITY, lastAt: Number.NEGATIVE_INFINITY }
    await store().save(commit(2, { chains: [chain(none)] }))
    expect(await store().chain('default', 'w1')).toBeNull()
    expect((await store().chains(ALL)).items).toEqual([])
    await store().save(commit(3, { chains: [chain()] }))
    expect(await store().chain('default', 'w1')).toEqual(chain())
  })

  it('every revision of an alert, and shows the last', async () => {
    const revisions = [
      alert(),
      alert({ revision: 2, reason: 'more evidence', score: 95 }),
      alert({ revision: 3, status: 'retracted' }),
    ]
    await store().save(commit(1, { alerts: revisions.slice(0, 2) }))
    await store().save(commit(2, { alerts: revisions.slice(2) }))
    expect(await store().alertHistory('default', 'al1')).toEqual(revisions)
    expect(await store().alert('default', 'al1')).toEqual(revisions[2])
    expect((await store().alerts(ALL)).items).toEqual([revisions[2]])
  })

  it('one finding for each chain it was told in', async () => {
    const rows = [findingRow({ workflowId: 'w2' }), findingRow({}, { status: 'retracted', reason: 'it moved' })]
    await store().save(commit(1, { findings: rows }))
    expect(await store().findings('default', 'w2')).toEqual([rows[0]])
    expect(await store().findings('default', 'w1')).toEqual([rows[1]])
  })

  it('tenants apart', async () => {
    const there = { tenant: 'other' }
    await store().save(FULL)
    await store().save(
      commit(2, {
        steps: [step({ ...there, step: { index: 9 } })],
        edges: [edge({ ...there, rule: 'theirs' })],
        findings: [findingRow({ ...there, summary: 'theirs' })],
        alerts: [alert({ ...there, title: 'theirs' })],
        credentials: [credential({ ...there, subject: 'theirs' })],
        coverage: [coverage({ ...there, detail: 'theirs' })],
        rejected: [rejected({ ...there, raw: 'theirs' })],
        chains: [chain({ ...there, task: 'theirs' })],
      }),
    )
    const mine = { limit: 100, tenant: 'default' }
    expect((await store().chains(mine)).items).toEqual(SEEN.chains)
    expect((await store().alerts(mine)).items).toEqual(SEEN.alerts)
    expect((await store().credentials(mine)).items).toEqual(SEEN.credentials)
    expect((await store().coverage(mine)).items).toEqual(SEEN.coverage)
    expect((await store().rejected(mine)).items).toEqual(SEEN.rejected)
    expect(await steps(store())).toEqual(SEEN.steps)
    expect((await store().stepsOfThread('default', { kind: 'agent', id: 'a1' }, ALL)).items).toEqual(SEEN.steps)
    expect(await store().findings('default', 'w1')).toEqual(SEEN.findings)
    expect(await store().edges('default', 'w1')).toEqual(SEEN.edges)
    expect((await store().chain('other', 'w1'))?.task).toBe('theirs')
    expect((await store().chains({ limit: 100 })).items).toHaveLength(2)
  })

  it.each(ODD)('an id as odd as %j', async (id) => {
    const it = { tenant: id, workflowId: id }
    const saved = commit(1, {
      steps: [
        step({
          id,
          workflow: id,
          tenant: id,
          more: { source: id, session_id: id, agent: { id } },
          row: { threads: [`credential/${encodeURIComponent(id)}/${id}`] },
        }),
        step({ id: `${id}+`, workflow: `${id}+`, tenant: id }),
      ],
      edges: [edge({ ...it, from: id, to: id })],
      findings: [findingRow({ ...it, id })],
      alerts: [
        alert({
          ...it,
          id,
          workflowIds: [id],
          agentIds: [id],
          credentialIds: [id],
          detectors: [id],
          principal: { type: 'user', id },
        }),
      ],
      credentials: [credential({ tenant: id, id, parentId: 'tok-0' })],
      coverage: [coverage({ ...it, id })],
      rejected: [rejected({ tenant: id, id, raw: id, path: id })],
      chains: [chain({ ...it, agentIds: [id], credentialIds: [id], principal: { type: 'user', id } })],
    })
    await store().save(saved)
    const asked = { tenant: id, limit: 10 }
    const everything = { ...asked, agent: id, principal: id, credential: id, workflow: id }
    expect((await store().steps(id, id, ALL)).items).toEqual(saved.steps.slice(0, 1))
    expect((await store().stepsOfThread(id, { kind: 'agent', id }, ALL)).items).toEqual(saved.steps.slice(0, 1))
    expect(await store().edges(id, id)).toEqual(saved.edges)
    expect(await store().findings(id, id)).toEqual(saved.findings)
    expect((await store().alerts({ ...everything, detector: id })).items).toEqual(saved.alerts)
    expect((await store().chains({ ...everything, detector: id, tool: 'erp.read' })).items).toEqual(saved.chains)
    expect(await store().credential(id, id)).toEqual(saved.credentials.map(shownCredential)[0])
    expect(await store().lineage(id, id)).toEqual(saved.credentials.map(shownCredential))
    expect((await store().rejected(asked)).items).toEqual(saved.rejected)
    expect((await store().coverage({ ...asked, workflow: id })).items).toEqual(saved.coverage.map(shownCoverage))
    const needs = (['chain', 'credential', 'session', 'group'] as const).map((kind) => ({
      kind,
      tenant: id,
      subject: id,
    }))
    const loaded = await store().load(needs)
    expect(loaded.steps).toEqual(saved.steps.slice(0, 1))
    expect(loaded.sessions).toEqual(saved.steps.slice(0, 1))
    expect(loaded.chains).toEqual(saved.chains)
    expect(loaded.alerts).toEqual(saved.alerts)
    expect(loaded.credentials).toEqual(saved.credentials)
  })

  it('text with half a character, readable', async () => {
    await store().save(commit(1, { rejected: [rejected({ raw: 'half \ud83d of it' })] }))
    const [row] = (await store().rejected(ALL)).items
    expect(row?.raw?.replace('\ud83d', '\ufffd')).toBe('half \ufffd of it')
  })

  it('ten thousand steps of one commit', async () => {
    const rows = Array.from({ length: 10_500 }, (_, i) => step({ id: `e${i}`, at: i, workflow: `w${i % 2}` }))
    await store().save(commit(1, { steps: rows }))
    const { steps: loaded } = await store().load([{ kind: 'chain', tenant: 'default', subject: 'w1' }])
    expect(loaded).toHaveLength(5_250)
    expect(loaded.at(-1)?.step.event.id).toBe('e10499')
  })

  it('findings in the order of their time', async () => {
    const rows = [findingRow({ id: 'b' }), findingRow({ id: 'a', at: START + 5 }), findingRow({ id: 'c', at: START })]
    await store().save(commit(1, { findings: rows }))
    expect((await store().findings('default', 'w1')).map((row) => row.finding)).toEqual([
      finding({ id: 'b' }),
      finding({ id: 'c' }),
      finding({ id: 'a', at: START + 5 }),
    ])
  })
}

const RICH = {
  session_id: 's1',
  step_id: 'call-1',
  parent_step_id: 'e0',
  agent: { id: 'a1', workload_id: 'spiffe://acme/a1', attestation: { type: 'oidc', verified: true } },
  principal: { type: 'user', id: 'ana@acme.example' },
  delegation: [{ type: 'user', id: 'ana@acme.example', via: 'start', scopes: ['a'] }],
  outcome: 'denied',
  error: 'scope missing',
  attributes: { nested: { list: [1, 2.5, null, true], empty: {} }, big: 9_007_199_254_740_991, 'odd key\n"': "it's" },
  kind: 'tool_call',
  tool_call: {
    name: 'payroll.export',
    operation: 'read',
    server: 'erp',
    scopes: ['payroll:admin'],
    credential_id: 'tok-1',
    resource: { id: 'payroll/all', type: 'table', zone: 'prod', sensitivity: 'restricted' },
    destination: { id: 'https://paste.example', type: 'url', external: false },
    arguments: { fingerprint: 'ab', bytes: 3, values: ['cd'], fields: { to: ['cd'] }, signals: ['url'] },
  },
}
