import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readArrivals } from '../../../src/adapters/files/read-files.ts'
import { RecordSplitter } from '../../../src/adapters/files/split-records.ts'
import { cloudtrail } from '../../../src/importers/cloudtrail.ts'
import { events } from '../../../src/importers/events.ts'
import type { Arrival } from '../../../src/ports/index.ts'

const decode = { content: { key: new Uint8Array(32), retain: false } }
let folder = ''

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'catenary-files-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function read(files: readonly string[], format?: string): Promise<Arrival[]> {
  const found: Arrival[] = []
  const options = { decode, importers: [cloudtrail, events], ...(format === undefined ? {} : { format }) }
  for await (const arrival of readArrivals(files, options)) found.push(arrival)
  return found
}

function file(content: string | Uint8Array, name = 'x.ndjson'): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

/** `e1@3` for an event with its line, `not_json@2` for a refusal. */
const told = (arrivals: readonly Arrival[]): string[] =>
  arrivals.map((arrival) => `${arrival.ok ? arrival.event.id : arrival.reason}@${arrival.origin.line}`)

const event = (id: string, more = {}): string =>
  JSON.stringify({ id, time: '2026-11-20T09:00:00Z', kind: 'heartbeat', ...more })
const trail = (id: string): string =>
  JSON.stringify({
    eventID: id,
    eventTime: '2024-07-30T21:31:15Z',
    eventName: 'ListUsers',
    eventSource: 'iam.amazonaws.com',
    userIdentity: {},
  })

describe('a file is read whatever its shape', () => {
  it.each<[string, string, string[]]>([
    ['NDJSON', `${event('a')}\n${event('b')}\n`, ['a@1', 'b@2']],
    ['CRLF, a BOM, blank lines and no last line break', `\ufeff${event('a')}\r\n\r\n\n${event('b')}`, ['a@1', 'b@4']],
    ['an array on one line', `[${event('a')},${event('b')}]`, ['a@1', 'b@1']],
    ['an array over lines', `[\n  ${event('a')},\n  ${event('b')}\n]\n`, ['a@2', 'b@3']],
    ['a printed array', JSON.stringify([JSON.parse(event('a')), JSON.parse(event('b'))], null, 2), ['a@2', 'b@7']],
    ['a printed lone object', JSON.stringify(JSON.parse(event('a')), null, 2), ['a@1']],
    [
      'printed objects in a row',
      `${JSON.stringify(JSON.parse(event('a')), null, 2)}\n${JSON.stringify(JSON.parse(event('b')), null, 2)}`,
      ['a@1', 'b@6'],
    ],
    ['Records on one line', `{"Records":[${trail('a')},${trail('b')}]}`, ['a@1', 'b@1']],
    [
      'Records printed, with neighbours',
      `{\n "v": {"x": "]}"},\n "Records": [\n${trail('a')},\n${trail('b')}\n ],\n "end": [1]\n}\n`,
      ['a@4', 'b@5'],
    ],
    [
      'Records on each of many lines',
      `{"Records":[${trail('a')}]}\n{"Records":[${trail('b')}]}\n${event('c')}\n`,
      ['a@1', 'b@2', 'c@3'],
    ],
    ['two formats', `${event('a')}\n${trail('b')}\n${event('c')}\n`, ['a@1', 'b@2', 'c@3']],
    ['nothing', '', []],
    ['brackets and escapes in strings', `${event('a', { note: '}]\\"{[' })}\n${event('b')}\n`, ['a@1', 'b@2']],
  ])('%s', async (_name, content, expected) => {
    expect(told(await read([file(content)]))).toEqual(expected)
  })

  it('cut into pieces anywhere', () => {
    const text = new TextEncoder().encode(`[${event('a', { n: ['é"\\', {}] })},\n ${event('b')}]\n${event('c')}\n`)
    for (const size of [1, 2, 3, 7, 50]) {
      const splitter = new RecordSplitter(1000)
      const records = []
      for (let at = 0; at < text.length; at += size) records.push(...splitter.push(text.subarray(at, at + size)))
      records.push(...splitter.end())
      const ids = records.map((record) => JSON.parse(new TextDecoder().decode(record.bytes ?? new Uint8Array())).id)
      expect(ids).toEqual(['a', 'b', 'c'])
    }
  })

  it('packed by gzip, told by its content and not its name', async () => {
    expect(told(await read([file(gzipSync(`${event('a')}\n${event('b')}\n`), 'x.json')]))).toEqual(['a@1', 'b@2'])
  })

  it('packed by zstd', async () => {
    const body = new TextEncoder().encode(`${event('a')}\n${event('b')}\n`)
    const frame = Buffer.concat([
      Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x20, body.length]),
      Buffer.from([((body.length << 3) | 1) & 0xff, (body.length << 3) >> 8, 0]),
      body,
    ])
    expect(told(await read([file(frame, 'x.bin')]))).toEqual(['a@1', 'b@2'])
    expect(told(await read([file(frame.subarray(0, -20), 'x.zst')])).at(-1)).toMatch(/^truncated@/)
  })

  it('one after the other, each named', async () => {
    const arrivals = await read([file(event('a'), 'one.ndjson'), file(event('b'), 'two.ndjson')])
    expect(arrivals.map((arrival) => arrival.origin)).toEqual([
      { file: 'one.ndjson', line: 1 },
      { file: 'two.ndjson', line: 1 },
    ])
  })
})

