import { readFileSync } from 'node:fs'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DEFAULT_LIMITS } from '../../src/api/parts.ts'
import { until } from '../kit/until.ts'
import { type Service, service } from './kit.ts'

const { maxTails } = DEFAULT_LIMITS
const WAVE = 200
/** Files that the process has open beside the two ends of each connection. */
const SPARE_FILES = 600

/** As many as the issue asks for, or as the system lets one process have both ends of. */
function crowd(): number {
  const report = process.report.getReport() as unknown as {
    readonly userLimits: { readonly open_files: { readonly soft: number | string } }
  }
  const most = Number(report.userLimits.open_files.soft)
  return Math.min(10_000, Math.floor(((Number.isNaN(most) ? 20_000 : most) - SPARE_FILES) / 2))
}

interface Tail {
  readonly socket: Socket
  /** All that came so far. */
  text: string
}

const headOf = ({ text }: Tail): string => text.slice(0, text.indexOf('\r\n\r\n')).toLowerCase()
const isLetIn = (tail: Tail): boolean => headOf(tail).startsWith('http/1.1 200')

/** Asks for the tail, and waits for the head of the answer; the connection stays. */
function tailAt(port: number): Promise<Tail> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    const tail: Tail = { socket, text: '' }
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      tail.text += chunk
      if (tail.text.includes('\r\n\r\n')) resolve(tail)
    })
    socket.on('error', reject)
    socket.write('GET /v1/tail?what=steps HTTP/1.1\r\nHost: localhost\r\n\r\n')
  })
}

async function tailsAt(port: number, count: number): Promise<readonly Tail[]> {
  const tails: Tail[] = []
  while (tails.length < count)
    tails.push(...(await Promise.all(Array.from({ length: Math.min(WAVE, count - tails.length) }, () => tailAt(port)))))
  return tails
}

describe(`${crowd()} tails at once`, { timeout: 400_000 }, () => {
  let api: Service
  let port = 0
  let tails: readonly Tail[] = []

  beforeAll(async () => {
    api = service()
    await api.app.listen({ host: '127.0.0.1', port: 0 })
    port = (api.app.server.address() as AddressInfo).port
    tails = await tailsAt(port, crowd())
  }, 400_000)
  afterAll(async () => {
    for (const { socket } of tails) socket.destroy()
    await api.app.close()
  })

  it('are let in up to the bound, and the others told when to come again', () => {
    expect(tails.length).toBeGreaterThan(maxTails)
    expect(tails.filter(isLetIn)).toHaveLength(maxTails)
    for (const tail of tails.filter((one) => !isLetIn(one))) {
      expect(headOf(tail)).toMatch(/^http\/1.1 503 /)
      expect(headOf(tail)).toMatch(/\r\nretry-after: [1-9]\d*(\r\n|$)/)
      expect(headOf(tail)).toMatch(/\r\ncontent-type: application\/problem\+json/)
    }
  })

  it('keep no other route from answering, and those let in are told what is new', async () => {
    expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200)
    const headers = { 'content-type': 'application/x-ndjson' }
    const body = readFileSync('test/fixtures/example.ndjson')
    const sent = await fetch(`http://127.0.0.1:${port}/v1/events`, { method: 'POST', headers, body })
    expect(await sent.json()).toMatchObject({ accepted: 6 })
    const { items } = (await (await fetch(`http://127.0.0.1:${port}/v1/chains`)).json()) as { items: object[] }
    expect(items).toMatchObject([{ workflow_id: 'wf-17' }])
    await until(() => tails.filter(isLetIn).every(({ text }) => text.includes('event: step')))
  })

  it('leave their places to others when they end', async () => {
    const [gone, stay] = [tails.filter(isLetIn).slice(0, 40), tails.filter(isLetIn).slice(40)]
    for (const { socket } of gone) socket.destroy()
    const later: Tail[] = []
    await until(async () => {
      const one = await tailAt(port)
      if (isLetIn(one)) later.push(one)
      else one.socket.destroy()
      return later.length === gone.length
    })
    expect(isLetIn(await tailAt(port))).toBe(false)
    expect(stay.every(({ socket }) => !socket.destroyed)).toBe(true)
    tails = [...tails, ...later]
  })
})
