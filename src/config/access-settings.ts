import { isIP } from 'node:net'
import { z } from 'zod'
import { ROLES } from '../core/index.ts'
import { isLoopback } from './loopback.ts'
import { byName, flag, listOf, notes, oneOf, text, whole } from './setting-kinds.ts'

/** Signatures that a provider's public keys check: none that is made with a shared secret, and not `none`. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'] as const

/** How the API is reached. */
export const ApiSection = z.strictObject({
  host: text().default('127.0.0.1').register(notes, {
    about: 'address to listen on; beyond loopback with auth.required and TLS or a declared proxy only',
  }),
  port: whole(0, 65_535).default(8321).register(notes, { about: 'TCP port to listen on; 0 takes a free one' }),
  maxBodyBytes: whole(1_024, 1_073_741_824)
    .default(16_777_216)
    .register(notes, { about: 'largest request body as it is sent, in bytes; unpacked it may be four times that' }),
  tlsCertFile: text()
    .optional()
    .register(notes, { about: 'PEM file of the certificate to answer with over https, its chain below it' }),
  tlsKeyFile: text().optional().register(notes, { about: 'PEM file of its private key' }),
  trustedProxies: listOf(
    z.string().refine(isNetwork, { error: 'must be addresses or networks, as 10.0.0.7 or 10.0.0.0/8' }),
  )
    .default([])
    .register(notes, {
      about:
        'the proxies that end TLS in front; without TLS of its own the API then answers them and this machine alone',
    }),
  corsOrigins: listOf(z.string().regex(/^https?:\/\/[^/\s*]+$/, { error: 'must be origins, as https://soc.example' }))
    .default([])
    .register(notes, { about: 'origins whose pages may call the API from a browser; none by default' }),
  ratePerMinute: whole(1, 10_000_000)
    .default(6_000)
    .register(notes, { about: 'requests a minute that one caller may send to one process' }),
})

/** An address that nobody on the way can answer for: https, or of this machine. */
function address() {
  return z
    .url({ error: 'must be an address, as https://id.example' })
    .refine((url) => url.startsWith('https:') || isLoopback(new URL(url).hostname), {
      error: 'must be an https address: whoever answers it says who may ask',
    })
    .optional()
}

/** Who may ask. */
export const AuthSection = z.strictObject({
  required: flag()
    .default(false)
    .register(notes, { about: 'refuse who sends no API key or token; without it the API is for this machine alone' }),
  openMetrics: flag()
    .default(false)
    .register(notes, { about: 'answer /metrics without a key, for a scraper that has none' }),
  oidcIssuer: address().register(notes, {
    about: 'the identity provider whose tokens are taken, as its tokens name it',
  }),
  oidcAudience: text().optional().register(notes, { about: 'what those tokens have to be for' }),
  oidcJwksUrl: address().register(notes, { about: 'where its keys are; else its discovery document says' }),
  oidcAlgorithms: listOf(oneOf(ALGORITHMS))
    .default(['RS256', 'PS256', 'ES256', 'EdDSA'])
    .register(notes, { about: 'the signatures that are taken' }),
  oidcRoleClaim: text().default('roles').register(notes, { about: 'the claim with roles; dots lead into objects' }),
  oidcRoles: byName(oneOf(ROLES))
    .default({})
    .register(notes, { about: 'what its values stand for, as {"soc": "analyst"}; else they are the roles themselves' }),
  oidcTenantClaim: text().default('tenant').register(notes, { about: 'the claim with the tenant' }),
  oidcTenant: text()
    .optional()
    .register(notes, { about: 'the tenant of tokens without that claim; * for every tenant; else they open nothing' }),
  oidcClockToleranceS: whole(0, 300)
    .default(30)
    .register(notes, { about: "how far the provider's clock may be off, in seconds" }),
})

/** What of these settings cannot go together. */
export function authMistakes(
  { oidcIssuer, oidcAudience }: z.output<typeof AuthSection>,
  tell: (key: 'oidcIssuer' | 'oidcAudience', message: string) => void,
): void {
  if (oidcIssuer !== undefined && oidcAudience === undefined)
    tell('oidcAudience', 'is missing: a token for another service must not open this one')
  if (oidcIssuer === undefined && oidcAudience !== undefined) tell('oidcIssuer', 'is missing: an audience goes with it')
}

/** What of these settings cannot go together. */
export function apiMistakes(
  { tlsCertFile, tlsKeyFile }: z.output<typeof ApiSection>,
  tell: (key: 'tlsCertFile' | 'tlsKeyFile', message: string) => void,
): void {
  if (tlsCertFile === undefined && tlsKeyFile !== undefined)
    tell('tlsCertFile', 'is missing: a key goes with a certificate')
  if (tlsKeyFile === undefined && tlsCertFile !== undefined)
    tell('tlsKeyFile', 'is missing: a certificate goes with its key')
}

function isNetwork(value: string): boolean {
  const [address = '', bits, ...more] = value.split('/')
  const version = isIP(address)
  if (version === 0 || more.length > 0) return false
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128))
}
