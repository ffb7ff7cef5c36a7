import { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'

/** Aborts when the client has gone or the service begins to close. */
export function endOf(reply: FastifyReply, closing: AbortSignal): AbortSignal {
  const gone = new AbortController()
  reply.raw.once('close', () => gone.abort())
  return AbortSignal.any([gone.signal, closing])
}

/**
 * Sends text or bytes as they are made. Nothing is made ahead of a client that does not read. The connection ends with the stream, so
 * that a service that closes need not wait for it to fall idle.
 */
export function sendChunks(
  reply: FastifyReply,
  type: string,
  chunks: AsyncIterable<string | Uint8Array>,
): FastifyReply {
  return reply
    .type(type)
    .header('x-accel-buffering', 'no')
    .send(Readable.from(chunks, { highWaterMark: 1 }))
}

/** One server-sent event. JSON text holds no line break, so one `data` line is enough. */
export const sse = (event: string, data: unknown, id?: string): string =>
  `event: ${event}\n${id === undefined ? '' : `id: ${id.replace(/[\r\n\0]/g, ' ')}\n`}data: ${JSON.stringify(data)}\n\n`

/** A sign of life that no client takes for an event. */
export const HEARTBEAT = ': still here\n\n'
