import { readFileSync } from 'node:fs'
import { beforeEach, describe, expect, it } from 'vitest'
import { AuditPage } from '../../schemas/api/audit.ts'
import { SavedQuery, SavedQueryPage } from '../../schemas/api/saved-query.ts'
import type { AuditRow } from '../../src/ports/index.ts'
import { guarded, ndjson, problemIn, service, shaped, walk, wire } from './kit.ts'

const example = readFileSync('test/fixtures/example.ndjson')

let api = service()
beforeEach(() => {
  api = service()
})

const send = (method: 'POST' | 'PUT' | 'DELETE', url: string, payload?: unknown) =>
  api.app.inject({
    method,
    url,
    ...(payload === undefined
      ? {}
      : { payload: JSON.stringify(payload), headers: { 'content-type': 'application/json' } }),
  })

const AT_NIGHT = { name: 'at/night *', list: 'alerts', parameters: { min_severity: 'high', agent: 'billing-*' } }
const PATH = `/v1/queries/${encodeURIComponent(AT_NIGHT.name)}`

describe('a saved query', () => {
  it('is made, read, changed, run by its name and removed; its name may be given again', async () => {
    await api.post(example)
    const made = await shaped(SavedQuery, send('POST', '/v1/queries', AT_NIGHT))
    expect(made).toMatchObject({ ...AT_NIGHT, tenant: 'default', version: 1, changed_by: 'local/local' })
    expect(await shaped(SavedQuery, api.get(PATH))).toEqual(made)
    expect((await shaped(SavedQueryPage, api.get('/v1/queries'))).items).toEqual([made])
    const alerts = (await api.get('/v1/alerts')).json<{ items: object[] }>()
    expect(alerts.items.length).toBeGreaterThan(0)
    expect((await api.get(`${PATH}/run`)).json()).toEqual(alerts)
    const change = { list: 'alerts', parameters: { agent: 'nobody' } }
    expect(await shaped(SavedQuery, send('PUT', PATH, change))).toMatchObject({ version: 2, ...change })
    expect((await api.get(`${PATH}/run`)).json()).toEqual({ items: [], next_cursor: null })
    expect((await send('DELETE', PATH)).statusCode).toBe(200)
    for (const path of [PATH, `${PATH}/run`]) problemIn(await api.get(path), 404)
    problemIn(await send('DELETE', PATH), 404)
    problemIn(await send('PUT', PATH, change), 404)
    expect(await shaped(SavedQuery, send('POST', '/v1/queries', AT_NIGHT))).toMatchObject({ version: 4 })
  })

  it.each(['chains', 'alerts', 'incidents', 'credentials', 'coverage'])(
    'of %s gives what the list gives',
    async (list) => {
      await api.post(example)
      await send('POST', '/v1/queries', { name: 'all', list })
      expect((await api.get('/v1/queries/all/run?limit=1')).json()).toEqual(
        (await api.get(`/v1/${list}?limit=1`)).json(),
      )
    },
  )

  it('is run page by page', async () => {
    await api.post(ndjson(...[1, 2, 3, 4, 5].map((i) => wire(`e${i}`, { workflow_id: `wf-${i}` }))))
    await send('POST', '/v1/queries', { name: 'all', list: 'chains' })
    const pages = await walk(api, '/v1/queries/all/run?limit=2')
    expect(pages.map(({ items }) => items.length)).toEqual([2, 2, 1])
  })

  it('may ask for what was seen last', async () => {
    await api.post(example)
    await send('POST', '/v1/queries', { name: 'now', list: 'chains', parameters: { last: '1m' } })
    expect((await api.get('/v1/queries/now/run')).json()).toMatchObject({ items: [] })
    await send('PUT', '/v1/queries/now', { list: 'chains', parameters: { last: '9999d' } })
    expect((await api.get('/v1/queries/now/run')).json<{ items: object[] }>().items.length).toBeGreaterThan(0)
  })

  it.each([
    ['an unknown list', { list: 'keys' }, 'list'],
    ['a parameter that the list does not take', { parameters: { nonsense: 'x' } }, 'parameters.nonsense'],
    ['a parameter of another list', { list: 'chains', parameters: { triage: 'open' } }, 'parameters.triage'],
    ['a wrong value', { parameters: { min_score: 'high' } }, 'parameters.min_score'],
    ['a tenant', { parameters: { tenant: 'other' } }, 'parameters.tenant'],
    ['a cursor', { parameters: { cursor: 'x' } }, 'parameters.cursor'],
    ['a duration that is none', { parameters: { last: 'week' } }, 'parameters.last'],
    ['two beginnings', { parameters: { last: '1d', since: '2026-11-20T00:00:00Z' } }, 'parameters.last'],
    ['a value of another type', { parameters: { agent: ['a'] } }, 'parameters.agent'],
    ['no name', { name: '' }, 'name'],
    ['a long name', { name: 'x'.repeat(101) }, 'name'],
    ['control characters in its name', { name: 'a\u0007' }, 'name'],
    ['a field beside', { version: 7 }, 'version'],
  ])('with %s is refused by name', async (_, more, field) => {
    const problem = problemIn(await send('POST', '/v1/queries', { ...AT_NIGHT, ...more }), 400)
    expect(problem['errors']).toMatchObject([{ field }])
    expect((await shaped(SavedQueryPage, api.get('/v1/queries'))).items).toEqual([])
  })

  it('of a name that is taken is refused', async () => {
    await send('POST', '/v1/queries', AT_NIGHT)
    const problem = problemIn(await send('POST', '/v1/queries', AT_NIGHT), 400)
    expect(problem['errors']).toEqual([{ field: 'name', message: 'is taken' }])
  })

  it('finds what looks like SQL as text, in its name and in what it asks', async () => {
    const text = "'; DROP TABLE saved_queries; --"
    await send('POST', '/v1/queries', { name: text, list: 'chains', parameters: { tool: `${text}*`, resource: text } })
    expect((await api.get(`/v1/queries/${encodeURIComponent(text)}/run`)).json()).toMatchObject({ items: [] })
  })

  it('is of one tenant, and changed by analysts', async () => {
    const one = guarded()
    const post = (headers: object) =>
      one.app.inject({
        method: 'POST',
        url: '/v1/queries',
        payload: JSON.stringify(AT_NIGHT),
        headers: { ...headers, 'content-type': 'application/json' },
      })
    problemIn(await post(await one.as('viewer', 'acme')), 403)
    expect((await post(await one.as('analyst', 'acme'))).json()).toMatchObject({ tenant: 'acme' })
    expect((await one.get(`${PATH}/run`, await one.as('viewer', 'acme'))).statusCode).toBe(200)
    problemIn(await one.get(PATH, await one.as('admin', 'globex')), 404)
    expect((await one.get('/v1/queries', await one.as('admin', 'globex'))).json()).toMatchObject({ items: [] })
  })
})

