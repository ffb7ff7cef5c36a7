import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openClickHouseStore } from '../../src/adapters/clickhouse/clickhouse-store.ts'
import { connectEmbedded } from '../../src/adapters/clickhouse/connect.ts'
import { createMemoryStore } from '../../src/adapters/memory/memory-store.ts'
import type { Store } from '../../src/ports/index.ts'
import { guarded, problemIn } from './kit.ts'

interface Parameter {
  readonly name: string
  readonly in: 'query' | 'path'
  readonly schema: { readonly type?: string; readonly enum?: readonly string[]; readonly format?: string }
}

interface Route {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  readonly path: string
  readonly operationId: string
  readonly hasBody: boolean
  readonly parameters: readonly Parameter[]
}

/** What has been sent to others to make a store do what it was not asked. */
const HOSTILE = [
  "' OR '1'='1",
  "'; DROP TABLE chains; --",
  "\\'; SELECT sleepEachRow(3) --",
  "') UNION ALL SELECT * FROM system.users --",
  '{x:String}',
  "url('http://127.0.0.1:1/', CSV)",
  "file('/etc/passwd')",
  '../../../../etc/passwd',
  '%00',
  '\0',
  '😀\u202e\ufeff',
  '\ud800',
  '\\N\'`"',
  '*',
  '__proto__',
  '0x7fffffffffffffff',
  '-1',
  '1e309',
  'NaN',
  Buffer.from('["chains",1e400,"x","y"]').toString('base64url'),
  Buffer.from('["alerts",1,"x\'","acme"]').toString('base64url'),
  Buffer.from('["steps",1,1,"w","s","e"]').toString('base64url'),
  'x'.repeat(4_097),
] as const

const hostile = fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ unit: 'binary', maxLength: 40 }))
const fitting = ({ schema }: Parameter): fc.Arbitrary<string> => {
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum)
  if (schema.format === 'date-time') return fc.constantFrom('2026-11-20T09:00:00Z', '1969-12-31T23:59:59-12:00')
  return schema.type === 'integer' || schema.type === 'number'
    ? fc.constantFrom('1', '50', '1.5')
    : fc.constantFrom('a', 'wf-17')
}

const homes: readonly (readonly [string, number, () => Promise<Store>])[] = [
  ['memory', 25, async () => createMemoryStore()],
  [
    'ClickHouse',
    3,
    async () => {
      const path = mkdtempSync(join(tmpdir(), 'catenary-hostile-'))
      afterAll(() => rmSync(path, { recursive: true, force: true }))
      return openClickHouseStore(await connectEmbedded(path))
    },
  ],
]

