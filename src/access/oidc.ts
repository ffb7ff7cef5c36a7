import { createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose'
import { type Caller, CatenaryError, isEnough, ROLES, type Role } from '../core/index.ts'
import type { TokenJudge } from './authenticate.ts'
import type { Refusal } from './key-ring.ts'

/** An identity provider, and how its tokens say what their bearer may do. */
export interface Provider {
  readonly issuer: string
  readonly audience: string
  /** Where its keys are; else its discovery document says. */
  readonly jwksUrl?: string | undefined
  /** Of signatures; never one that is made with a shared secret. */
  readonly algorithms: readonly string[]
  /** The claim with roles; dots lead into objects. */
  readonly roleClaim: string
  /** What a value of that claim stands for; the names of roles stand for themselves where nothing is said. */
  readonly roles: Readonly<Record<string, Role>>
  readonly tenantClaim: string
  /** The tenant of tokens without that claim; `*` for every tenant, and nobody is let in where it is left out. */
  readonly tenant?: string | undefined
  readonly clockToleranceS: number
}

export interface ProviderParts {
  /** Milliseconds since the epoch. */
  readonly clock: () => number
  /** Between two looks for a key that is not known, in milliseconds. */
  readonly cooldownMs?: number
}

const COOLDOWN_MS = 30_000
const TIMEOUT_MS = 5_000
const MAX_AGE_MS = 600_000

/**
 * Judges bearer tokens by a provider's keys, which are read when first needed, kept for ten minutes, and read again when a token
 * names one that is not there, but for half a minute after the last time.
 */
export function createOidc(provider: Provider, { clock, cooldownMs = COOLDOWN_MS }: ProviderParts): TokenJudge {
  let keys: JWTVerifyGetKey | null = null
  async function keysOf(): Promise<JWTVerifyGetKey> {
    keys ??= createRemoteJWKSet(new URL(provider.jwksUrl ?? (await discovered(provider.issuer))), {
      cooldownDuration: cooldownMs,
      timeoutDuration: TIMEOUT_MS,
      cacheMaxAge: MAX_AGE_MS,
    })
    return keys
  }
  return {
    async identify(token) {
      try {
        const { payload } = await jwtVerify(token, await keysOf(), {
          issuer: provider.issuer,
          audience: provider.audience,
          algorithms: [...provider.algorithms],
          clockTolerance: provider.clockToleranceS,
          currentDate: new Date(clock()),
          requiredClaims: ['exp', 'sub'],
        })
        return callerOf(payload, provider)
      } catch (error) {
        return refusalOf(error)
      }
    },
  }
}

async function discovered(issuer: string): Promise<string> {
  const reply = await fetch(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, {
    signal: AbortSignal.timeout(TIMEOUT_MS),
  })
  if (!reply.ok) throw new Error(`the discovery document answers ${reply.status}`)
  const found = (await reply.json()) as { readonly issuer?: unknown; readonly jwks_uri?: unknown }
  if (found.issuer !== issuer || typeof found.jwks_uri !== 'string')
    throw new Error('the discovery document is that of another issuer, or names no keys')
  return found.jwks_uri
}

function callerOf(payload: JWTPayload, provider: Provider): Caller | Refusal {
  const role = roleOf(claim(payload, provider.roleClaim), provider.roles)
  if (role === null) return { refused: `the token's claim ${provider.roleClaim} names no role that is known here` }
  const given = claim(payload, provider.tenantClaim)
  // A claim that is there and is no name is not as good as none.
  if (given !== undefined && (typeof given !== 'string' || given === '' || given === '*'))
    return { refused: `the token's claim ${provider.tenantClaim} names no tenant` }
  const tenant = given ?? provider.tenant
  if (tenant === undefined)
    return { refused: `the token has no claim ${provider.tenantClaim}, so it opens nothing here` }
  return { kind: 'token', id: payload.sub ?? '', role, tenant: tenant === '*' ? null : tenant }
}

/** The claim of that name, else what its dots lead to. */
function claim(payload: JWTPayload, name: string): unknown {
  if (Object.hasOwn(payload, name)) return payload[name]
  let at: unknown = payload
  for (const part of name.split('.')) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, part)) return undefined
    at = (at as Readonly<Record<string, unknown>>)[part]
  }
  return at
}

/** The role that may do most; `ingest` only where there is no other. */
function roleOf(given: unknown, roles: Provider['roles']): Role | null {
  const values = (Array.isArray(given) ? given : [given]).filter((one) => typeof one === 'string')
  const named = Object.keys(roles).length === 0 ? Object.fromEntries(ROLES.map((role) => [role, role])) : roles
  const held = values.flatMap((value) => (Object.hasOwn(named, value) ? [named[value] as Role] : []))
  return held.reduce<Role | null>(
    (best, role) => (best === null || isEnough(role, best) || best === 'ingest' ? role : best),
    null,
  )
}

/** What is wrong with a token, in words that help its owner and no forger. */
function refusalOf(error: unknown): Refusal {
  if (error instanceof errors.JWTExpired) return { refused: 'the token has expired; get a new one' }
  if (error instanceof errors.JWTClaimValidationFailed)
    return { refused: `the token's claim ${error.claim} is not what is asked for here` }
  if (error instanceof errors.JOSEAlgNotAllowed)
    return { refused: 'the token is signed in a way that is not taken here' }
  const isOurs = error instanceof errors.JWKSTimeout || error instanceof errors.JWKSInvalid
  if (error instanceof errors.JOSEError && !isOurs && error.code !== 'ERR_JOSE_GENERIC')
    return { refused: 'the token is not one of the provider that is set here' }
  throw new CatenaryError('CAT_SOURCE_UNAVAILABLE', "the identity provider's keys cannot be had", {
    cause: error,
    retry: 'later',
    details: { isProvider: true },
  })
}
