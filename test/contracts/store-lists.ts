import { expect, it } from 'vitest'
import type { ListQuery, Page, StepQuery, StepRow } from '../../src/ports/index.ts'
import { START } from '../kit/events.ts'
import { alert, chain, commit, coverage, credential, rejected, step } from './rows.ts'
import type { Store } from './store.ts'

type Filter = Omit<ListQuery, 'limit' | 'cursor'>

/** All items, by as many pages as it takes. */
async function walk<T>(page: (cursor: string | undefined) => Promise<Page<T>>): Promise<readonly (readonly T[])[]> {
  const pages: (readonly T[])[] = []
  let cursor: string | undefined
  do {
    const { items, cursor: next } = await page(cursor)
    pages.push(items)
    cursor = next ?? undefined
  } while (cursor !== undefined && pages.length < 100)
  return pages
}

const AGENT = { kind: 'agent', id: 'a1' } as const

const NOT_CURSORS = [
  '',
  '!',
  'bm9uZQ',
  Buffer.from('[]').toString('base64url'),
  Buffer.from('["chains"]').toString('base64url'),
]

export function listsRows(store: () => Store): void {
  it.each([1, 2, 3, 100])('chains newest first, equal times by id, %i at a time', async (limit) => {
    const ids = ['w5', 'w1', 'w4', 'w2', 'ä', '😀', '\uff5e', 'w3']
    const times = [5, 1, 1, 1, 1, 1, 1, 0]
    const chains = ids.map((workflowId, i) => chain({ workflowId, lastAt: START + (times[i] ?? 0) }))
    await store().save(commit(1, { chains }))
    const pages = await walk((cursor) => store().chains({ limit, cursor }))
    expect(pages.flat().map(({ workflowId }) => workflowId)).toEqual([
      'w5',
      'w1',
      'w2',
      'w4',
      'ä',
      '\uff5e',
      '😀',
      'w3',
    ])
    expect(pages).toHaveLength(Math.ceil(ids.length / limit))
  })

  it('equal ids of two tenants both, though a page ends between them', async () => {
    await store().save(commit(1, { chains: [chain({ tenant: 'b' }), chain({ tenant: 'a' })] }))
    const pages = await walk((cursor) => store().chains({ limit: 1, cursor }))
    expect(pages.map(([one]) => one?.tenant)).toEqual(['a', 'b'])
  })

  it.each(['steps', 'stepsOfThread'] as const)(
    '%s in event-time order, to the nanosecond, page by page',
    async (list) => {
      const rows = [
        step({ id: 'd', at: 1, more: { ns: 2 } }),
        step({ id: 'a', at: 2 }),
        step({ id: 'c', at: 1, more: { ns: 1 } }),
        step({ id: 'b', at: 1, more: { ns: 1 } }),
        step({ id: 'a', at: 1, more: { ns: 1, source: 'zz' } }),
        step({ id: 'other', at: 0, workflow: 'w2', more: { agent: { id: 'a2' } } }),
      ]
      await store().save(commit(1, { steps: rows }))
      const ask = (query: StepQuery): Promise<Page<StepRow>> =>
        list === 'steps' ? store().steps('default', 'w1', query) : store().stepsOfThread('default', AGENT, query)
      for (const limit of [1, 2, 10]) {
        const pages = await walk((cursor) => ask({ limit, cursor }))
        expect(pages.flat()).toEqual([rows[3], rows[2], rows[4], rows[0], rows[1]])
      }
    },
  )

  it('the steps of an agent in all its workflows', async () => {
    const rows = ['w2', 'w1', 'w3'].map((workflow, at) => step({ id: `e${at}`, at, workflow }))
    await store().save(commit(1, { steps: rows }))
    const pages = await walk((cursor) => store().stepsOfThread('default', AGENT, { limit: 2, cursor }))
    expect(pages.flat()).toEqual(rows)
  })

  it('the steps of an agent as they stand now, however many moved or were told anew', async () => {
    const at = (i: number, workflow: string) => step({ id: `e${String(i).padStart(2, '0')}`, at: i, workflow })
    const all = Array.from({ length: 24 }, (_, i) => i)
    await store().save(commit(1, { steps: all.map((i) => at(i, 'w1')) }))
    // The first twenty went to another chain; the last were told again.
    const gone = all.slice(0, 20).map((i) => ({ ...at(i, 'w1'), isGone: true }))
    const moved = all.slice(0, 20).map((i) => at(i, 'w0'))
    await store().save(commit(2, { steps: [...gone, ...moved.slice(0, 3), ...all.slice(20).map((i) => at(i, 'w1'))] }))
    const expected = [...moved.slice(0, 3), ...all.slice(20).map((i) => at(i, 'w1'))]
    for (const limit of [1, 2, 5, 50]) {
      const pages = await walk((cursor) => store().stepsOfThread('default', AGENT, { limit, cursor }))
      expect(pages.flat()).toEqual(expected)
    }
  })

  it('the steps about a credential or grant, whoever took them, and whether a thread shows them or not', async () => {
    const named = (id: string, body: object): StepRow => step({ id, more: { kind: 'oauth', oauth: body } as never })
    const rows = [
      named('consented', { action: 'consent', client_id: 'app', grant_id: 'g1' }),
      named('issued', { action: 'token_issue', client_id: 'app', grant_id: 'g1', credential_id: 't1' }),
      named('derived', {
        action: 'token_exchange',
        client_id: 'app2',
        credential_id: 't2',
        parent_credential_id: 't1',
      }),
      step({ id: 'shown', row: { threads: ['credential/default/t1', 'grant/default/g1'] } }),
      step({ id: 'stranger' }),
    ].map((row, at) => ({ ...row, step: { ...row.step, event: { ...row.step.event, at: row.step.event.at + at } } }))
    await store().save(commit(1, { steps: rows }))
    const of = async (kind: 'credential' | 'grant', id: string): Promise<readonly string[]> =>
      (await store().stepsOfThread('default', { kind, id }, { limit: 9 })).items.map(({ step }) => step.event.id)
    expect(await of('credential', 't1')).toEqual(['issued', 'derived', 'shown'])
    expect(await of('grant', 'g1')).toEqual(['consented', 'issued', 'shown'])
    expect(await of('grant', 'app')).toEqual(['consented', 'issued'])
    expect(await of('grant', 't1')).toEqual([])
  })

  it.each(NOT_CURSORS)('nothing for the cursor %j, which is none', async (cursor) => {
    const query = { limit: 1, cursor }
    const refused = { code: 'CAT_USAGE' }
    await expect(store().chains(query)).rejects.toMatchObject(refused)
    await expect(store().alerts(query)).rejects.toMatchObject(refused)
    await expect(store().agents(query)).rejects.toMatchObject(refused)
    await expect(store().credentials(query)).rejects.toMatchObject(refused)
    await expect(store().coverage(query)).rejects.toMatchObject(refused)
    await expect(store().rejected(query)).rejects.toMatchObject(refused)
    await expect(store().steps('default', 'w1', query)).rejects.toMatchObject(refused)
    await expect(store().stepsOfThread('default', AGENT, query)).rejects.toMatchObject(refused)
  })

  it.each([1, 2, 100])('agents newest first with all their chains, %i at a time', async (limit) => {
    const chains = [
      chain({ workflowId: 'w1', agentIds: ['a1', 'a2'], score: 10, severity: 'low', lastAt: START + 5 }),
      chain({ workflowId: 'w2', agentIds: ['a1'], status: 'closed', firstAt: START - 5, lastAt: START + 4 }),
      chain({ workflowId: 'w3', agentIds: ['ä'], lastAt: START + 5 }),
      chain({ workflowId: 'w4', agentIds: ['a1'], tenant: 'other', lastAt: START + 9 }),
      chain({ workflowId: 'w5', agentIds: ['gone'], lastAt: START + 9 }),
      chain({ workflowId: 'w6', agentIds: [], lastAt: START + 9 }),
    ]
    await store().save(commit(1, { chains }))
    await store().save(commit(2, { chains: [chain({ workflowId: 'w5', agentIds: ['gone'], events: 0 })] }))
    const pages = await walk((cursor) => store().agents({ limit, cursor }))
    expect(pages.flat().map(({ tenant, id }) => [tenant, id])).toEqual([
      ['other', 'a1'],
      ['default', 'a1'],
      ['default', 'a2'],
      ['default', 'ä'],
    ])
    const { score, severity } = chain({})
    expect(pages.flat()[1]).toEqual({
      tenant: 'default',
      id: 'a1',
      chains: 2,
      open: 1,
      score,
      severity,
      firstAt: START - 5,
      lastAt: START + 5,
    })
    const picked = await store().agents({ limit: 9, status: 'closed', tenant: 'default' })
    expect(picked.items.map(({ id, chains: all }) => [id, all])).toEqual([['a1', 2]])
  })

  it('nothing for a cursor of another list', async () => {
    await store().save(commit(1, { chains: [chain(), chain({ workflowId: 'w2' })] }))
    const { cursor } = await store().chains({ limit: 1 })
    await expect(store().alerts({ limit: 1, cursor: cursor ?? '' })).rejects.toMatchObject({ code: 'CAT_USAGE' })
  })

  it('a family of credentials, from its eldest down, whoever of it is asked for', async () => {
    const members = [
      credential({ id: 'root', parentId: 'unseen', firstAt: START }),
      credential({ id: 'child', parentId: 'root', firstAt: START + 1 }),
      credential({ id: 'sister', parentId: 'unseen', firstAt: START + 2 }),
      credential({ id: 'grandchild', parentId: 'child', firstAt: START + 3 }),
      credential({ id: 'stranger', parentId: null }),
      credential({ id: 'theirs', parentId: 'root', tenant: 'other' }),
    ]
    await store().save(commit(1, { credentials: members }))
    for (const id of ['root', 'grandchild', 'sister', 'unseen']) {
      const lineage = await store().lineage('default', id)
      expect(lineage.map((one) => one.id)).toEqual(['root', 'child', 'sister', 'grandchild'])
    }
    expect(await store().lineage('default', 'stranger')).toHaveLength(1)
  })

  it('several chains and credentials by their ids, each once, of one tenant', async () => {
    const chains = ['w1', 'w2', 'w3', 'ä'].map((workflowId) => chain({ workflowId }))
    const credentials = ['c1', 'c2'].map((id) => credential({ id }))
    await store().save(commit(1, { chains: [...chains, chain({ workflowId: 'w1', tenant: 'other' })], credentials }))
    await store().save(commit(2, { chains: [chain({ workflowId: 'w3', events: 0 })] }))
    const found = await store().chainsOf('default', ['ä', 'w1', 'w3', 'w1', 'none'])
    expect(found.map(({ tenant, workflowId }) => [tenant, workflowId]).sort()).toEqual([
      ['default', 'w1'],
      ['default', 'ä'],
    ])
    expect((await store().credentialsOf('default', ['c2', 'none'])).map(({ id }) => id)).toEqual(['c2'])
    expect(await store().chainsOf('default', [])).toEqual([])
    expect(await store().credentialsOf('other', ['c1'])).toEqual([])
  })

  it('alerts of some ids, with other conditions beside', async () => {
    const alerts = ['a1', 'a2', 'a3'].map((id) => alert({ id, severity: id === 'a2' ? 'low' : 'high' }))
    await store().save(commit(1, { alerts }))
    const page = await store().alerts({ alertIds: ['a1', 'a2', 'none'], minSeverity: 'high', limit: 10 })
    expect(page.items.map(({ id }) => id)).toEqual(['a1'])
    expect((await store().alerts({ alertIds: [], limit: 10 })).items).toEqual([])
  })

  it('a family that goes in a circle, once', async () => {
    const members = [credential({ id: 'a', parentId: 'b' }), credential({ id: 'b', parentId: 'a' })]
    await store().save(commit(1, { credentials: members }))
    expect((await store().lineage('default', 'a')).map(({ id }) => id)).toEqual(['a', 'b'])
  })

  it('a large family up to a thousand', async () => {
    const members = Array.from({ length: 1_200 }, (_, i) =>
      credential({ id: `c${i}`, parentId: i === 0 ? null : 'c0' }),
    )
    await store().save(commit(1, { credentials: members }))
    expect(await store().lineage('default', 'c7')).toHaveLength(1_000)
  })

  narrows(store)
}

