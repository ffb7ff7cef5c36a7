import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { frameworkOf } from '../../../detectors/frameworks.ts'
import { formatsOf } from '../../../schemas/forward/formats.ts'
import { octetCounted, syslogMessage } from '../../../schemas/forward/syslog.ts'
import type { TlsParts } from '../../../src/adapters/destinations/http.ts'
import { createSyslog } from '../../../src/adapters/destinations/syslog.ts'
import type { Destination, Parcel } from '../../../src/ports/index.ts'
import { type Certificate, makeCertificate } from '../../kit/certificates.ts'
import { never, parcel } from '../../kit/parcels.ts'
import {
  type CollectorParts,
  type DaemonName,
  startCollector,
  type TestCollector,
  whyNo,
} from '../../kit/syslog-daemons.ts'

const folder = mkdtempSync(join(tmpdir(), 'catenary-syslog-'))
const formats = formatsOf({ frameworkOf, version: '1.2.3' })
const HEAD = { facility: 13, hostname: 'h1', appName: 'catenary', procId: '42', enterpriseId: 32_473 }
const messageOf = (one: Parcel, format: 'catenary' | 'cef' = 'catenary'): string =>
  syslogMessage(one, formats[format].write(one), HEAD)

let stops: (() => unknown)[] = []
afterEach(async () => {
  for (const stop of stops.reverse()) await stop()
  stops = []
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function syslog(port: number, tls: TlsParts | null = null, format?: 'cef'): Destination {
  return createSyslog({ host: '127.0.0.1', port, tls, timeoutMs: 2_000, write: (one) => messageOf(one, format) })
}

/** Hard to carry: everything that some field has to escape, and letters of several bytes. */
const ODD = 'a "quoted" \\ back] =eq | pipe ünï 漢字 😀'
const odd = parcel({ id: 'odd', summary: ODD, workflowId: `w"]\\${'ü'}`, title: 'two\nlines' })

describe('a syslog message', () => {
  it('has its parts as RFC 5424 has them, the structured data escaped', () => {
    const message = syslogMessage(odd, 'TEXT', { ...HEAD, hostname: 'höst name', procId: '' })
    expect(message).toMatch(
      /^<107>1 2026-11-20T09:00:01\.000Z h_st_name catenary - alert \[catenary@32473 alertId="odd" /,
    )
    expect(message).toContain('workflowId="w\\"\\]\\\\ü"')
    expect(message).toMatch(/\] TEXT$/)
  })

  it('is counted in bytes', () => {
    expect(octetCounted('ü').toString('utf8')).toBe('2 ü')
  })
})

describe('CEF', () => {
  it('escapes the header its way and the extension its own', () => {
    const line = formats.cef.write(parcel({ id: 'odd', summary: `${ODD}\nmore`, title: 'a|b\\c\nd=e' }))
    expect(line).toMatch(/^CEF:0\|Catenary\|Catenary\|1\.2\.3\|lateral-movement\|a\\\|b\\\\c d=e\|8\|externalId=odd /)
    expect(line).toContain('msg=a "quoted" \\\\ back] \\=eq | pipe ünï 漢字 😀\\nmore')
    expect(line).not.toContain('\n')
  })
})

describe('a syslog collector', () => {
  async function server(onSocket: (socket: Socket) => void): Promise<number> {
    const sockets = new Set<Socket>()
    const one: Server = createServer((socket) => {
      sockets.add(socket)
      socket.on('error', () => undefined)
      onSocket(socket)
    })
    one.listen(0, '127.0.0.1')
    await once(one, 'listening')
    stops.push(() => {
      for (const socket of sockets) socket.destroy()
      one.close()
    })
    return (one.address() as AddressInfo).port
  }

  it('that reads to the end has all, in order, each counted', async () => {
    let text = ''
    const port = await server((socket) => {
      socket.on('data', (data) => (text += data.toString('utf8')))
    })
    expect(await syslog(port).send([parcel(), odd], never)).toEqual([{ what: 'delivered' }, { what: 'delivered' }])
    expect(text).toBe(Buffer.concat([octetCounted(messageOf(parcel())), octetCounted(messageOf(odd))]).toString('utf8'))
  })

  it.each<[string, (socket: Socket) => void, RegExp]>([
    ['cuts the connection', (socket) => socket.once('data', () => socket.resetAndDestroy()), /cut the connection/],
    ['hangs up at once', (socket) => socket.resetAndDestroy(), /cut the connection/],
    ['never reads to the end', (socket) => socket.pause(), /took too long/],
  ])('that %s is tried again', async (_, onSocket, why) => {
    const port = await server(onSocket)
    expect(await syslog(port).send([parcel()], never)).toMatchObject([
      { what: 'retry', why: expect.stringMatching(why) },
    ])
  })

  it('that is not there is tried again', async () => {
    expect(await syslog(1).send([parcel()], never)).toMatchObject([
      { what: 'retry', why: '127.0.0.1:1 cannot be reached (ECONNREFUSED)' },
    ])
  })
})

const names: readonly DaemonName[] = ['rsyslog', 'syslog-ng']

describe.each(names)('%s', (name) => {
  const why = whyNo(name)
  if (why !== null) console.warn(`skipped: ${why}`)
  let [mine, others] = [{} as Certificate, {} as Certificate]
  beforeAll(() => {
    mine = makeCertificate(folder)
    others = makeCertificate(folder, 'elsewhere.example')
  })

  async function collector(more: Partial<CollectorParts> = {}): Promise<TestCollector> {
    const free = createServer().listen(0, '127.0.0.1')
    await once(free, 'listening')
    const { port } = free.address() as AddressInfo
    free.close()
    await once(free, 'close')
    const one = await startCollector({ name, folder, port, ...more })
    stops.push(one.stop)
    return one
  }

  async function linesOf(one: TestCollector, count: number): Promise<readonly string[]> {
    for (const end = Date.now() + 10_000; one.lines().length < count && Date.now() < end; ) await delay(20)
    return one.lines()
  }

  const textsIn = (lines: readonly string[]): readonly string[] =>
    lines.map((line) => line.split('\t')[2]?.trim() ?? '')

  it.skipIf(why !== null)('takes alerts over TCP, whole', async () => {
    const one = await collector()
    const many = Array.from({ length: 40 }, (_, i) => parcel({ id: `a${i}`, workflowId: `w${i}` }))
    const outcomes = await syslog(one.port).send([odd, ...many], never)
    expect(outcomes.every(({ what }) => what === 'delivered')).toBe(true)
    const lines = await linesOf(one, 41)
    expect(lines).toHaveLength(41)
    expect(textsIn(lines).map((text) => (JSON.parse(text) as { alert_id: string }).alert_id)).toEqual([
      'odd',
      ...many.map(({ alert }) => alert.id),
    ])
    expect(JSON.parse(textsIn(lines)[0] ?? '')).toMatchObject({ summary: ODD, title: 'two\nlines' })
    expect(lines[0]).toMatch(/^alert\t\[catenary@32473 /)
  })

  it.skipIf(why !== null)('takes alerts over TLS as CEF, once its certificate holds', async () => {
    const one = await collector({ tls: mine })
    const tried = (caFile?: string) => syslog(one.port, { verify: true, caFile }, 'cef').send([odd], never)
    expect(await tried()).toMatchObject([
      { what: 'retry', why: expect.stringMatching(/certificate that does not hold/) },
    ])
    expect(await tried(others.certFile)).toMatchObject([{ what: 'retry', why: expect.stringMatching(/certificate/) }])
    expect(await tried(mine.certFile)).toEqual([{ what: 'delivered' }])
    const [text] = textsIn(await linesOf(one, 1))
    expect(text).toBe(formats.cef.write(odd))
    expect(one.lines()).toHaveLength(1)
  })
})
