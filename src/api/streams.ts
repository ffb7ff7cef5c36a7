import { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'

/** Aborts when the client has gone or the service begins to close. */
export function endOf(reply: FastifyReply, closing: AbortSignal): AbortSignal {
  const gone = new AbortController()
  reply.raw.once('close', () => gone.abort())
  return AbortSignal.any([gone.signal, closing])
}

/**
 * Sends text or bytes as they are made. Nothing is made ahead of a client that does not read; one that takes nothing for `stallMs`
 * is cut off, so that its place is another's. The connection ends with the stream, so that a service that closes need not wait for
 * it to fall idle.
 */
export function sendChunks(
  reply: FastifyReply,
  type: string,
  { chunks, stallMs }: { readonly chunks: AsyncIterable<string | Uint8Array>; readonly stallMs: number },
): FastifyReply {
  return reply
    .type(type)
    .header('x-accel-buffering', 'no')
    .send(
      Readable.from(
        watched(chunks, stallMs, () => reply.raw.destroy()),
        { highWaterMark: 1 },
      ),
    )
}

/** The same chunks; `cut` is called when one of them is not taken in time. */
async function* watched<Chunk>(chunks: AsyncIterable<Chunk>, ms: number, cut: () => void): AsyncGenerator<Chunk> {
  for await (const chunk of chunks) {
    const timer = setTimeout(cut, ms)
    try {
      yield chunk
    } finally {
      clearTimeout(timer)
    }
  }
}

/** One server-sent event. JSON text holds no line break, so one `data` line is enough. */
export const sse = (event: string, data: unknown, id?: string): string =>
  `event: ${event}\n${id === undefined ? '' : `id: ${id.replace(/[\r\n\0]/g, ' ')}\n`}data: ${JSON.stringify(data)}\n\n`

/** A sign of life that no client takes for an event. */
export const HEARTBEAT = ': still here\n\n'