const ANA = { type: 'user', id: 'ana' } as const
const BO = { type: 'user', id: 'bo' } as const

/** Two of everything; each filter below tells them apart. */
const PAIR = commit(1, {
  steps: [
    step({ id: 'e1', workflow: 'w1', more: { kind: 'tool_call', tool_call: { name: 'vault.read' } } as never }),
    step({ id: 'e2', at: 1, workflow: 'w1', more: { kind: 'tool_call', tool_call: { name: 'mail.send' } } as never }),
    step({ id: 'e3', workflow: 'w2', more: { kind: 'tool_call', tool_call: { name: 'web.fetch' } } as never }),
  ],
  chains: [
    chain({ principal: ANA, lastAt: START + 10 }),
    chain({
      workflowId: 'w2',
      agentIds: ['a2'],
      credentialIds: ['tok-2'],
      principal: BO,
      score: 20,
      severity: 'low',
      status: 'closed',
      lastAt: START,
    }),
    chain({
      workflowId: 'w3',
      agentIds: [],
      credentialIds: [],
      principal: null,
      score: 0,
      severity: 'info',
      lastAt: START - 10,
    }),
  ],
  alerts: [
    alert({ principal: ANA, lastAt: START + 10, detectors: ['lateral-movement', 'secret-harvest'] }),
    alert({
      id: 'al2',
      lastAt: START,
      workflowId: 'w2',
      workflowIds: ['w2', 'w7'],
      agentIds: ['a2'],
      credentialIds: ['tok-2'],
      principal: BO,
      score: 20,
      severity: 'low',
      status: 'retracted',
      detector: 'credential-replay',
      detectors: ['credential-replay'],
      evidence: [{ ...(alert().evidence[0] as never as object), eventId: 'e3', workflowId: 'w2' } as never],
    }),
  ],
  credentials: [
    credential({ lastAt: START + 10 }),
    credential({ id: 'tok-2', agentIds: ['a2'], workflowIds: ['w2'], lastAt: START }),
    credential({ id: 'tok-3', agentIds: [], workflowIds: [], lastAt: START - 10 }),
  ],
  coverage: [
    coverage({ at: START + 10, detector: 'secret-harvest', detail: 'w1' }),
    coverage({ id: 'c2', workflowId: 'w2', what: 'evicted', detail: 'w2' }),
    coverage({ id: 'c3', workflowId: null, what: 'bounded', at: START - 10, detail: 'none' }),
  ],
  rejected: [rejected({ at: START + 10 }), rejected({ id: 'r2', reason: 'not_json' })],
})

