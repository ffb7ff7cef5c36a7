import { createHash } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'

/**
 * Names the body of a JSON reply to GET or HEAD by its hash, where its route gave it no name, and sends none where the caller has it already. Gives the body
 * to send.
 */
export function tagged(request: FastifyRequest, reply: FastifyReply, payload: unknown): unknown {
  const isAsked = request.method === 'GET' || request.method === 'HEAD'
  const type = String(reply.getHeader('content-type') ?? '')
  if (!isAsked || reply.statusCode !== 200 || typeof payload !== 'string' || !type.startsWith('application/json')) {
    return payload
  }
  const given = reply.getHeader('etag')
  const tag =
    typeof given === 'string' ? given : `W/"${createHash('sha256').update(payload).digest('base64url').slice(0, 22)}"`
  reply.header('etag', tag)
  if (!isKnown(request.headers['if-none-match'], tag)) return payload
  reply.code(304).removeHeader('content-type').removeHeader('content-length')
  return ''
}

function isKnown(given: string | undefined, tag: string): boolean {
  if (given === undefined) return false
  const bare = tag.replace(/^W\//, '')
  return given.split(',').some((one) => one.trim() === '*' || one.trim().replace(/^W\//, '') === bare)
}