describe('a bad record leaves its neighbours alone', () => {
  it.each<[string, string, string[]]>([
    ['a cut line', `${event('a')}\n${event('b').slice(0, 30)}\n${event('c')}\n`, ['a@1', 'not_json@2', 'c@3']],
    ['a cut first line', `${event('a').slice(0, 9)}\n${event('b')}\n${event('c')}\n`, ['not_json@1', 'b@2', 'c@3']],
    ['a first line cut at a comma', `{"id":"a",\n${event('b')}\n`, ['not_json@1', 'b@2']],
    ['a cut last line', `${event('a')}\n${event('b').slice(0, 30)}`, ['a@1', 'truncated@2']],
    ['words', `hello\n${event('a')}\nbye`, ['not_json@1', 'a@2', 'not_json@3']],
    [
      'JSON that is no object',
      `5\n"x"\n${event('a')}\nnull\n`,
      ['not_an_object@1', 'not_an_object@2', 'a@3', 'not_an_object@4'],
    ],
    [
      'an element that is no object',
      `[1, ${event('a')}, "x,]", [2], ${event('b')}]`,
      ['not_an_object@1', 'a@1', 'not_an_object@1', 'not_an_object@1', 'b@1'],
    ],
    ['a bad element', `[${event('a')}, {"id":}, ${event('b')}]`, ['a@1', 'not_json@1', 'b@1']],
    ['an array cut short', `[${event('a')},`, ['a@1', 'truncated@1']],
    [
      'a line of 2 MiB',
      `${event('a')}\n${event('big', { x: 'y'.repeat(2 ** 21) })}\n${event('c')}\n`,
      ['a@1', 'too_large@2', 'c@3'],
    ],
    [
      'a line of 20 MiB',
      `${event('a')}\n{"x":"${'y'.repeat(20 * 2 ** 20)}"}\n${event('c')}\n`,
      ['a@1', 'too_large@2', 'c@3'],
    ],
    [
      'depth 10,000',
      `${'[{"a":'.repeat(1)}${'['.repeat(10_000)}${']'.repeat(10_000)}}]\n${event('b')}\n`,
      ['too_deep@1', 'b@2'],
    ],
    ['an unknown kind', `${event('a')}\n${event('b', { kind: 'dance' })}\n`, ['a@1', 'unknown_kind@2']],
    [
      'a strange record first',
      `{"hello":1}\n${event('a')}\n{"hello":1}\n`,
      ['not_this_format@1', 'a@2', 'missing_field@3'],
    ],
  ])('%s', async (_name, content, expected) => {
    expect(told(await read([file(content)]))).toEqual(expected)
  })

  it('invalid UTF-8', async () => {
    const bytes = Buffer.concat([
      Buffer.from(`${event('a')}\n{"id":"`),
      Buffer.from([0xff, 0xfe]),
      Buffer.from(`"}\n${event('c')}\n`),
    ])
    expect(told(await read([file(bytes)]))).toEqual(['a@1', 'not_utf8@2', 'c@3'])
  })

  it('a binary file and UTF-16 are one refusal each', async () => {
    const binary = Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 1, 10, 0, 10, 0, 10])
    expect(told(await read([file(binary)]))).toEqual(['not_utf8@1'])
    expect(told(await read([file(Buffer.from(`\ufeff${event('a')}`, 'utf16le'))]))).toEqual(['not_utf8@1'])
  })

  it('gzip cut short gives what came before the cut', async () => {
    const lines = Array.from({ length: 5000 }, (_, index) => event(`e${index}`, { salt: Math.sin(index) }))
    const packed = gzipSync(lines.join('\n'))
    const arrivals = await read([file(packed.subarray(0, packed.length / 2), 'x.gz')])
    expect(arrivals.length).toBeGreaterThan(1000)
    expect(arrivals.slice(0, -1).every((arrival) => arrival.ok)).toBe(true)
    expect(arrivals.at(-1)).toMatchObject({
      ok: false,
      reason: 'truncated',
      origin: { file: 'x.gz', line: arrivals.length },
    })
  })

  it('keeps the bytes of what it refused', async () => {
    const [arrival] = await read([file('nonsense\n')])
    expect(arrival?.ok === false && new TextDecoder().decode(arrival.raw ?? undefined)).toBe('nonsense')
  })
})

describe('what cannot be read at all', () => {
  it('is named, with what to do', async () => {
    await expect(read([join(folder, 'no-such-file')])).rejects.toMatchObject({ code: 'CAT_INPUT' })
    await expect(read([join(folder, 'no-such-file')])).rejects.toThrow(/no-such-file.*no such file; check/)
    await expect(read([folder])).rejects.toThrow(/directory; name the files/)
  })

  it('a format nobody knows lists those that are', async () => {
    await expect(read([file('')], 'morse')).rejects.toMatchObject({ code: 'CAT_USAGE' })
    await expect(read([file('')], 'morse')).rejects.toThrow(/cloudtrail, events/)
  })
})

describe('progress', () => {
  const lines = Array.from({ length: 20_000 }, (_, i) => event(`e${i}-${(i * 7_919) % 104_729}`)).join('\n')

  it.each<[string, string | Uint8Array]>([
    ['plain', lines],
    ['packed', gzipSync(lines)],
  ])('of a %s file says no more than was taken: the records follow the bytes', async (_, content) => {
    const path = file(content, 'progress')
    const told: { read: number; total: number | null; records: number }[] = []
    let records = 0
    const onProgress = (read: number, total: number | null): void => void told.push({ read, total, records })
    for await (const _arrival of readArrivals([path], { decode, importers: [events], onProgress })) records += 1
    expect(told[0]).toEqual({ read: 0, total: content.length, records: 0 })
    expect(told.at(-1)).toEqual({ read: content.length, total: content.length, records: 20_000 })
    for (const { read, records: taken } of told)
      expect(Math.abs(read / content.length - taken / 20_000)).toBeLessThan(0.35)
  })
})
