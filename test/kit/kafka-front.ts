import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** Requests of the Kafka protocol, by their numbers. */
export const REQUESTS = { produce: 0, commit: 8, join: 11, sync: 14 } as const

/** Which requests are kept back: of clients whose ids begin so; all of theirs where no kind is named. */
export interface Held {
  readonly clients: string
  readonly request?: keyof typeof REQUESTS
  /** Only those that have this text in them. */
  readonly has?: string
}

/**
 * Stands before a broker and passes everything on, but for what it is told to keep back: so a test can have a process die at
 * the very moment of a request, or cut it off without closing a socket.
 */
export interface KafkaFront {
  readonly port: number
  /** Keeps back from now on until `release`. The first request that is kept ends the promise; it tells whose it was. */
  hold(held: Held): { readonly caught: Promise<string> }
  /** Passes on what was kept, in order, unless who sent it is gone. */
  release(): void
  close(): Promise<void>
}

/** Bytes of a frame before its client's id: length, kind, version, number. */
const HEAD = 12

export async function startKafkaFront(brokerPort: number): Promise<KafkaFront> {
  let held: Held | null = null
  let caught: (client: string) => void = () => undefined
  const waiting = new Set<() => void>()
  const sockets = new Set<Socket>()

  /** Passes whole requests on, one after the other; stops at one that is kept. */
  function passOn(from: Socket, to: Socket): void {
    let rest: Buffer = Buffer.alloc(0)
    const work = (): void => {
      while (rest.length >= 4 && rest.length >= 4 + rest.readInt32BE(0)) {
        const end = 4 + rest.readInt32BE(0)
        const client = isKept(held, rest.subarray(0, end))
        if (client !== null) {
          waiting.add(work)
          caught(client)
          return
        }
        to.write(rest.subarray(0, end))
        rest = rest.subarray(end)
      }
    }
    from.on('data', (data: Buffer) => {
      rest = Buffer.concat([rest, data])
      if (!waiting.has(work)) work()
    })
    from.once('close', () => waiting.delete(work))
  }

  const server = createServer((from) => {
    const to = connect(brokerPort, '127.0.0.1')
    for (const [one, other] of [
      [from, to],
      [to, from],
    ] as const) {
      sockets.add(one)
      one.setNoDelay(true)
      one.on('error', () => undefined)
      one.once('close', () => {
        sockets.delete(one)
        other.destroy()
      })
    }
    to.pipe(from)
    passOn(from, to)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    hold(next) {
      held = next
      return {
        caught: new Promise((done) => {
          caught = done
        }),
      }
    },
    release() {
      held = null
      const works = [...waiting]
      waiting.clear()
      for (const work of works) work()
    },
    async close() {
      const closed = once(server.close(), 'close')
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}

/** The client whose request this is, where it is to be kept back. */
function isKept(held: Held | null, frame: Buffer): string | null {
  if (held === null || frame.length < HEAD + 2) return null
  const client = frame.subarray(HEAD + 2, HEAD + 2 + Math.max(0, frame.readInt16BE(HEAD))).toString('utf8')
  const isKind = held.request === undefined || frame.readInt16BE(4) === REQUESTS[held.request]
  const { clients, has } = held
  return isKind && client.startsWith(clients) && (has === undefined || frame.includes(has)) ? client : null
}
