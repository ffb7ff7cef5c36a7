import { readFileSync } from 'node:fs'
import type { LightMyRequestResponse } from 'fastify'
import { beforeAll, describe, expect, it } from 'vitest'
import { makeKey } from '../../src/access/api-key.ts'
import { OF_EVERY_TENANT, OPERATIONS } from '../../src/api/access.ts'
import type { ApiParts } from '../../src/api/parts.ts'
import { CatenaryError, isEnough, ROLES, type Role } from '../../src/core/index.ts'
import { guarded, ndjson, problemIn, service, wire } from './kit.ts'
import { type Route as DocumentedRoute, routesOf } from './routes.ts'

interface Operation {
  readonly operationId: string
  readonly security?: readonly object[]
  readonly 'x-role'?: Role
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly required?: boolean }[]
  readonly requestBody?: {
    readonly content: Readonly<
      Record<
        string,
        { readonly example?: object; readonly examples?: { readonly example1: { readonly value: object } } }
      >
    >
  }
}

type Route = DocumentedRoute<Operation>

/** A request of a route that is good but for who sends it: its body is the example of the document. */
function asked(
  { path, method, requestBody, parameters = [] }: Route,
  ids: Readonly<Record<string, string>>,
  query = '',
) {
  const id = encodeURIComponent(ids[path] ?? 'none')
  // What a query has to have is the id of another of the same.
  const needed = parameters.flatMap(({ name, in: place, required }) =>
    place === 'query' && required === true
      ? [`${name}=${encodeURIComponent(ids[`${path}?${name}`] ?? decodeURIComponent(id))}`]
      : [],
  )
  const parts = [...(query === '' ? [] : [query.slice(1)]), ...needed]
  const url = `${path.replace('{id}', id)}${parts.length === 0 ? '' : `?${parts.join('&')}`}`
  if (requestBody === undefined) return { method, url, headers: {} }
  const content = Object.values(requestBody.content)[0]
  const example = content?.example ?? content?.examples?.example1.value ?? []
  return {
    method,
    url,
    payload: JSON.stringify(example),
    headers: { 'content-type': 'application/json', 'if-match': '*' },
  }
}

describe('a caller', () => {
  it('without a key is told to send one, and nothing else', async () => {
    const api = guarded()
    const reply = await api.get('/v1/chains')
    problemIn(reply, 401)
    expect(reply.headers['www-authenticate']).toBe('Bearer')
    expect((await api.get('/healthz')).statusCode).toBe(200)
    expect((await api.get('/readyz')).statusCode).toBe(200)
  })

  it.each([
    ['another scheme', 'Basic dXNlcjpwYXNz'],
    ['no token', 'Bearer '],
    ['two tokens', 'Bearer a, Bearer b'],
    ['no key', 'Bearer hunter2'],
    ['a key nobody made', `Bearer ${makeKey().key}`],
    ['a token where no provider is set', 'Bearer eyJhbGciOiJub25lIn0.e30.'],
    ['a huge one', `Bearer ${'x'.repeat(9_000)}`],
  ])('with %s is not let in', async (_, authorization) => {
    const reply = await guarded().get('/v1/chains', { authorization })
    problemIn(reply, 401)
    expect(reply.headers['www-authenticate']).toBe('Bearer error="invalid_token"')
    if (authorization.length > 20) expect(reply.body).not.toContain(authorization.slice(8, 20))
  })

  it('with a wrong key is refused where none is asked for, too', async () => {
    problemIn(await service().get('/v1/chains', { authorization: `Bearer ${makeKey().key}` }), 401)
    expect((await service().get('/v1/chains')).statusCode).toBe(200)
  })

  it('with one character of a key changed is not let in', async () => {
    const api = guarded()
    const { authorization } = await api.as('admin')
    expect((await api.get('/v1/chains', { authorization })).statusCode).toBe(200)
    for (const at of [20, 30, authorization.length - 1]) {
      const other = authorization.charAt(at) === 'a' ? 'b' : 'a'
      const forged = authorization.slice(0, at) + other + authorization.slice(at + 1)
      problemIn(await api.get('/v1/chains', { authorization: forged }), 401)
    }
  })

  it('is told to come again when the store cannot say who they are', async () => {
    const api = guarded()
    const key = await api.as('viewer', 'acme')
    api.store.apiKeys = async () => {
      throw new CatenaryError('CAT_STORE_UNAVAILABLE', 'away', { retry: 'later' })
    }
    problemIn(await api.get('/v1/chains', key), 503)
  })
})

