import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import type { z } from 'zod'
import { ChainDetail, ChainPage, Graph } from '../../schemas/api/chain.ts'
import { StepPage } from '../../schemas/api/step.ts'
import { ndjson, problemIn, type Service, service, shaped, walk, wire } from './kit.ts'

let api: Service
const example = readFileSync('test/fixtures/example.ndjson')
const STRANGE = ['a/b/c', '~agent/x@2026', 'ünï?#&%', '%2F', 'a b+c', '..', '💥', 'x'.repeat(1_000)]

beforeAll(async () => {
  api = service()
  await api.post(example)
  await api.post(example, {}, '?tenant=other')
  await api.post(ndjson(...STRANGE.map((id, index) => wire(`s${index}`, { workflow_id: id }))), {}, '?tenant=strange')
  const many = Array.from({ length: 23 }, (_, index) =>
    wire(`m${index}`, {
      workflow_id: `wf-${String(index).padStart(2, '0')}`,
      time: `2026-11-20T08:${String(index).padStart(2, '0')}:00Z`,
      kind: 'tool_call',
      tool_call: { name: index % 2 === 0 ? 'even.read' : 'odd.read' },
      agent: { id: `agent-${index % 3}` },
      principal: { type: 'user', id: `user-${index % 2}` },
    }),
  )
  await api.post(ndjson(...many), {}, '?tenant=many')
})

const endsOf = ({ from, type, to }: z.output<typeof Graph>['edges'][number]): string => `${from} ${type} ${to}`

const idsOf = async (query: string): Promise<readonly string[]> => {
  const page = await shaped(ChainPage, api.get(`/v1/chains?${query}`))
  return page.items.map(
    ({ tenant, workflow_id }: z.output<typeof ChainPage>['items'][number]) => `${tenant}/${workflow_id}`,
  )
}

describe('the list of chains', () => {
  it('shows what is known of each', async () => {
    const { items, next_cursor } = await shaped(ChainPage, api.get('/v1/chains?tenant=default'))
    expect(next_cursor).toBeNull()
    expect(items).toMatchObject([
      {
        workflow_id: 'wf-17',
        events: 6,
        status: 'open',
        principal: { id: 'ana@acme.example' },
        task: 'reconcile-invoices',
      },
    ])
  })

  it.each([
    ['tenant=other', ['other/wf-17']],
    ['tenant=nobody', []],
    ['tenant=many&since=2026-11-20T08:20:00Z', ['many/wf-22', 'many/wf-21', 'many/wf-20']],
    ['tenant=many&until=2026-11-20T08:02:00Z', ['many/wf-01', 'many/wf-00']],
    ['tenant=many&since=2026-11-20T10:01:00%2B02:00&until=2026-11-20T08:03:00Z', ['many/wf-02', 'many/wf-01']],
    ['tenant=many&agent=agent-1&until=2026-11-20T08:05:00Z', ['many/wf-04', 'many/wf-01']],
    ['tenant=many&principal=user-0&until=2026-11-20T08:03:00Z', ['many/wf-02', 'many/wf-00']],
    ['tenant=many&tool=odd.read&until=2026-11-20T08:04:00Z', ['many/wf-03', 'many/wf-01']],
    ['credential=key-payroll-admin&tenant=default', ['default/wf-17']],
    ['detector=lateral-movement&tenant=default', ['default/wf-17']],
    ['detector=lateral-movement&tenant=many', []],
    ['tenant=default&min_severity=high&min_score=50', ['default/wf-17']],
    ['tenant=many&min_severity=medium', []],
    ['tenant=many&min_score=1', []],
    ['tenant=default&status=closed', []],
    ['tenant=default&status=open', ['default/wf-17']],
  ])('narrowed by %s', async (query, expected) => expect(await idsOf(query)).toEqual(expected))

  it('is walked to the end, each chain once', async () => {
    const pages = await walk(api, '/v1/chains?tenant=many&limit=5')
    expect(pages.map(({ items }) => items.length)).toEqual([5, 5, 5, 5, 3])
    expect(new Set(pages.flatMap(({ items }) => items.map((one) => one['workflow_id']))).size).toBe(23)
  })

  it.each([
    ['limit=0', 'limit'],
    ['limit=501', 'limit'],
    ['limit=x', 'limit'],
    ['limit=1.5', 'limit'],
    ['cursor=nonsense', 'cursor'],
    ['cursor=', 'cursor'],
    ['since=yesterday', 'since'],
    ['until=2026-11-20', 'until'],
    ['min_severity=dire', 'min_severity'],
    ['min_score=101', 'min_score'],
    ['min_score=NaN', 'min_score'],
    ['status=ajar', 'status'],
    ['tenant=a&tenant=b', 'tenant'],
    ['tenant=', 'tenant'],
    ['offset=10', 'offset'],
    ['__proto__=x', '__proto__'],
  ])('refuses %s and names the field', async (query, field) => {
    const problem = problemIn(await api.get(`/v1/chains?${query}`), 400)
    expect(problem['errors']).toEqual([{ field, message: expect.any(String) }])
  })

  it('names every field at fault', async () => {
    const problem = problemIn(await api.get('/v1/chains?limit=0&since=x&foo=1'), 400)
    const errors = problem['errors'] as { field: string }[]
    expect(errors.map(({ field }) => field).sort()).toEqual(['foo', 'limit', 'since'])
  })
})

