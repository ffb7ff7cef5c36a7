import { get as httpGet, request as httpRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { Health, Readiness } from '../../schemas/api/health.ts'
import { CatenaryError } from '../../src/core/index.ts'
import { ndjson, problemIn, service, shaped, wire } from './kit.ts'

describe('the service', () => {
  it('says that it lives and is ready', async () => {
    const { get } = service()
    expect(await shaped(Health, get('/healthz'))).toEqual({ status: 'ok' })
    expect(await shaped(Readiness, get('/readyz'))).toEqual({ status: 'ready', reasons: [] })
  })

  it('says why it is not ready', async () => {
    const reply = await service({ isReady: () => ({ ready: false, reasons: ['the store is away'] }) }).get('/readyz')
    expect(reply.statusCode).toBe(503)
    expect(Readiness.parse(reply.json())).toEqual({ status: 'not_ready', reasons: ['the store is away'] })
  })

  it('has metrics of its requests, by route and not by path', async () => {
    const { get } = service()
    await get('/v1/chains/wf-of-a-customer')
    const { body, headers } = await get('/metrics')
    expect(headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/)
    expect(body).toContain('catenary_http_requests_total{method="GET",route="/v1/chains/:id",status="404"} 1')
    expect(body).not.toContain('wf-of-a-customer')
  })

  it('has a page of its API that loads nothing from elsewhere', async () => {
    const { get } = service()
    const page = await get('/docs/')
    expect(page.statusCode).toBe(200)
    const parts = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1] ?? '')
    expect(parts.every((part) => part.startsWith('./'))).toBe(true)
    for (const part of parts) expect((await get(`/docs/${part.slice(2)}`)).statusCode).toBe(200)
    expect(page.headers['content-security-policy']).toContain("default-src 'self'")
  })
})

describe('an ETag', () => {
  it('spares a reply that the caller has', async () => {
    const { get, post } = service()
    await post(ndjson(wire('a')))
    const first = await get('/v1/chains')
    const tag = String(first.headers['etag'])
    expect(tag).toMatch(/^W\/"[\w-]+"$/)
    const second = await get('/v1/chains', { 'if-none-match': `"other", ${tag}` })
    expect([second.statusCode, second.body]).toEqual([304, ''])
    expect(second.headers['etag']).toBe(tag)
    await post(ndjson(wire('b')))
    const third = await get('/v1/chains', { 'if-none-match': tag })
    expect(third.statusCode).toBe(200)
    expect(third.headers['etag']).not.toBe(tag)
  })

  it('is not given to a problem', async () => {
    expect((await service().get('/v1/chains/nope')).headers['etag']).toBeUndefined()
  })
})

describe('a method', () => {
  it('HEAD is GET without a body', async () => {
    const { app, get } = service()
    const head = await app.inject({ method: 'HEAD', url: '/v1/chains' })
    const full = await get('/v1/chains')
    expect([head.statusCode, head.body]).toEqual([200, ''])
    expect(head.headers['etag']).toBe(full.headers['etag'])
    expect(head.headers['content-length']).toBe(full.headers['content-length'])
  })

  it.each([
    ['DELETE', '/v1/chains', 'GET, HEAD'],
    ['PUT', '/v1/chains/x%2Fy/graph', 'GET, HEAD'],
    ['GET', '/v1/events', 'POST'],
    ['POST', '/v1/tail', 'GET'],
    ['HEAD', '/v1/tail', 'GET'],
    ['PUT', '/v1/alerts/bulk', 'POST'],
    ['PUT', '/v1/silences/preview', 'POST'],
    ['QUERY', '/v1/chains', 'GET, HEAD'],
  ] as const)('%s %s does not go', async (method, url, allow) => {
    const reply = await service().app.inject({ method: method as 'GET', url })
    expect(reply.statusCode).toBe(405)
    expect(String(reply.headers['allow']).split(', ').sort()).toEqual(allow.split(', '))
  })
})