describe('the audit log', () => {
  const row = (number: number, more: Partial<AuditRow> = {}): AuditRow => ({
    chain: 'c1',
    number,
    at: Date.parse('2026-11-20T09:00:00Z') + number,
    tenant: 'acme',
    actor: 'key/k1',
    role: 'viewer',
    action: 'getChain',
    target: 'GET /v1/chains/wf-1',
    status: 200,
    detail: '{"a": 1}',
    before: '',
    hash: `h${number}`,
    ...more,
  })

  it('is listed for admins, narrowed and page by page', async () => {
    const one = guarded()
    await one.store.appendAudit([row(1), row(2, { actor: 'token/ana', status: 403, action: 'listKeys' }), row(3)])
    await one.store.appendAudit([row(1, { chain: 'c2', tenant: 'globex', detail: 'torn' })])
    problemIn(await one.get('/v1/audit', await one.as('responder', 'acme')), 403)
    const key = await one.as('admin', 'acme')
    const { items } = await shaped(AuditPage, one.get('/v1/audit', key))
    expect(items.map(({ number, chain }) => [chain, number])).toEqual([
      ['c1', 3],
      ['c1', 2],
      ['c1', 1],
    ])
    expect(items[0]).toMatchObject({ at: '2026-11-20T09:00:00.003Z', detail: { a: 1 }, tenant: 'acme' })
    const numbers = async (query: string) =>
      (await shaped(AuditPage, one.get(`/v1/audit?${query}`, key))).items.map(({ number }) => number)
    expect(await numbers('actor=token/*')).toEqual([2])
    expect(await numbers('status=403')).toEqual([2])
    expect(await numbers('action=getChain&since=2026-11-20T09:00:00.002Z')).toEqual([3])
    const all = await one.as('admin')
    expect((await shaped(AuditPage, one.get('/v1/audit', all))).items).toHaveLength(4)
    const first = await shaped(AuditPage, one.get('/v1/audit?limit=2', key))
    const rest = await shaped(AuditPage, one.get(`/v1/audit?limit=2&cursor=${first.next_cursor}`, key))
    expect(rest.items.map(({ number }) => number)).toEqual([1])
  })

  it.each(['status=ok', 'status=-1', 'actor=', 'since=then', 'who=me', 'cursor=x', 'limit=501'])(
    'is not listed by ?%s',
    async (query) => {
      problemIn(await api.get(`/v1/audit?${query}`), 400)
    },
  )
})