describe('one chain', () => {
  it('is shown with what was found in it', async () => {
    const chain = await shaped(ChainDetail, api.get('/v1/chains/wf-17'))
    expect(chain).toMatchObject({ workflow_id: 'wf-17', tenant: 'default' })
    expect(chain.findings.map(({ detector }: { detector: string }) => detector)).toContain('lateral-movement')
  })

  it.each(STRANGE)('is found by the id %s', async (id) => {
    const path = `/v1/chains/${encodeURIComponent(id).replace('..', '%2E%2E')}`
    const reply = await api.get(`${path}?tenant=strange`)
    if (id === '..') return void expect([200, 404]).toContain(reply.statusCode)
    expect(await shaped(ChainDetail, api.get(`${path}?tenant=strange`))).toMatchObject({ workflow_id: id })
    expect((await shaped(StepPage, api.get(`${path}/steps?tenant=strange`))).items).toHaveLength(1)
  })

  it.each(['', '/steps', '/graph', '/replay'])('unknown is a problem%s', async (below) => {
    problemIn(await api.get(`/v1/chains/nope${below}`), 404)
    problemIn(await api.get(`/v1/chains/wf-01${below}`), 404)
    problemIn(await api.get(`/v1/chains/wf-17${below}?tenant=nobody`), 404)
  })
})

describe('the steps of a chain', () => {
  it('come in event-time order, with how each is known', async () => {
    const { items } = await shaped(StepPage, api.get('/v1/chains/wf-17/steps'))
    expect(items.map(({ event_id }: { event_id: string }) => event_id)).toEqual(['e1', 'e2', 'e3', 'e4', 'e5', 'e6'])
    expect(items[4]).toMatchObject({
      label: 'vault.read vault/prod/payroll-admin',
      grade: 'reported',
      attribution: { rule: 'reported' },
      origin: { file: 'POST /v1/events', line: 5 },
      late: false,
      event: { kind: 'tool_call', tool_call: { name: 'vault.read', resource: { zone: 'prod' } } },
    })
  })

  it('are walked to the end', async () => {
    const pages = await walk(api, '/v1/chains/wf-17/steps?limit=4')
    expect(pages.map(({ items }) => items.map((one) => one['event_id']))).toEqual([
      ['e1', 'e2', 'e3', 'e4'],
      ['e5', 'e6'],
    ])
  })

  it('hold facts of content and no content', async () => {
    const fresh = service()
    await fresh.post(
      ndjson(
        wire('a', { kind: 'tool_call', tool_call: { name: 'mail.send', arguments: { to: 'whistle@example.org' } } }),
      ),
    )
    const reply = await fresh.get('/v1/chains/wf-1/steps')
    expect(reply.body).toContain('"fingerprint"')
    expect(reply.body).not.toContain('whistle')
    expect(reply.body).not.toContain('retained')
  })

  it('refuse a bad cursor', async () => {
    problemIn(await api.get('/v1/chains/wf-17/steps?cursor=nonsense'), 400)
  })
})