describe('a role', () => {
  it('is declared for every route, in the table and in the document', async () => {
    const routes = await routesOf<Operation>(guarded())
    expect(routes.map(({ operationId }) => operationId).sort()).toEqual(Object.keys(OPERATIONS).sort())
    for (const { operationId, security, 'x-role': role } of routes) {
      expect([operationId, role ?? 'anyone']).toEqual([operationId, OPERATIONS[operationId]])
      expect(security).toEqual(role === undefined ? [] : [{ bearer: [] }])
    }
  })

  it.each(ROLES)('%s may do what it may, and nothing else, on every route', async (role) => {
    const api = guarded()
    const [bound, unbound] = [await api.as(role, 'acme'), await api.as(role)]
    for (const route of await routesOf<Operation>(api)) {
      if (route.operationId === 'tail') continue
      const key = OF_EVERY_TENANT.has(route.operationId) ? unbound : bound
      const needed = OPERATIONS[route.operationId] ?? 'admin'
      const request = asked(route, {})
      const reply = await api.app.inject({ ...request, headers: { ...request.headers, ...key } })
      const isLetIn = needed === 'anyone' || isEnough(role, needed)
      expect([route.operationId, reply.statusCode === 403], reply.body).toEqual([route.operationId, !isLetIn])
      expect(reply.statusCode).toBeLessThan(500)
    }
  })

  it('reads nothing of a body that it may not send', async () => {
    const api = guarded()
    problemIn(await api.post('{"broken', await api.as('viewer', 'acme')), 403)
  })
})

const in90Days = (): string => new Date(Date.now() + 90 * 86_400_000).toISOString()

