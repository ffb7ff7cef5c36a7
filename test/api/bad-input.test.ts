import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { openClickHouseStore } from '../../src/adapters/clickhouse/clickhouse-store.ts'
import { connectEmbedded } from '../../src/adapters/clickhouse/connect.ts'
import { OF_EVERY_TENANT } from '../../src/api/access.ts'
import type { Store } from '../../src/ports/index.ts'
import { guarded, ndjson, problemIn, wire } from './kit.ts'
import { type Route as DocumentedRoute, routesOf } from './routes.ts'

type Guarded = ReturnType<typeof guarded>

interface Schema {
  readonly type?: string
  readonly enum?: readonly unknown[]
  readonly format?: string
  readonly anyOf?: readonly Schema[]
}

interface Parameter {
  readonly name: string
  readonly in: 'query' | 'path'
  readonly required?: boolean
  readonly schema: Schema
}

interface Operation {
  readonly operationId: string
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: {
    readonly content: Readonly<
      Record<
        string,
        {
          readonly schema?: Schema & { readonly additionalProperties?: unknown }
          readonly example?: object
          readonly examples?: { readonly example1: { readonly value: object } }
        }
      >
    >
  }
}

type Route = DocumentedRoute<Operation>

/** What a parameter of a schema may not be; none where any text will do. */
function wrongFor({ type, enum: values, format, anyOf }: Schema): readonly string[] {
  if (anyOf !== undefined) return []
  if (values !== undefined) return ['no-such-value', 'NULL', '0']
  if (format === 'date-time') return ['yesterday', '2026-11-20', '1e9', '2026-13-45T00:00:00Z']
  if (type === 'integer') return ['x', '1.5', '-1', '0x10', '1e400', '9'.repeat(40), 'NaN', '', ' ']
  if (type === 'number') return ['x', 'NaN', 'Infinity', '']
  return type === 'boolean' ? ['yes', '2'] : []
}

const bodyOf = ({ requestBody }: Route): Readonly<Record<string, unknown>> | null => {
  const content = requestBody?.content['application/json']
  const example = content?.example ?? content?.examples?.example1.value
  return example === undefined || Array.isArray(example) ? null : (example as Record<string, unknown>)
}

let api: Guarded
let admin: { authorization: string }
let other: { authorization: string }
let routes: readonly Route[]
let store: Store

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'catenary-bad-input-'))
  store = await openClickHouseStore(await connectEmbedded(folder))
  api = guarded({}, { ratePerMinute: 10_000_000 }, store)
  admin = await api.as('admin', 'acme')
  other = await api.as('admin', 'globex')
  for (const key of [admin, other]) await fill(key, key === other ? 'theirs' : 'ours')
  routes = (await routesOf<Operation>(api)).filter(({ operationId }) => operationId !== 'tail')
  return async () => {
    await store.close()
    rmSync(folder, { recursive: true, force: true })
  }
}, 240_000)

const send = (url: string, payload: object, headers: Record<string, string>, method: 'POST' | 'PATCH' = 'POST') =>
  api.app.inject({ method, url, payload, headers: { 'content-type': 'application/json', ...headers } })

/** Two or more of everything that is listed, under names that begin so. */
async function fill(key: { authorization: string }, name: string): Promise<void> {
  const example = readFileSync('test/fixtures/example.ndjson', 'utf8')
  for (const n of [1, 2]) {
    const story = example
      .replaceAll('wf-17', `${name}-wf-${n}`)
      .replaceAll('billing-bot', `${name}-bot-${n}`)
      .replaceAll('key-payroll-admin', `${name}-cred-${n}`)
      .replaceAll(/"id":"(e\d+)"/g, `"id":"${name}-$1-${n}"`)
    expect((await api.post(story, key)).json()).toMatchObject({ rejected: 0 })
    await api.post(`{"${name}": "refused ${n}"}`, key)
    await send('/v1/queries', { name: `${name}-${n}`, list: 'chains', parameters: { agent: `${name}-bot` } }, key)
    const expires_at = new Date(Date.now() + 86_400_000).toISOString()
    await send('/v1/silences', { matches: { agent: `${name}-${n}` }, reason: `${name} is known`, expires_at }, key)
    const targets = [{ kind: 'agent', id: `${name}-bot-${n}` }]
    await send('/v1/containments', { targets, reason: `${name} was stolen`, dry_run: false }, key)
  }
  await api.post(ndjson(wire(`${name}-x`, { workflow_id: `${name}-wf-3` })), key)
}

const at = (path: string): string => path.replace('{id}', 'none')