const BOTH: readonly (readonly [filter: Filter, of: 1 | 2])[] = [
  [{ agent: 'a1' }, 1],
  [{ agent: 'a2' }, 2],
  [{ agent: { prefix: 'a2' } }, 2],
  [{ principal: 'ana' }, 1],
  [{ principal: 'bo' }, 2],
  [{ credential: 'tok-1' }, 1],
  [{ credential: 'tok-2' }, 2],
  [{ workflow: 'w1' }, 1],
  [{ workflow: 'w2' }, 2],
  [{ minScore: 21 }, 1],
  [{ minSeverity: 'high' }, 1],
  [{ tool: 'vault.read' }, 1],
  [{ tool: 'web.fetch' }, 2],
  [{ detector: 'secret-harvest' }, 1],
  [{ since: START + 10 }, 1],
  [{ since: START + 10, until: START + 11, tenant: 'default', agent: 'a1', principal: 'ana', tool: 'vault.read' }, 1],
]

const NONE: readonly Filter[] = [
  { tenant: 'none' },
  { agent: 'a' },
  { principal: '' },
  { credential: '%' },
  { workflow: '' },
  { tool: 'vault' },
  { detector: 'none' },
  { status: 'none' },
  { minScore: 101 },
  { minSeverity: 'critical' },
  { since: START + 11 },
  { since: Number.MAX_SAFE_INTEGER },
  { until: START - 10 },
  { until: 0 },
  { agent: 'a1', principal: 'bo' },
]

