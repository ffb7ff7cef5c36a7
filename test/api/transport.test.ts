import { once } from 'node:events'
import { type AddressInfo, connect } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { isAmong } from '../../src/api/transport.ts'
import { guarded, problemIn, type Service, service } from './kit.ts'

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

/** What the service answers to bytes, until the connection ends. */
async function answerTo(bytes: string, { app }: Pick<Service, 'app'> = guarded()): Promise<string> {
  closing.push(() => app.close())
  await app.listen({ host: '127.0.0.1', port: 0 })
  const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1')
  let text = ''
  socket.on('data', (data: Buffer) => (text += data.toString()))
  // Who says that the connection ends with the answer waits for it with both ends open.
  if (bytes.includes('connection: close')) socket.write(bytes)
  else socket.end(bytes)
  await once(socket, 'close')
  return text
}

describe('every reply', () => {
  it('says that it is to be neither framed, nor sniffed, nor kept', async () => {
    const { get } = guarded()
    for (const url of ['/healthz', '/v1/chains', '/nowhere']) {
      const { headers } = await get(url)
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'SAMEORIGIN',
        'referrer-policy': 'no-referrer',
        'cache-control': 'no-store',
        'content-security-policy': "default-src 'none';frame-ancestors 'none'",
      })
      expect(headers['strict-transport-security']).toBeUndefined()
    }
  })

  it('asks for https for good where there is https', async () => {
    const { get } = guarded({ transport: { trustedProxies: ['10.0.0.7'], corsOrigins: [] } })
    expect((await get('/healthz')).headers['strict-transport-security']).toMatch(/^max-age=31536000/)
  })
})

describe('a page of another origin', () => {
  const preflight = {
    method: 'OPTIONS',
    url: '/v1/chains',
    headers: { origin: 'https://soc.example', 'access-control-request-method': 'GET' },
  } as const

  it('gets no leave by default', async () => {
    const { app } = guarded()
    const { headers } = await app.inject(preflight)
    expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([])
  })

  it('gets leave where its origin is named, and none where another is', async () => {
    const api = guarded({ transport: { trustedProxies: [], corsOrigins: ['https://soc.example'] } })
    const leave = await api.app.inject(preflight)
    expect(leave.statusCode).toBe(204)
    expect(leave.headers['access-control-allow-origin']).toBe('https://soc.example')
    const refusal = await api.get('/v1/chains', { origin: 'https://soc.example' })
    expect(problemIn(refusal, 401) && refusal.headers['access-control-allow-origin']).toBe('https://soc.example')
    const reply = await api.get('/v1/chains', { origin: 'https://evil.example', ...(await api.as('viewer', 'acme')) })
    expect(reply.headers['access-control-allow-origin']).toBeUndefined()
  })

  it('gets leave on loopback too, where hosts are looked at', async () => {
    const api = service({ transport: { trustedProxies: [], corsOrigins: ['https://soc.example'] } })
    expect((await api.get('/v1/chains', { origin: 'https://soc.example' })).statusCode).toBe(200)
    problemIn(await api.get('/v1/chains', { origin: 'https://evil.example' }), 403)
  })
})

describe('behind a proxy', () => {
  const proxied = () => guarded({ transport: { trustedProxies: ['10.0.0.0/8'], corsOrigins: [] } })
  const from = async (api: ReturnType<typeof guarded>, remoteAddress: string, headers: Record<string, string> = {}) =>
    api.app.inject({
      url: '/v1/detectors',
      remoteAddress,
      headers: { ...(await api.as('viewer', 'acme')), ...headers },
    })

  it('is let in what came to the proxy over https, and what comes from this machine', async () => {
    const api = proxied()
    expect((await from(api, '10.0.0.7', { 'x-forwarded-proto': 'https' })).statusCode).toBe(200)
    expect((await from(api, '::ffff:10.0.0.7', { 'x-forwarded-proto': 'https' })).statusCode).toBe(200)
    expect((await from(api, '127.0.0.1')).statusCode).toBe(200)
  })

  it.each([
    ['past the proxy', '192.0.2.1', {}],
    ['past the proxy, as if over it', '192.0.2.1', { 'x-forwarded-proto': 'https', 'x-forwarded-for': '10.0.0.7' }],
    ['in the clear to the proxy', '10.0.0.7', { 'x-forwarded-proto': 'http' }],
    ['over a proxy that does not say', '10.0.0.7', {}],
  ])('is refused what came %s', async (_, remoteAddress, headers) => {
    const problem = problemIn(await from(proxied(), remoteAddress, headers), 403)
    expect(problem['type']).toBe('urn:catenary:problem:not-secure')
  })

  it('is told of its health by whoever asks', async () => {
    expect((await proxied().app.inject({ url: '/healthz', remoteAddress: '192.0.2.1' })).statusCode).toBe(200)
  })

  it('counts refusals by who sent them, not by the proxy, and believes nobody else', async () => {
    const api = proxied()
    const guess = (remoteAddress: string, sender: string) =>
      api.app.inject({
        url: '/v1/detectors',
        remoteAddress,
        headers: { authorization: 'Bearer no', 'x-forwarded-proto': 'https', 'x-forwarded-for': sender },
      })
    for (let i = 0; i < 101; i += 1) await guess('10.0.0.7', '198.51.100.1')
    expect((await guess('10.0.0.7', '198.51.100.1')).statusCode).toBe(429)
    expect((await guess('10.0.0.7', '198.51.100.2')).statusCode).toBe(401)
  })
})