describe('a problem', () => {
  it.each([
    ['/', 404],
    ['/v1', 404],
    ['/v1/chains/', 400],
    ['/v2/chains', 404],
    ['/v1/chains/%E0%A4%A', 400],
    ['/v1/chains/%00', 404],
    [`/v1/chains/${'x'.repeat(5_000)}`, 400],
    ['/docs/static/../../package.json', 404],
    ['/docs/static/%2e%2e%2f%2e%2e%2fpackage.json', 404],
  ])('answers %s', async (url, status) => {
    const problem = problemIn(await service().get(url), status)
    expect(problem['request_id']).toEqual(expect.any(String))
  })

  it('of an unknown failure tells nothing of it', async () => {
    const { store, get } = service()
    store.chains = async () => {
      throw new Error('password=hunter2 at 10.0.0.1')
    }
    const reply = await get('/v1/chains')
    problemIn(reply, 500)
    expect(reply.body).not.toMatch(/hunter2|10\.0\.0\.1/)
  })

  it('of a store that is away says to come again', async () => {
    const { store, get } = service()
    store.alerts = async () => {
      throw new CatenaryError('CAT_STORE_UNAVAILABLE', 'no route to clickhouse.internal', { retry: 'later' })
    }
    const reply = await get('/v1/alerts')
    problemIn(reply, 503)
    expect(reply.headers['retry-after']).toBe('5')
    expect(reply.body).not.toContain('clickhouse')
  })
})

describe('a web page behind its reader’s back', () => {
  it.each(['localhost', 'localhost:8321', '127.0.0.1:8321', '127.8.9.1', '[::1]:8321', 'LOCALHOST'])(
    'is none that asks %s',
    async (host) => expect((await service().get('/healthz', { host })).statusCode).toBe(200),
  )

  it.each(['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example:8321', '10.0.0.1', '[::2]'])(
    'is refused when it asks "%s"',
    async (host) => void problemIn(await service().get('/healthz', { host }), 403),
  )

  it('is refused when it sends events from another origin', async () => {
    const { post } = service()
    problemIn(await post(ndjson(wire('a')), { origin: 'https://evil.example' }), 403)
    problemIn(await post(ndjson(wire('a')), { origin: 'null' }), 403)
    expect((await post(ndjson(wire('a')), { host: 'localhost:80', origin: 'http://localhost:80' })).statusCode).toBe(
      403,
    )
    expect((await post(ndjson(wire('a')), { host: 'localhost:81', origin: 'http://localhost:81' })).statusCode).toBe(
      200,
    )
  })

  it('may ask for a name that is allowed', async () => {
    const { get } = service({ allowedHosts: ['catenary.example'] })
    expect((await get('/healthz', { host: 'catenary.example:8321' })).statusCode).toBe(200)
    problemIn(await get('/healthz', { host: 'evil.example' }), 403)
    expect((await service({ allowedHosts: 'any' }).get('/healthz', { host: 'evil.example' })).statusCode).toBe(200)
  })

  it('is given no leave by CORS', async () => {
    const reply = await service().app.inject({
      method: 'OPTIONS',
      url: '/v1/events',
      headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST' },
    })
    expect(reply.statusCode).toBe(403)
    expect(Object.keys(reply.headers).filter((name) => name.startsWith('access-control'))).toEqual([])
  })
})

describe('closing', () => {
  it('lets events at hand be stored and answered, and takes no more', async () => {
    let release = (): void => undefined
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    let begun = (): void => undefined
    const hasBegun = new Promise<void>((resolve) => {
      begun = resolve
    })
    const { app } = service({
      ingest: async (arrivals) => {
        begun()
        await held
        return arrivals.map(() => 'accepted' as const)
      },
    })
    await app.listen({ host: '127.0.0.1', port: 0 })
    const { port } = app.server.address() as AddressInfo
    const status = new Promise<number>((resolve, reject) => {
      const headers = { 'content-type': 'application/x-ndjson' }
      const request = httpRequest({ port, method: 'POST', path: '/v1/events', headers }, (reply) => {
        reply.resume()
        resolve(reply.statusCode ?? 0)
      })
      request.on('error', reject).end(ndjson(wire('a')))
    })
    await hasBegun
    const closed = app.close()
    await new Promise<void>((resolve) => {
      httpGet({ port, path: '/healthz' })
        .on('error', () => resolve())
        .on('response', (reply) => {
          expect(reply.statusCode).toBe(503)
          reply.resume()
          resolve()
        })
    })
    release()
    expect(await status).toBe(200)
    await closed
  })
})
