import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'

export interface Received {
  readonly method: string
  /** With the query. */
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

/** `cut`: closed before an answer; `half`: closed in the middle of one; `hang`: no answer at all. */
export type Reply =
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string }
  | 'cut'
  | 'half'
  | 'hang'

export interface Receiver {
  /** `http://127.0.0.1:1234` */
  readonly url: string
  readonly received: readonly Received[]
  stop(): Promise<void>
}

export interface ReceiverTls {
  readonly key: string
  readonly cert: string
}

/** An HTTP server that answers as it is told. */
export async function startReceiver(
  answer: (received: Received, count: number) => Reply | Promise<Reply>,
  tls?: ReceiverTls,
): Promise<Receiver> {
  const received: Received[] = []
  const sockets = new Set<Socket>()
  async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part as Buffer)
    const { method = '', url = '', headers } = request
    const one = { method, path: url, headers, body: Buffer.concat(parts).toString('utf8') }
    received.push(one)
    const reply = await answer(one, received.length)
    if (reply === 'hang') return
    if (reply === 'cut') return void request.socket.destroy()
    if (reply === 'half') {
      response.writeHead(200, { 'content-length': '100' })
      return void response.write('{"half":', () => request.socket.destroy())
    }
    response.writeHead(reply.status, reply.headers)
    response.end(reply.body ?? '')
  }
  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    take(request, response).catch(() => response.destroy())
  }
  const server = tls === undefined ? createServer(onRequest) : createTlsServer(tls, onRequest)
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  let stopped: Promise<void> | null = null
  async function stop(): Promise<void> {
    for (const socket of sockets) socket.destroy()
    server.close()
    await once(server, 'close')
  }
  return {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    received,
    stop() {
      stopped ??= stop()
      return stopped
    },
  }
}