describe('a network', () => {
  it.each([
    ['10.0.0.7', true],
    ['10.255.0.1', true],
    ['::ffff:10.1.2.3', true],
    ['11.0.0.1', false],
    ['fd00::1', true],
    ['fd00::2', false],
    ['', false],
    ['nonsense', false],
  ])('holds %s: %s', (address, expected) => expect(isAmong(['10.0.0.0/8', 'fd00::1'])(address)).toBe(expected))
})

describe('a request that two readers would read differently', () => {
  const head = 'POST /v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n'

  it.each([
    ['two lengths', `${head}Content-Length: 2\r\nContent-Length: 40\r\n\r\n{}`],
    [
      'a length and chunks',
      `${head}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: x\r\n\r\n`,
    ],
    ['chunks that are none', `${head}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n`],
    ['a folded header', `${head}X-A: b\r\n c: d\r\nContent-Length: 2\r\n\r\n{}`],
    ['a header name with a space', `${head}Content-Length : 2\r\n\r\n{}`],
    ['no host', 'GET /v1/chains HTTP/1.1\r\n\r\n'],
    ['bare line feeds', 'GET /v1/chains HTTP/1.1\nHost: x\n\nGET /healthz HTTP/1.1\nHost: x\n\n'],
    ['a header without end', `GET /v1/chains HTTP/1.1\r\nHost: x\r\nX: ${'a'.repeat(20_000)}\r\n\r\n`],
  ])('with %s is refused, and nothing behind it is read', async (_, bytes) => {
    const text = await answerTo(bytes)
    expect(text).toMatch(/^HTTP\/1\.1 4(00|31|01) /)
    expect(text).not.toContain('"status":"ok"')
    expect(text.match(/HTTP\/1\.1 /g)).toHaveLength(1)
  })
})

describe('what is no request that can be answered', () => {
  it.each([
    ['a head that is too large', `GET /v1/chains HTTP/1.1\r\nhost: 127.0.0.1\r\nx: ${'x'.repeat(70_000)}\r\n\r\n`, 431],
    ['no HTTP', 'EHLO catenary\r\n\r\n', 400],
    ['a header with a line break in it', 'GET /v1/chains HTTP/1.1\r\nhost: 127.0.0.1\r\nx : y\r\n\r\n', 400],
  ])('%s is refused as a problem, and the connection ends', async (_, bytes, status) => {
    const told = await answerTo(bytes)
    expect(told).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
    expect(told).toMatch(/content-type: application\/problem\+json/)
    expect(JSON.parse(told.slice(told.indexOf('\r\n\r\n') + 4))).toMatchObject({ status })
  })

  it('an id as long as ids may be is asked for, whatever it is made of', async () => {
    const id = encodeURIComponent('\u{1F600}'.repeat(2_048))
    const told = await answerTo(
      `GET /v1/chains/${id} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n`,
      service(),
    )
    expect(told).toMatch(/^HTTP\/1\.1 404 /)
    expect(told).toContain('urn:catenary:problem:not-found')
  })

  it.each([
    '/docs/static/../../../package.json',
    '/docs/static/..%2f..%2f..%2fpackage.json',
    '/docs/static/%2e%2e/%2e%2e/package.json',
    '/docs/static/..\\..\\package.json',
    '/docs/static//etc/passwd',
    '/v1/chains/..%2f..%2fetc%2fpasswd',
    '/openapi.json/../../package.json',
    '/docs/static/\0',
  ])('no path leads out to a file: %s', async (path) => {
    const told = await answerTo(`GET ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n`, service())
    expect(told).toMatch(/^HTTP\/1\.1 40[0-9] /)
    expect(told).not.toMatch(/"devDependencies"|root:x:/)
  })
})
