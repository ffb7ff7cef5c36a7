import type { FastifyRequest } from 'fastify'
import { HttpProblem } from './problems.ts'

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/i

/**
 * Refuses what a web page may do behind its reader's back: a request whose `Host` is not loopback (a name that was made
 * to point here) or that was sent by a page of another origin. Throws the problem.
 */
export function guardHost(
  request: FastifyRequest,
  allowed: readonly string[] | 'any',
  origins: readonly string[],
): void {
  if (allowed === 'any') return
  const { host, origin } = request.headers
  const name = host?.replace(/:\d+$/, '').toLowerCase() ?? ''
  if (!LOOPBACK.test(name) && !allowed.includes(name)) {
    throw new HttpProblem('foreign-host', 'this service answers on loopback only; ask for localhost or 127.0.0.1')
  }
  if (origin !== undefined && !origins.includes(origin) && hostOf(origin) !== host?.toLowerCase()) {
    throw new HttpProblem(
      'foreign-host',
      'the request comes from a page of another origin; call the API from a program',
    )
  }
}

function hostOf(origin: string): string | null {
  try {
    return new URL(origin).host
  } catch {
    return null
  }
}
