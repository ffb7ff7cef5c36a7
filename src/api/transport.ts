import { BlockList, isIP } from 'node:net'
import cors from '@fastify/cors'
import helmet from '@fastify/helmet'
import rateLimit from '@fastify/rate-limit'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { HttpProblem } from './problems.ts'

/** How the API is reached. */
export interface Transport {
  /** Certificate and private key, PEM: the API answers over https. */
  readonly tls?: { readonly cert: string; readonly key: string } | undefined
  /** Addresses and networks of the proxies that end TLS in front. */
  readonly trustedProxies: readonly string[]
  /** Origins whose pages may call the API. */
  readonly corsOrigins: readonly string[]
}

const YEAR_S = 31_536_000

/** Security headers, leave for pages of the origins that are named, and what limits of callers are counted with. */
export function addTransport(app: FastifyInstance, { tls, trustedProxies, corsOrigins }: Transport): void {
  const isSecure = tls !== undefined || trustedProxies.length > 0
  app.register(helmet, {
    contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } },
    strictTransportSecurity: isSecure ? { maxAge: YEAR_S, includeSubDomains: false } : false,
  })
  if (corsOrigins.length > 0)
    app.register(cors, {
      origin: [...corsOrigins],
      methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
      allowedHeaders: ['authorization', 'content-type', 'if-match', 'if-none-match'],
      exposedHeaders: ['etag', 'link', 'retry-after'],
      maxAge: 600,
    })
  app.register(rateLimit, { global: false })
}

/** Whether an address is one of those named, alone or by its network. */
export function isAmong(networks: readonly string[]): (address: string) => boolean {
  const list = new BlockList()
  for (const network of networks) {
    const [address = '', bits] = network.split('/')
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
    if (bits === undefined) list.addAddress(address, family)
    else list.addSubnet(address, Number(bits), family)
  }
  return (address) => {
    const bare = address.replace(/^::ffff:(?=\d+\.)/i, '')
    const version = isIP(bare)
    return version !== 0 && list.check(bare, version === 6 ? 'ipv6' : 'ipv4')
  }
}

/**
 * Refuses what came in the clear from elsewhere: past the proxy that is to end TLS, or over it, but without TLS before it.
 * Throws the problem.
 */
export function transportGuard({ tls, trustedProxies }: Transport): (request: FastifyRequest) => void {
  if (tls !== undefined || trustedProxies.length === 0) return () => undefined
  const isProxy = isAmong(trustedProxies)
  const isHere = isAmong(['127.0.0.0/8', '::1'])
  return (request) => {
    const { remoteAddress = '' } = request.socket
    if (isProxy(remoteAddress) ? request.protocol === 'https' || isDirect(request) : isHere(remoteAddress)) return
    throw new HttpProblem(
      'not-secure',
      isProxy(remoteAddress)
        ? 'the proxy says that it was asked over http; ask it over https'
        : 'this service is asked through its proxy; ask that, over https',
    )
  }
  /** From the machine itself, which may also be that of the proxy. */
  function isDirect({ socket, headers }: FastifyRequest): boolean {
    return isHere(socket.remoteAddress ?? '') && headers['x-forwarded-for'] === undefined
  }
}