describe('the graph of a chain', () => {
  it('has a node a step, edges with how they are known, and its evidence marked', async () => {
    const graph = await shaped(Graph, api.get('/v1/chains/wf-17/graph'))
    expect(graph.nodes.map(({ step_id }: { step_id: string }) => step_id)).toEqual(['e1', 'e2', 'e3', 'e4', 'e5', 'e6'])
    expect(graph.edges).toContainEqual(
      expect.objectContaining({ from: 'e2', to: 'e4', type: 'credential', grade: 'derived', rule: 'credential.id' }),
    )
    expect(graph.nodes[5]?.evidence).not.toHaveLength(0)
    expect(graph.truncated).toBe(false)
  })

  it('has edges between neighbours alone, when a step between them comes late', async () => {
    const fresh = service()
    const at = (minute: number) => ({ time: `2026-11-20T09:0${minute}:00Z` })
    await fresh.post(ndjson(wire('a', at(0)), wire('c', at(2)), wire('d', at(3))))
    const edgesOf = async () => (await shaped(Graph, fresh.get('/v1/chains/wf-1/graph'))).edges.map(endsOf)
    expect(await edgesOf()).toEqual(['a next c', 'c next d'])
    await fresh.post(ndjson(wire('b', at(1))))
    expect((await edgesOf()).sort()).toEqual(['a next b', 'b next c', 'c next d'])
  })

  it('has what brought the credential in place of the step before, also when that comes late', async () => {
    const fresh = service()
    const call = { kind: 'tool_call', tool_call: { name: 'erp.read', credential_id: 'tok' } }
    const issue = { kind: 'credential', credential: { id: 'tok', action: 'issue' } }
    await fresh.post(ndjson(wire('a'), wire('c', { ...call, time: '2026-11-20T09:02:00Z' })))
    const { edges } = await shaped(Graph, fresh.get('/v1/chains/wf-1/graph'))
    expect(edges.map(endsOf)).toEqual(['a next c'])
    await fresh.post(ndjson(wire('i', { ...issue, time: '2026-11-20T09:01:00Z' })))
    const after = await shaped(Graph, fresh.get('/v1/chains/wf-1/graph'))
    expect(after.edges.map(endsOf).sort()).toEqual(['a next i', 'i credential c'])
  })

  it('closes up where a call became one step with its result', async () => {
    const fresh = service()
    const half = (outcome: string) => ({ kind: 'tool_call', outcome, tool_call: { name: 'erp.read', call_id: 'k' } })
    await fresh.post(ndjson(wire('a'), wire('b', { ...half('attempted'), time: '2026-11-20T09:01:00Z' })))
    await fresh.post(ndjson(wire('d', { time: '2026-11-20T09:03:00Z' })))
    await fresh.post(ndjson(wire('c', { ...half('success'), time: '2026-11-20T09:02:00Z' })))
    const { nodes, edges } = await shaped(Graph, fresh.get('/v1/chains/wf-1/graph'))
    const ids = nodes.map(({ step_id }: { step_id: string }) => step_id)
    expect(ids).toHaveLength(3)
    expect(edges.map(endsOf).sort()).toEqual([`${ids[0]} next ${ids[1]}`, `${ids[1]} next ${ids[2]}`])
  })

  it('shows the cause that no step was seen for as missing', async () => {
    const fresh = service()
    await fresh.post(ndjson(wire('a', { parent_step_id: 'gone' })))
    const graph = await shaped(Graph, fresh.get('/v1/chains/wf-1/graph'))
    expect(graph.nodes).toMatchObject([
      { step_id: 'a', missing: false },
      { step_id: 'gone', missing: true, label: null },
    ])
  })

  it('names the chains it is linked with', async () => {
    const fresh = service()
    await fresh.post(
      ndjson(
        wire('a', { workflow_id: 'parent', kind: 'workflow', workflow: { action: 'start' } }),
        wire('b', {
          workflow_id: 'child',
          kind: 'workflow',
          workflow: { action: 'start', parent_workflow_id: 'parent' },
        }),
      ),
    )
    const graph = await shaped(Graph, fresh.get('/v1/chains/child/graph'))
    expect(graph.links).toContainEqual({ workflow_id: 'parent', relation: 'parent', grade: 'reported' })
  })

  it('says when it shows not all', async () => {
    const small = service({ limits: { maxSteps: 4 } })
    await small.post(example)
    const graph = await shaped(Graph, small.get('/v1/chains/wf-17/graph'))
    expect(graph.truncated).toBe(true)
    expect(graph.nodes.filter(({ missing }: { missing: boolean }) => !missing)).toHaveLength(4)
  })
})
