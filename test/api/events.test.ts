import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { Ingested } from '../../schemas/api/ingest.ts'
import { CatenaryError } from '../../src/core/index.ts'
import { ndjson, problemIn, type Service, service, wire } from './kit.ts'

/** `['accepted e1@1', 'rejected not_json@2']`, in the order of the body. */
async function told(reply: ReturnType<Service['post']>): Promise<readonly string[]> {
  const { statusCode, body } = await reply
  expect(statusCode, body).toBe(200)
  const ingested = Ingested.parse(JSON.parse(body))
  expect(ingested).toEqual(JSON.parse(body))
  expect(ingested.verdicts.map(({ index }) => index)).toEqual(ingested.verdicts.map((_, index) => index))
  const count = (wanted: string): number => ingested.verdicts.filter(({ verdict }) => verdict === wanted).length
  expect(ingested).toMatchObject({
    received: ingested.verdicts.length,
    accepted: count('accepted'),
    duplicates: count('duplicate'),
    rejected: count('rejected'),
  })
  return ingested.verdicts.map(({ verdict, event_id, reason, line }) => `${verdict} ${event_id ?? reason}@${line}`)
}

const two = ndjson(wire('a'), wire('b'))
/** `two`, as `zstd` packs it. */
const zstd = Buffer.from(
  'KLUv/STC5QIA0oUTF3CtxuJniw3CkhdLpP3/xmo77TyorwssBjDNVhIVUWSSRcZo9XzefH+HhOKzerpnTOme8o44cFlNqK7qCjpoW4ytoGl7fw2cq907ApcCAwAGU5CRVlltMAOB2aem',
  'base64',
)

describe('events are taken', () => {
  it.each<[string, string, string | Buffer, readonly string[]]>([
    ['as NDJSON', 'application/x-ndjson', two, ['accepted a@1', 'accepted b@2']],
    ['as NDJSON by its other name', 'application/ndjson; charset=UTF-8', two, ['accepted a@1', 'accepted b@2']],
    ['as text', 'text/plain', two, ['accepted a@1', 'accepted b@2']],
    ['as one object', 'application/json', JSON.stringify(wire('a')), ['accepted a@1']],
    ['as a printed object', 'application/json', JSON.stringify(wire('a'), null, 2), ['accepted a@1']],
    ['as an array', 'application/json', JSON.stringify([wire('a'), wire('b')]), ['accepted a@1', 'accepted b@1']],
    ['as an empty array', 'application/json', '[]', []],
    ['packed, told by the first bytes', 'application/json', gzipSync(two), ['accepted a@1', 'accepted b@2']],
    ['packed, told by the type', 'application/gzip', gzipSync(two), ['accepted a@1', 'accepted b@2']],
    [
      'as a structured CloudEvent',
      'application/cloudevents+json',
      JSON.stringify({ specversion: '1.0', type: 'catenary.message', id: 'a', source: 's', data: wire('a') }),
      ['accepted a@1'],
    ],
    [
      'as a batch of CloudEvents',
      'application/cloudevents-batch+json',
      JSON.stringify(
        ['a', 'b'].map((id) => ({
          specversion: '1.0',
          type: 'catenary.heartbeat',
          id,
          source: 's',
          time: '2026-11-20T09:00:00Z',
          data: {},
        })),
      ),
      ['accepted a@1', 'accepted b@1'],
    ],
  ])('%s', async (_name, type, body, expected) => {
    expect(await told(service().post(body, { 'content-type': type }))).toEqual(expected)
  })

  it.each([
    ['gzip', gzipSync(two)],
    ['x-gzip', gzipSync(two)],
    ['identity', Buffer.from(two)],
  ])('with content-encoding %s', async (encoding, body) => {
    expect(await told(service().post(body, { 'content-encoding': encoding }))).toEqual(['accepted a@1', 'accepted b@2'])
  })

  it('as a binary CloudEvent, its headers percent-encoded', async () => {
    const { post, get } = service()
    const headers = {
      'content-type': 'application/json',
      'ce-specversion': '1.0',
      'ce-type': 'catenary.message',
      'ce-id': 'caf%C3%A9',
      'ce-source': 'urn:s',
      'ce-time': '2026-11-20T09:00:00Z',
    }
    expect(await told(post(JSON.stringify({ workflow_id: 'wf-1', message: { role: 'user' } }), headers))).toEqual([
      'accepted café@1',
    ])
    const { items } = (await get('/v1/chains/wf-1/steps')).json<{ items: { event: { source: string } }[] }>()
    expect(items[0]?.event.source).toBe('urn:s')
  })

  it('twice, and are one', async () => {
    const { post, get } = service()
    await told(post(two))
    expect(await told(post(ndjson(wire('b'), wire('c'))))).toEqual(['duplicate b@1', 'accepted c@2'])
    expect((await get('/v1/chains/wf-1')).json()).toMatchObject({ events: 3 })
  })

  it('and are stored when the reply comes', async () => {
    const { post, store } = service()
    await post(readFileSync('test/fixtures/example.ndjson'))
    expect(await store.chain('default', 'wf-17')).toMatchObject({ events: 6 })
    expect((await store.alerts({ limit: 10 })).items).not.toHaveLength(0)
  })

  it('for the tenant of the query where they name none', async () => {
    const { post, store } = service()
    await post(ndjson(wire('a'), wire('b', { tenant: 'own' })), {}, '?tenant=acme')
    expect(await store.chain('acme', 'wf-1')).toMatchObject({ events: 1 })
    expect(await store.chain('own', 'wf-1')).toMatchObject({ events: 1 })
    expect(await store.chain('default', 'wf-1')).toBeNull()
  })
})