describe.each(homes)('with a store in %s', (_, numRuns, open) => {
  let api: ReturnType<typeof guarded>
  let admin: { authorization: string }
  let routes: readonly Route[]

  beforeAll(async () => {
    api = guarded({}, { ratePerMinute: 10_000_000 }, await open())
    admin = await api.as('admin', 'acme')
    await api.post(readFileSync('test/fixtures/example.ndjson'), admin)
    const { paths } = (await api.get('/openapi.json')).json<{ paths: Record<string, Record<string, never>> }>()
    routes = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods as Record<string, { operationId: string; parameters?: Parameter[]; requestBody?: object }>)
        .filter(([, { operationId }]) => operationId !== 'tail')
        .map(([method, { operationId, parameters = [], requestBody }]) => ({
          method: method.toUpperCase() as Route['method'],
          path,
          operationId,
          parameters,
          hasBody: requestBody !== undefined,
        })),
    )
  }, 120_000)
  afterAll(() => api.store.close())

  it('no request, whatever it says, breaks anything or is answered for another', async () => {
    for (const route of routes) {
      const query = route.parameters.filter((one) => one.in === 'query')
      const asked = fc.record({
        id: hostile,
        values: fc.tuple(...query.map((one) => fc.option(fc.oneof(fitting(one), hostile), { nil: null }))),
        body: fc.oneof(fc.json(), hostile),
      })
      await fc.assert(
        fc.asyncProperty(asked, async ({ id, values, body }) => {
          const text = new URLSearchParams(
            query.flatMap(({ name }, i): [string, string][] =>
              typeof values[i] === 'string' ? [[name, values[i]]] : [],
            ),
          )
          const reply = await api.app.inject({
            method: route.method,
            url: `${route.path.replace('{id}', encodeURIComponent(id.replace(/\p{Surrogate}/gu, 'x')))}?${text}`,
            headers: { ...admin, ...(route.hasBody ? { 'content-type': 'application/json', 'if-match': '*' } : {}) },
            ...(route.hasBody ? { payload: body } : {}),
          })
          expect(reply.statusCode, `${route.operationId} ${text} ${reply.body.slice(0, 300)}`).toBeLessThan(500)
          expect(reply.body).not.toMatch(/SELECT |Code: \d+|DB::|root:x:/)
        }),
        { numRuns },
      )
    }
    // All that was there is there.
    expect((await api.get('/v1/chains/wf-17', admin)).statusCode).toBe(200)
  }, 300_000)

  it('each filter that says what is not so narrows to nothing', async () => {
    for (const path of ['/v1/chains', '/v1/alerts', '/v1/credentials']) {
      const { parameters = [] } = routes.find((one) => one.path === path && one.method === 'GET') ?? {}
      for (const { name, schema } of parameters)
        if (
          schema.type === 'string' &&
          schema.enum === undefined &&
          schema.format === undefined &&
          !['tenant', 'cursor'].includes(name)
        ) {
          const reply = await api.get(`${path}?${name}=${encodeURIComponent("' OR 1=1 --")}`, admin)
          expect([name, reply.json<{ items: unknown[] }>().items], reply.body).toEqual([name, []])
        }
    }
  }, 120_000)
})

describe('a parameter that is not known', () => {
  it('is refused by its name on every route that takes any', async () => {
    const api = guarded()
    const admin = await api.as('admin')
    const { paths } = (await api.get('/openapi.json')).json<{
      paths: Record<string, Record<string, { parameters?: Parameter[]; requestBody?: object }>>
    }>()
    for (const [path, methods] of Object.entries(paths))
      for (const [method, { parameters = [], requestBody }] of Object.entries(methods)) {
        if (!parameters.some((one) => one.in === 'query')) continue
        const reply = await api.app.inject({
          method: method.toUpperCase() as 'GET',
          url: `${path.replace('{id}', 'x')}?tennant=acme`,
          headers: { ...admin, ...(requestBody === undefined ? {} : { 'content-type': 'application/json' }) },
          ...(requestBody === undefined
            ? {}
            : { payload: path === '/v1/keys' ? '{"name":"x","role":"viewer"}' : '{}' }),
        })
        if (reply.statusCode === 400 && requestBody !== undefined && !reply.body.includes('tennant')) continue
        expect(problemIn(reply, 400)['errors']).toContainEqual({
          field: 'tennant',
          message: 'is no parameter of this path',
        })
      }
  })
})

describe('a huge body', () => {
  it('is refused, and by who may not send it, before it is read', async () => {
    const api = guarded({ limits: { maxBodyBytes: 1_024 } })
    const admin = await api.as('admin', 'acme')
    const send = (url: string, headers: object) =>
      api.app.inject({
        method: 'POST',
        url,
        payload: `{"name":"${'x'.repeat(5_000)}"}`,
        headers: { 'content-type': 'application/json', ...headers },
      })
    problemIn(await send('/v1/keys', admin), 413)
    problemIn(await send('/v1/events', admin), 413)
    problemIn(await send('/v1/events', {}), 401)
    problemIn(await send('/v1/keys', await api.as('viewer', 'acme')), 403)
  })
})
