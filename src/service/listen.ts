import type { FastifyInstance } from 'fastify'
import { CatenaryError } from '../core/index.ts'

export interface Listening {
  readonly url: string
  readonly port: number
}

/**
 * Listens. A port that is taken is `CAT_CONFIG`, or, where any will do, another one is. Throws `CAT_CONFIG` for an address
 * that is not of this machine.
 */
export async function listen(
  app: FastifyInstance,
  { host, port }: { readonly host: string; readonly port: number },
  isAnyPort: boolean,
): Promise<Listening> {
  try {
    await app.listen({ host, port, listenTextResolver: () => 'port opened' })
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'EADDRINUSE' && isAnyPort && port !== 0) return listen(app, { host, port: 0 }, false)
    throw refused(host, port, code, cause)
  }
  const address = app.server.address()
  const scheme = app.initialConfig.https === undefined || app.initialConfig.https === false ? 'http' : 'https'
  const taken = typeof address === 'object' && address !== null ? address.port : port
  return { url: `${scheme}://${host.includes(':') ? `[${host.replace(/^\[|\]$/g, '')}]` : host}:${taken}`, port: taken }
}

function refused(host: string, port: number, code: string | undefined, cause: unknown): CatenaryError {
  const other = 'choose another with --port or CATENARY_API__PORT (0 takes a free one)'
  if (code === 'EADDRINUSE')
    return new CatenaryError(
      'CAT_CONFIG',
      `port ${port} on ${host} is in use by another program; stop it, or ${other}`,
      { cause },
    )
  if (code === 'EACCES')
    return new CatenaryError('CAT_CONFIG', `port ${port} needs rights this user does not have; ${other}`, { cause })
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return new CatenaryError(
      'CAT_CONFIG',
      `${host} is no address of this machine; set --host or CATENARY_API__HOST to 127.0.0.1`,
      { cause },
    )
  return cause instanceof CatenaryError
    ? cause
    : new CatenaryError('CAT_BUG', `listening on ${host}:${port} failed (${code ?? 'unknown'})`, { cause })
}