describe('a bad record is told, and harms no neighbour', () => {
  const deep = `{"id":"x","time":"2026-11-20T09:00:00Z","kind":"heartbeat","x":${'['.repeat(5_000)}${']'.repeat(5_000)}}`
  it.each<[string, string, string]>([
    ['no JSON', '{"id": nope}', 'rejected not_json@2'],
    ['no object', '42', 'rejected not_an_object@2'],
    ['no time', JSON.stringify(wire('x', { time: undefined })), 'rejected missing_field@2'],
    ['a bad time', JSON.stringify(wire('x', { time: 'yesterday' })), 'rejected bad_time@2'],
    ['an unknown kind', JSON.stringify(wire('x', { kind: 'nope' })), 'rejected unknown_kind@2'],
    ['a wrong type', JSON.stringify(wire('x', { agent: 'bot' })), 'rejected wrong_type@2'],
    ['deep JSON', deep, 'rejected too_deep@2'],
    ['a record too large', JSON.stringify(wire('x', { note: 'y'.repeat(1_100_000) })), 'rejected too_large@2'],
  ])('%s', async (_name, line, expected) => {
    const body = `${JSON.stringify(wire('a'))}\n${line}\n${JSON.stringify(wire('b'))}\n`
    expect(await told(service().post(body))).toEqual(['accepted a@1', expected, 'accepted b@3'])
  })

  it('bytes that are not UTF-8', async () => {
    const body = Buffer.concat([
      Buffer.from(ndjson(wire('a'))),
      Buffer.from('{"id":"\xff"}\n', 'latin1'),
      Buffer.from(two),
    ])
    expect(await told(service().post(body))).toEqual([
      'accepted a@1',
      'rejected not_utf8@2',
      'duplicate a@3',
      'accepted b@4',
    ])
  })

  it('a gzip body cut short: what came before the cut is taken', async () => {
    const events = Array.from({ length: 2_000 }, (_, index) => wire(`e${index}`, { note: `${index * 7919}` }))
    const packed = gzipSync(ndjson(...events))
    const verdicts = await told(service().post(packed.subarray(0, packed.length / 2), { 'content-encoding': 'gzip' }))
    expect(verdicts.at(0)).toBe('accepted e0@1')
    expect(verdicts.at(-1)).toMatch(/^rejected truncated@/)
    expect(verdicts.slice(0, -1).every((one) => one.startsWith('accepted'))).toBe(true)
  })

  it('a binary body', async () => {
    expect(await told(service().post(Buffer.from([0xff, 0xfe, 0x7b, 0, 0x7d, 0])))).toEqual(['rejected not_utf8@1'])
  })

  it('a name that would reach the prototype', async () => {
    const line =
      '{"id":"a","time":"2026-11-20T09:00:00Z","kind":"heartbeat","__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}'
    expect(await told(service().post(line))).toEqual(['accepted a@1'])
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
  })

  it('and names the field, without the content', async () => {
    const reply = await service().post(ndjson(wire('x', { agent: { id: 5, secret: 'hunter2-hunter2' } })))
    const { verdicts } = reply.json<Ingested>()
    expect(verdicts[0]).toMatchObject({ path: 'agent.id', message: expect.stringContaining('agent.id') })
    expect(reply.body).not.toContain('hunter2')
  })

  it('and is listed with what was refused', async () => {
    const { post, get } = service()
    await post(`nope\n${JSON.stringify(wire('a'))}\n`)
    expect((await get('/v1/rejected')).json()).toMatchObject({
      items: [{ file: 'POST /v1/events', line: 1, reason: 'not_json' }],
    })
  })
})