/** A request that is good but for one parameter. */
function asked(route: Route, name: string, value: string) {
  const body = bodyOf(route)
  const needed = (route.parameters ?? []).filter(
    (one) => one.in === 'query' && one.required === true && one.name !== name,
  )
  const query = new URLSearchParams([...needed.map((one): [string, string] => [one.name, 'x']), [name, value]])
  return api.app.inject({
    method: route.method,
    url: `${at(route.path)}?${query}`,
    headers: { ...admin, ...(route.requestBody === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(route.requestBody === undefined ? {} : { payload: body ?? {} }),
  })
}

describe('the document', () => {
  it('has all that it refers to, and says of each body that it takes no unknown field', async () => {
    const { body } = await api.get('/openapi.json')
    const document = JSON.parse(body)
    const refs = new Set([...body.matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path = '']) => path))
    for (const path of refs) {
      let found = document
      for (const part of path.split('/')) found = found?.[part]
      expect(found, path).toBeDefined()
    }
    for (const { operationId, requestBody } of routes) {
      const schema = requestBody?.content['application/json']?.schema
      if (schema?.type === 'object') expect([operationId, schema.additionalProperties]).toEqual([operationId, false])
    }
  })
})

describe('a value of the wrong type', { timeout: 240_000 }, () => {
  it('is refused by the name of its parameter, on every route', async () => {
    let count = 0
    for (const route of routes.filter(({ operationId }) => !OF_EVERY_TENANT.has(operationId)))
      for (const { name, in: place, schema } of route.parameters ?? [])
        for (const value of place === 'query' ? wrongFor(schema) : []) {
          const reply = await asked(route, name, value)
          expect([route.operationId, name, value, reply.statusCode], reply.body).toEqual([
            route.operationId,
            name,
            value,
            400,
          ])
          expect(problemIn(reply, 400)['errors']).toContainEqual({ field: name, message: expect.any(String) })
          count += 1
        }
    expect(count).toBeGreaterThan(100)
  })

  it('is refused by the name of its field, in every body', async () => {
    const wrong: readonly unknown[] = [7.5, [[]], { constructor: 1 }]
    let count = 0
    for (const route of routes) {
      const body = bodyOf(route)
      if (body === null || route.operationId === 'postEvents') continue
      for (const name of Object.keys(body))
        for (const value of wrong) {
          const reply = await api.app.inject({
            method: route.method,
            url: at(route.path),
            headers: { ...admin, 'content-type': 'application/json', 'if-match': '*' },
            payload: { ...body, [name]: value },
          })
          if (reply.statusCode === 403 && OF_EVERY_TENANT.has(route.operationId)) continue
          expect([route.operationId, name, value, reply.statusCode], reply.body).toEqual([
            route.operationId,
            name,
            value,
            400,
          ])
          expect(JSON.stringify(problemIn(reply, 400)['errors'])).toContain(name)
          count += 1
        }
      const unknown = await api.app.inject({
        method: route.method,
        url: at(route.path),
        headers: { ...admin, 'content-type': 'application/json', 'if-match': '*' },
        payload: { ...body, nonsense: 1 },
      })
      if (!OF_EVERY_TENANT.has(route.operationId))
        expect(JSON.stringify(problemIn(unknown, 400)['errors'])).toContain('nonsense')
    }
    expect(count).toBeGreaterThan(20)
  })

  it('is refused as a page that is too large, by every list', async () => {
    const lists = routes.filter(({ parameters = [] }) => parameters.some(({ name }) => name === 'limit'))
    expect(lists.length).toBeGreaterThan(10)
    for (const route of lists.filter(({ operationId }) => !OF_EVERY_TENANT.has(operationId)))
      for (const limit of ['0', '501', '1000000000', '18446744073709551616'])
        expect(problemIn(await asked(route, 'limit', limit), 400)['errors']).toContainEqual({
          field: 'limit',
          message: expect.any(String),
        })
  })
})