describe('a tenant', () => {
  const api = guarded()
  let mine: { authorization: string }
  let theirs: { authorization: string }
  const example = readFileSync('test/fixtures/example.ndjson', 'utf8')
    .replaceAll('wf-17', 'secret-wf')
    .replaceAll('billing-bot', 'secret-bot')
    .replaceAll('key-payroll-admin', 'secret-cred')
  const ids: Record<string, string> = {}

  beforeAll(async () => {
    mine = await api.as('admin', 'acme')
    theirs = await api.as('admin', 'globex')
    const consent = {
      ...wire('g1', { workflow_id: 'secret-wf', agent: { id: 'secret-bot' }, message: undefined }),
      kind: 'oauth',
      oauth: { action: 'consent', grant_id: 'secret-grant', client_id: 'app-1', scopes: ['mail.read'] },
    }
    const sent = await api.post(`${example}${ndjson(consent)}`, theirs)
    expect(sent.json()).toMatchObject({ rejected: 0 })
    await api.post('{"secret": "refused"}', theirs)
    const { items: alerts } = (await api.get('/v1/alerts', theirs)).json<{ items: { alert_id: string }[] }>()
    const { items: incidents } = (await api.get('/v1/incidents', theirs)).json<{ items: { incident_id: string }[] }>()
    const silenced = await api.app.inject({
      method: 'POST',
      url: '/v1/silences',
      headers: { ...theirs, 'content-type': 'application/json' },
      payload: { matches: { agent: 'secret-bot' }, reason: 'secret-wf is known', expires_at: in90Days() },
    })
    await api.app.inject({
      method: 'POST',
      url: '/v1/queries',
      headers: { ...theirs, 'content-type': 'application/json' },
      payload: { name: 'secret-bot-at-work', list: 'chains', parameters: { agent: 'secret-bot' } },
    })
    const ordered = await api.app.inject({
      method: 'POST',
      url: '/v1/containments',
      headers: { ...theirs, 'content-type': 'application/json' },
      payload: { targets: [{ kind: 'agent', id: 'secret-bot' }], reason: 'secret-wf was stolen', dry_run: false },
    })
    const { items: keys } = (await api.get('/v1/keys', theirs)).json<{ items: { id: string }[] }>()
    for (const { path } of await routesOf<Operation>(api)) {
      if (path.startsWith('/v1/chains/')) ids[path] = 'secret-wf'
      if (path.startsWith('/v1/incidents/')) ids[path] = incidents[0]?.incident_id ?? 'none'
      if (path.startsWith('/v1/alerts/')) ids[path] = alerts[0]?.alert_id ?? 'none'
      if (path.startsWith('/v1/credentials/')) ids[path] = 'secret-cred'
      if (path.startsWith('/v1/agents/')) ids[path] = 'secret-bot'
      if (path.startsWith('/v1/grants/')) ids[path] = 'secret-grant'
      if (path.startsWith('/v1/keys/')) ids[path] = keys[0]?.id ?? 'none'
      if (path.startsWith('/v1/queries/')) ids[path] = 'secret-bot-at-work'
      if (path.startsWith('/v1/containments/')) ids[path] = ordered.json<{ id: string }>().id
      if (path.startsWith('/v1/silences/')) ids[path] = silenced.json<{ id: string }>().id
      if (path.startsWith('/v1/detectors/')) ids[path] = 'secret-harvest'
    }
    ids['/v1/chains/{id}/path?from'] = 'e1'
    expect(ids['/v1/alerts/{id}']).not.toBe('none')
  })

  const of = (reply: LightMyRequestResponse): readonly unknown[] =>
    reply.body.startsWith('{') ? (reply.json<{ items?: unknown[] }>().items ?? []) : []

  it('is the caller’s own on every route: what is of another is not there, and cannot be named', async () => {
    const seen: Record<string, number> = {}
    for (const route of await routesOf<Operation>(api)) {
      if (route.operationId === 'tail' || OPERATIONS[route.operationId] === 'anyone') continue
      const owner = asked(route, ids)
      if (OF_EVERY_TENANT.has(route.operationId)) {
        problemIn(await api.app.inject({ ...owner, headers: { ...owner.headers, ...mine } }), 403)
        continue
      }
      if (route.method === 'GET') {
        const there = await api.app.inject({ ...owner, headers: { ...owner.headers, ...theirs } })
        expect([route.operationId, there.statusCode], there.body).toEqual([route.operationId, 200])
      }
      const reply = await api.app.inject({ ...owner, headers: { ...owner.headers, ...mine } })
      seen[route.operationId] = reply.statusCode
      // The path of who was never seen is an empty list.
      if (route.path.includes('{id}') && !/^\/v1\/(detectors|(agents|credentials|grants)\/.*\/path$)/.test(route.path))
        expect([route.operationId, reply.statusCode]).toEqual([route.operationId, 404])
      // An id that was asked for is said again; what hangs on it is not.
      expect(reply.body.replaceAll(ids[route.path] ?? '-', '')).not.toMatch(/secret-(bot|cred|wf)|globex/)
      if (route.method === 'GET' && route.operationId !== 'listKeys')
        expect([route.operationId, of(reply).length > 0]).toEqual([
          route.operationId,
          route.operationId === 'listDetectors',
        ])

      const takesTenant = route.parameters?.some(({ name }) => name === 'tenant') === true
      if (!takesTenant) continue
      const named = asked(route, ids, '?tenant=globex')
      problemIn(await api.app.inject({ ...named, headers: { ...named.headers, ...mine } }), 403)
      const twice = asked(route, ids, '?tenant=acme&tenant=globex')
      expect(
        (await api.app.inject({ ...twice, headers: { ...twice.headers, ...mine } })).statusCode,
      ).toBeGreaterThanOrEqual(400)
    }
    expect(Object.keys(seen).length).toBeGreaterThan(15)
  })

  it('is not reached by a cursor of another', async () => {
    await api.post(ndjson(wire('x', { workflow_id: 'secret-2' })), theirs)
    const { next_cursor } = (await api.get('/v1/chains?limit=1', theirs)).json<{ next_cursor: string }>()
    const reply = await api.get(`/v1/chains?cursor=${next_cursor}`, mine)
    expect(reply.body).not.toContain('secret')
  })

  it('is stamped on the events of its key; those that name another are refused, and nobody else sees them', async () => {
    const key = await api.as('ingest', 'acme')
    const reply = await api.post(
      ndjson(
        wire('e1', { workflow_id: 'ours' }),
        wire('e2', { tenant: 'globex', workflow_id: 'planted' }),
        wire('e3', { tenant: 'acme', workflow_id: 'ours' }),
      ),
      key,
    )
    expect(reply.json<{ verdicts: object[] }>().verdicts).toMatchObject([
      { verdict: 'accepted' },
      { verdict: 'rejected', reason: 'foreign_tenant', path: 'tenant' },
      { verdict: 'accepted' },
    ])
    expect(of(await api.get('/v1/chains', mine))).toMatchObject([{ workflow_id: 'ours', tenant: 'acme', events: 2 }])
    expect((await api.get('/v1/chains', theirs)).body).not.toContain('planted')
    expect(of(await api.get('/v1/rejected', mine))).toMatchObject([{ reason: 'foreign_tenant', tenant: 'acme' }])
    problemIn(await api.post(ndjson(wire('e4')), key, '?tenant=globex'), 403)
  })

  it('may be any for a caller of all', async () => {
    const all = await api.as('viewer')
    expect(of(await api.get('/v1/chains?tenant=globex', all)).length).toBeGreaterThan(0)
    const tenants = of(await api.get('/v1/chains', all)).map((one) => (one as { tenant: string }).tenant)
    expect(new Set(tenants)).toEqual(new Set(['acme', 'globex']))
  })
})

