import { once } from 'node:events'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { createMemoryStore } from '../../src/adapters/memory/memory-store.ts'
import { type Service, service } from './kit.ts'

const open: (() => unknown)[] = []
afterEach(async () => {
  for (const end of open.splice(0).reverse()) await end()
})

async function listening(more: Parameters<typeof service>[0]): Promise<number> {
  const { app }: Service = service(more)
  open.push(() => app.close())
  await app.listen({ host: '127.0.0.1', port: 0 })
  return (app.server.address() as AddressInfo).port
}

function connected(port: number, bytes: string): Socket {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => undefined)
  open.push(() => socket.destroy())
  socket.write(bytes)
  return socket
}

/** All that comes until the service ends the connection. */
async function answerOn(socket: Socket): Promise<string> {
  let text = ''
  socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
  await once(socket, 'close')
  return text
}

const HEAD = 'POST /v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n'

describe('a client that sends', { timeout: 120_000 }, () => {
  it.each([
    ['a head that does not end', HEAD, 'X-A: b\r\n'],
    ['a body that does not end', `${HEAD}Content-Length: 100000\r\n\r\n{"id":`, ' '],
    ['chunks that do not end', `${HEAD}Transfer-Encoding: chunked\r\n\r\n`, '1\r\n \r\n'],
  ])('%s is told so and let go', async (_, bytes, more) => {
    const port = await listening({ limits: { requestMs: 200 } })
    const socket = connected(port, bytes)
    const drip = setInterval(() => socket.write(more), 20)
    open.push(() => clearInterval(drip))
    const text = await answerOn(socket)
    expect(text).toMatch(/^HTTP\/1\.1 408 [^\r]*\r\ncontent-type: application\/problem\+json/)
    expect(text).toContain('urn:catenary:problem:too-slow')
    expect((await fetch(`http://127.0.0.1:${port}/v1/chains`)).status).toBe(200)
  })
})

describe('a client that takes nothing of what it asked for', { timeout: 120_000 }, () => {
  it('is cut off, and its place is another’s', async () => {
    const store = createMemoryStore()
    const seed = service({}, store)
    await seed.post(
      JSON.stringify({
        id: 'a',
        time: '2026-11-20T09:00:00Z',
        kind: 'message',
        source: 'test',
        workflow_id: 'w',
        message: { role: 'user' },
      }),
    )
    const { items } = await store.chains({ limit: 1 })
    expect(items).toHaveLength(1)
    // A list without an end: more than any buffer on the way holds.
    const chains = async () => ({ items: Array.from({ length: 1_000 }, () => items).flat(), cursor: 'more' })
    const port = await listening({ reader: { ...store, chains }, limits: { stallMs: 4_000 } })
    const asked = 'GET /v1/exports/chains?format=ndjson HTTP/1.1\r\nHost: localhost\r\n\r\n'
    const stalled = Array.from({ length: 4 }, () => connected(port, asked).pause())
    const isLetIn = async (): Promise<boolean> => {
      const socket = connected(port, asked)
      const [first] = (await once(socket, 'data')) as [Buffer]
      socket.destroy()
      return first.toString('latin1').startsWith('HTTP/1.1 200')
    }
    const until = async (wanted: boolean): Promise<void> => {
      for (const end = Date.now() + 60_000; (await isLetIn()) !== wanted; await delay(50))
        if (Date.now() > end) throw new Error('too long')
    }
    await until(false)
    await until(true)
    expect(stalled).toHaveLength(4)
  })
})