function narrows(store: () => Store): void {
  const ids = async (filter: Filter) => {
    const query = { ...filter, limit: 10 }
    return {
      chains: (await store().chains(query)).items.map(({ workflowId }) => workflowId),
      alerts: (await store().alerts(query)).items.map(({ id }) => id),
      agents: (await store().agents(query)).items.map(({ id }) => id),
      credentials: (await store().credentials(query)).items.map(({ id }) => id),
      coverage: (await store().coverage(query)).items.map(({ detail }) => detail),
    }
  }

  it.each(BOTH)('what %o asks for', async (filter, of) => {
    await store().save(PAIR)
    expect(await ids(filter)).toEqual({
      chains: [`w${of}`],
      alerts: [of === 1 ? 'al1' : 'al2'],
      agents: [`a${of}`],
      credentials: [`tok-${of}`],
      coverage: [`w${of}`],
    })
  })

  it.each(NONE)('nothing for %o', async (filter) => {
    await store().save(PAIR)
    expect(await ids(filter)).toEqual({ chains: [], alerts: [], agents: [], credentials: [], coverage: [] })
    if (filter.tenant !== undefined || filter.until === 0)
      expect((await store().rejected({ ...filter, limit: 10 })).items).toEqual([])
  })

  it('chains and alerts by status', async () => {
    await store().save(PAIR)
    expect((await ids({ status: 'open' })).chains).toEqual(['w1', 'w3'])
    expect((await ids({ status: 'open' })).alerts).toEqual(['al1'])
    expect((await ids({ status: 'closed' })).chains).toEqual(['w2'])
    expect((await ids({ status: 'retracted' })).alerts).toEqual(['al2'])
  })

  it('alerts by a tool of their evidence, not of their chain', async () => {
    await store().save(PAIR)
    expect(await ids({ tool: 'mail.send' })).toMatchObject({ chains: ['w1'], alerts: [] })
  })

  it('alerts by any workflow they touch', async () => {
    await store().save(PAIR)
    expect((await ids({ workflow: 'w7' })).alerts).toEqual(['al2'])
  })

  it('alerts by what their last revision says', async () => {
    await store().save(PAIR)
    await store().save(commit(2, { alerts: [alert({ revision: 2, detectors: ['tainted-action'], score: 1 })] }))
    expect(await ids({ detector: 'secret-harvest' })).toMatchObject({ chains: [], alerts: [] })
    expect(await ids({ detector: 'tainted-action' })).toMatchObject({ chains: ['w1'], alerts: ['al1'] })
    expect((await ids({ minScore: 50 })).alerts).toEqual([])
  })

  it('coverage by what was lost, rejected records by their reason', async () => {
    await store().save(PAIR)
    expect((await ids({ what: 'evicted' })).coverage).toEqual(['w2'])
    const refused = await store().rejected({ what: 'not_json', limit: 10 })
    expect(refused.items.map(({ id }) => id)).toEqual(['r2'])
    expect((await store().rejected({ since: START + 10, limit: 10 })).items.map(({ id }) => id)).toEqual(['r1'])
    expect((await store().rejected({ limit: 10 })).items.map(({ id }) => id)).toEqual(['r1', 'r2'])
  })

  it('nothing by what its items cannot have', async () => {
    await store().save(PAIR)
    expect((await store().rejected({ agent: 'a1', limit: 10 })).items).toEqual([])
    expect((await store().credentials({ status: 'open', limit: 10 })).items).toEqual([])
  })
}