describe('a limit', () => {
  it('of requests a minute is each caller’s own', async () => {
    const api = guarded({}, { ratePerMinute: 3 })
    const [one, other] = [await api.as('viewer', 'acme'), await api.as('viewer', 'acme')]
    for (let i = 0; i < 3; i += 1) expect((await api.get('/v1/detectors', one)).statusCode).toBe(200)
    const reply = await api.get('/v1/detectors', one)
    expect(problemIn(reply, 429)['type']).toBe('urn:catenary:problem:too-many-requests')
    expect(Number(reply.headers['retry-after'])).toBeGreaterThan(0)
    expect((await api.get('/v1/detectors', other)).statusCode).toBe(200)
    expect((await api.get('/healthz')).statusCode).toBe(200)
  })

  it('stops who guesses keys', async () => {
    const api = guarded()
    const statuses: number[] = []
    for (let i = 0; i < 102; i += 1)
      statuses.push((await api.get('/v1/detectors', { authorization: 'Bearer no' })).statusCode)
    expect(new Set(statuses.slice(0, 100))).toEqual(new Set([401]))
    expect(statuses.at(-1)).toBe(429)
    expect((await api.get('/v1/detectors', await api.as('viewer', 'acme'))).statusCode).toBe(200)
  })
})

describe('the audit log', () => {
  type Entry = Parameters<ApiParts['audit']>[0]

  it('has every read and every change of a caller who is known, what was refused them too', async () => {
    const said: Entry[] = []
    const api = guarded({ audit: async (entry) => void said.push(entry) })
    const key = await api.as('viewer', 'acme')
    await api.get('/v1/chains/wf-1?tenant=acme', key)
    await api.get('/v1/chains', key)
    await api.get('/v1/keys', key)
    await api.get('/v1/chains?tenant=globex', key)
    await api.get('/v1/chains')
    await api.get('/healthz')
    expect(said.map(({ action, status, tenant, target }) => [action, status, tenant, target])).toEqual([
      ['getChain', 404, 'acme', 'GET /v1/chains/wf-1?tenant=acme'],
      ['listChains', 200, 'acme', 'GET /v1/chains'],
      ['listKeys', 403, 'acme', 'GET /v1/keys'],
      ['listChains', 403, 'globex', 'GET /v1/chains?tenant=globex'],
    ])
    expect(said[0]?.caller).toMatchObject({ kind: 'key', role: 'viewer', tenant: 'acme' })
  })

  it('never holds a key', async () => {
    const said: Entry[] = []
    const api = guarded({ audit: async (entry) => void said.push(entry) })
    const payload = JSON.stringify({ name: 'x', role: 'viewer' })
    const headers = { ...(await api.as('admin', 'acme')), 'content-type': 'application/json' }
    const made = (await api.app.inject({ method: 'POST', url: '/v1/keys', payload, headers })).json<{
      key: string
      id: string
    }>()
    expect(said).toMatchObject([{ action: 'createKey', detail: { key: made.id, role: 'viewer', tenant: 'acme' } }])
    expect(JSON.stringify(said)).not.toContain(made.key)
    expect(JSON.stringify(said)).not.toContain(headers.authorization.slice(8))
  })

  it('is written before there is an answer: where it cannot be, there is none', async () => {
    const api = guarded({
      audit: async () => {
        throw new CatenaryError('CAT_STORE_UNAVAILABLE', 'away', { retry: 'later' })
      },
    })
    await api.post(ndjson(wire('a')), await api.as('ingest', 'acme'))
    const reply = await api.get('/v1/chains', await api.as('viewer', 'acme'))
    problemIn(reply, 503)
    expect(reply.body).not.toContain('wf-1')
  })
})
