import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { type BodyOptions, readBody } from '../../../src/adapters/files/read-body.ts'
import { CatenaryError } from '../../../src/core/index.ts'
import { importers } from '../../../src/importers/index.ts'
import type { Arrival } from '../../../src/ports/index.ts'

const options: BodyOptions = {
  name: 'POST /x',
  decode: { content: { key: new Uint8Array(32), retain: false }, tenant: 'acme' },
  importers,
  maxBytes: 1_048_576,
}

async function read(body: string | Uint8Array, more: Partial<BodyOptions> = {}): Promise<readonly Arrival[]> {
  const found: Arrival[] = []
  const bytes = typeof body === 'string' ? Buffer.from(body) : body
  for await (const arrival of readBody(bytes, { ...options, ...more })) found.push(arrival)
  return found
}

const told = (arrivals: readonly Arrival[]): readonly string[] =>
  arrivals.map((arrival) => `${arrival.ok ? arrival.event.id : arrival.reason}@${arrival.origin.line}`)

const event = (id: string, more: object = {}): string =>
  JSON.stringify({ id, time: '2026-11-20T09:00:00Z', kind: 'heartbeat', ...more })

describe('a body is read whatever its shape', () => {
  it.each<[string, string | Uint8Array, readonly string[]]>([
    ['lines', `${event('a')}\n${event('b')}`, ['a@1', 'b@2']],
    ['an array over lines', `[${event('a')},\n${event('b')}]`, ['a@1', 'b@2']],
    ['a lone object', event('a'), ['a@1']],
    ['nothing', '', []],
    ['gzip', gzipSync(event('a')), ['a@1']],
    ['a BOM', `\ufeff${event('a')}`, ['a@1']],
    ['an object of no kind, told as an event', `{"id":"x"}\n${event('a')}`, ['missing_field@1', 'a@2']],
    ['a broken line between two', `${event('a')}\n{"id":\n${event('b')}`, ['a@1', 'not_json@2', 'b@3']],
    ['an array cut short', `[${event('a')},{"id"`, ['a@1', 'truncated@1']],
    ['UTF-16', new Uint8Array([0xff, 0xfe, 0x7b, 0]), ['not_utf8@1']],
  ])('%s', async (_name, body, expected) => expect(told(await read(body))).toEqual(expected))

  it('and each record has the name of the body and the tenant given', async () => {
    expect(await read(`${event('a')}\nnope`)).toMatchObject([
      { ok: true, event: { tenant: 'acme' }, origin: { file: 'POST /x', line: 1 } },
      { ok: false, tenant: 'acme', origin: { file: 'POST /x', line: 2 } },
    ])
  })

  it('and a foreign format is found by its content', async () => {
    const chat = JSON.stringify({ messages: [{ role: 'user', content: 'hello' }] })
    const arrivals = await read(`${event('a')}\n${chat}\n`)
    expect(arrivals.every(({ ok }) => ok)).toBe(true)
    expect(arrivals.length).toBeGreaterThan(1)
  })
})

describe('a binary CloudEvent', () => {
  const headers = { 'ce-specversion': '1.0', 'ce-type': 'catenary.heartbeat', 'ce-id': 'h', 'ce-source': 's' }

  it('is its headers and its body, which may be packed', async () => {
    const data = JSON.stringify({ time: '2026-11-20T09:00:00Z' })
    expect(told(await read(data, { headers }))).toEqual(['h@1'])
    expect(told(await read(gzipSync(data), { headers, packing: 'gzip' }))).toEqual(['h@1'])
  })

  it.each([
    ['no JSON', 'nope', headers, 'not_json@1'],
    ['another type', event('a'), { ...headers, 'ce-type': 'com.example.x' }, 'bad_cloudevent@1'],
    ['packed data cut short', gzipSync(event('a')).subarray(0, 30), headers, 'truncated@1'],
  ])('refused: %s', async (_name, body, given, expected) => {
    expect(told(await read(body, { headers: given }))).toEqual([expected])
  })
})

describe('a body is refused whole', () => {
  it('when it is not packed as it says', async () => {
    await expect(read(event('a'), { packing: 'zstd' })).rejects.toMatchObject({ code: 'CAT_INPUT' })
    await expect(read(gzipSync(event('a')), { packing: 'zstd' })).rejects.toMatchObject({ code: 'CAT_INPUT' })
  })

  it('when it unpacks to more than it may', async () => {
    const bomb = gzipSync(new Uint8Array(8 * 1_048_576).fill(0x20))
    await expect(read(bomb)).rejects.toMatchObject({ code: 'CAT_INPUT', details: { isTooLarge: true } })
    await expect(read(new Uint8Array(2 * 1_048_576).fill(0x20))).rejects.toBeInstanceOf(CatenaryError)
  })

  it('when its format is none', async () => {
    await expect(read(event('a'), { format: 'nope' })).rejects.toMatchObject({ code: 'CAT_USAGE' })
  })
})