describe('a body is refused whole', () => {
  it('when it is empty', async () => problemIn(await service().post(''), 400))

  it.each([
    'application/xml',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/octet-stream',
  ])('when it is %s', async (type) => {
    const problem = problemIn(await service().post(two, { 'content-type': type }), 415)
    expect(problem['detail']).toContain('application/x-ndjson')
  })

  it('when its charset is none that is read', async () => {
    problemIn(await service().post(two, { 'content-type': 'application/json; charset=utf-16' }), 415)
  })

  it.each(['br', 'deflate', 'gzip, gzip'])('when its encoding is %s', async (encoding) => {
    const reply = await service().post(two, { 'content-encoding': encoding })
    problemIn(reply, 415)
    expect(reply.headers['accept-encoding']).toBe('gzip, zstd')
  })

  it('when it is not packed as it says', async () => {
    expect(problemIn(await service().post(two, { 'content-encoding': 'gzip' }), 400)['detail']).toMatch(/is not/)
  })

  it('when it is too large', async () => {
    const { post, store } = service({ limits: { maxBodyBytes: 300 } })
    problemIn(await post(two + two), 413)
    expect((await store.chains({ limit: 1 })).items).toEqual([])
  })

  it('when it holds too many records, and none is taken', async () => {
    const { post, store } = service({ limits: { maxRecords: 1 } })
    problemIn(await post(two), 413)
    expect((await store.chains({ limit: 1 })).items).toEqual([])
  })

  it('when it unpacks to too much: a bomb', async () => {
    const bomb = gzipSync(Buffer.alloc(200 * 1_048_576, 0x20))
    expect(bomb.length).toBeLessThan(300_000)
    problemIn(await service().post(bomb, { 'content-encoding': 'gzip' }), 413)
  })

  it('when it unpacks to too much: a bomb of zstd', async () => {
    const block = [0x02, 0x00, 0x10, 0x20]
    const bomb = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x38, ...Array.from({ length: 4_000 }, () => block).flat()])
    problemIn(await service().post(bomb, { 'content-type': 'application/zstd' }), 413)
  })

  it('when the query is not known', async () => {
    const problem = problemIn(await service().post(two, {}, '?tennant=x'), 400)
    expect(problem['errors']).toEqual([{ field: 'tennant', message: expect.any(String) }])
  })

  it('when the format is none', async () => {
    expect(problemIn(await service().post(two, {}, '?format=nope'), 400)['detail']).toContain('cloudtrail')
  })

  it('under pressure, and is told when to come again', async () => {
    const reply = await service({ pressure: () => ({ retryAfterS: 2.2 }) }).post(two)
    problemIn(reply, 429)
    expect(reply.headers['retry-after']).toBe('3')
  })

  it('when bodies at hand fill the memory they may', async () => {
    let release = (): void => undefined
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    const { post } = service({
      limits: { maxInFlightBytes: 300 },
      ingest: async (arrivals) => {
        await held
        return arrivals.map(() => 'accepted' as const)
      },
    })
    const first = post(two)
    const second = await post(two)
    problemIn(second, 429)
    release()
    expect((await first).statusCode).toBe(200)
    expect((await post(two)).statusCode).toBe(200)
  })

  it('when the store is away, without a word of where it is', async () => {
    const reply = await service({
      ingest: async () => {
        throw new CatenaryError('CAT_STORE_UNAVAILABLE', 'store.internal:9000 refused', { retry: 'later' })
      },
    }).post(two)
    problemIn(reply, 503)
    expect(reply.headers['retry-after']).toBeDefined()
    expect(reply.body).not.toContain('store.internal')
  })
})

describe('a zstd body', () => {
  it('is taken', async () => {
    expect(await told(service().post(zstd, { 'content-encoding': 'zstd' }))).toEqual(['accepted a@1', 'accepted b@2'])
  })
})