describe('a cursor', { timeout: 240_000 }, () => {
  const lists = () =>
    routes.filter(
      ({ parameters = [], operationId, path }) =>
        parameters.some(({ name }) => name === 'cursor') && !OF_EVERY_TENANT.has(operationId) && !path.includes('{id}'),
    )

  it('that was forged, cut, or taken from another list is refused by every list', async () => {
    const found = new Map<string, string>()
    for (const { path, parameters = [] } of lists()) {
      const q = parameters.some(({ name }) => name === 'q') ? '&q=bot' : ''
      const { next_cursor } = (await api.get(`${path}?limit=1${q}`, admin)).json<{ next_cursor: string | null }>()
      if (next_cursor !== null) found.set(path, next_cursor)
    }
    expect(found.size).toBeGreaterThan(8)
    for (const [path, own] of found) {
      const q = path === '/v1/search' ? '&q=bot' : ''
      const others = [...found].flatMap(([of, cursor]) => (of === path ? [] : [cursor]))
      const forged = ['x', 'null', `${own}x`.repeat(2), own.slice(0, -4), Buffer.from('[]').toString('base64url')]
      for (const cursor of [...forged, ...others]) {
        const reply = await api.get(`${path}?limit=1&cursor=${encodeURIComponent(cursor)}${q}`, admin)
        expect([path, cursor, reply.statusCode], reply.body).toEqual([path, cursor, 400])
        expect(problemIn(reply, 400)['errors']).toMatchObject([{ field: 'cursor' }])
      }
    }
  })

  it('of another tenant gives nothing of theirs, on any list', async () => {
    let count = 0
    for (const { path, parameters = [] } of lists()) {
      const q = parameters.some(({ name }) => name === 'q') ? '&q=bot' : ''
      const { next_cursor } = (await api.get(`${path}?limit=1${q}`, other)).json<{ next_cursor: string | null }>()
      if (next_cursor === null) continue
      const reply = await api.get(`${path}?cursor=${encodeURIComponent(next_cursor)}${q}`, admin)
      expect(reply.statusCode, path).toBe(200)
      expect(reply.body).not.toMatch(/theirs-|globex/)
      count += 1
    }
    expect(count).toBeGreaterThan(8)
  })
})

/** Each would show: by an error of the store, by a word of its system tables, or by items that nothing narrows. */
const INJECTIONS = [
  "' OR 1=1 --",
  "') OR tenant != '' --",
  "') UNION ALL SELECT version(), hostName() --",
  "\\') OR (SELECT count() FROM system.tables) > 0 --",
  "{tenant:String}') OR 1=1 --",
  "'||currentDatabase()||file('/etc/passwd')||url('http://127.0.0.1:1/x')||'",
]

describe('what would be SQL', { timeout: 400_000 }, () => {
  it.each(INJECTIONS)('is text in every string of every route: %s', async (text) => {
    for (const route of routes) {
      const strings = (route.parameters ?? []).filter(
        ({ in: place, name, schema }) => place === 'query' && name !== 'tenant' && wrongFor(schema).length === 0,
      )
      const queries = [...strings.map(({ name }) => [[name, text]]), strings.map(({ name }) => [name, text])]
      for (const query of strings.length === 0 ? [[]] : queries) {
        const reply = await api.app.inject({
          method: route.method,
          url: `${route.path.replace('{id}', encodeURIComponent(text))}?${new URLSearchParams(query as [string, string][])}`,
          headers: { ...admin, ...(route.requestBody === undefined ? {} : { 'content-type': 'application/json' }) },
          ...(route.requestBody === undefined ? {} : { payload: filledWith(bodyOf(route) ?? {}, text) as object }),
        })
        expect(reply.statusCode, `${route.operationId} ${reply.body.slice(0, 300)}`).toBeLessThan(500)
        // A request is said again in a problem; what it would have found is not.
        expect(reply.body.replaceAll(text, ''), route.operationId).not.toMatch(/theirs-|root:x:|DB::|Code: \d+/)
        const isAsked = query.some(([name]) => name !== 'cursor' && name !== 'from' && name !== 'q')
        if (route.method === 'GET' && isAsked && reply.statusCode === 200 && reply.body.startsWith('{"items"'))
          expect([route.operationId, query, reply.json<{ items: unknown[] }>().items]).toEqual([
            route.operationId,
            query,
            [],
          ])
      }
    }
    expect((await api.get('/v1/chains/ours-wf-1', admin)).statusCode).toBe(200)
  })
})

/** The same, with the text in place of each string in it. */
function filledWith(value: unknown, text: string): unknown {
  if (typeof value === 'string') return text
  if (Array.isArray(value)) return value.map((one) => filledWith(one, text))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, filledWith(one, text)]))
}

describe('a path that would leave', () => {
  it.each([
    '/../../../../etc/passwd',
    '/v1/../../../etc/passwd',
    '/v1/chains/..%2f..%2f..%2fetc%2fpasswd',
    '/v1/chains/%2e%2e/%2e%2e/etc/passwd',
    '/v1/chains/..%5c..%5cwindows%5cwin.ini',
    '/v1/chains/%252e%252e%252fetc%252fpasswd',
    '/v1/chains/..%c0%af..%c0%afetc%c0%afpasswd',
    '/v1/exports/..%2fkeys',
    '//etc/passwd',
    '/openapi.json/../../package.json',
    '/v1/chains/%00',
    'file:///etc/passwd',
  ])('%s gives no file', async (path) => {
    const reply = await api.app.inject({ method: 'GET', url: path, headers: admin })
    expect([400, 404]).toContain(reply.statusCode)
    problemIn(reply, reply.statusCode)
    expect(reply.body).not.toMatch(/root:x:|"dependencies"|\[fonts\]/)
  })
})
