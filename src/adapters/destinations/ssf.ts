import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { calculateJwkThumbprint, exportJWK, type JWK, SignJWT } from 'jose'
import { CatenaryError } from '../../core/index.ts'
import type { EventReceiver, Outcome, SecurityEvent } from '../../ports/index.ts'
import { createHttp, fieldsIn, type HttpParts, isAnswer, judged, placeOf } from './http.ts'

export interface SsfParts extends HttpParts {
  readonly name: string
  readonly url: string
  readonly issuer: string
  readonly audience: string
  /** PKCS 8 PEM of a P-256, Ed25519 or RSA key. Asked for each event, so that a renewed one is used. */
  readonly key: () => string
  /** Else the key's thumbprint (RFC 7638). */
  readonly keyId?: string | undefined
  /** Sent as a bearer token. */
  readonly token?: (() => string) | undefined
  /** Whose events it hears of; those of all where nothing is said. */
  readonly tenants?: readonly string[] | undefined
  /** Milliseconds since the epoch. */
  readonly clock: () => number
}

/**
 * A receiver of the OpenID Shared Signals Framework: each event is a SET (RFC 8417), pushed as RFC 8935 has it, and taken
 * when the answer is 202. `push` gives `refused` for a key that cannot sign.
 */
export function createSsfReceiver(parts: SsfParts): EventReceiver {
  const { name, url, tenants, token } = parts
  const http = createHttp(parts)
  async function push(event: SecurityEvent, signal: AbortSignal): Promise<Outcome> {
    let body: string
    try {
      body = await signed(event, parts)
    } catch (error) {
      return { what: 'refused', why: `the key of ${name} cannot sign: ${(error as Error).message}` }
    }
    const reply = await http.post({
      url,
      body,
      signal,
      headers: {
        'content-type': 'application/secevent+jwt',
        accept: 'application/json',
        ...(token === undefined ? {} : { authorization: `Bearer ${token()}` }),
      },
    })
    if (!isAnswer(reply)) return reply
    const { err, description } = fieldsIn(reply)
    return judged(reply, placeOf(url), [err, description].filter((text) => typeof text === 'string').join(': '))
  }
  return {
    name,
    hears: (tenant) => tenants === undefined || tenants.includes(tenant),
    push,
    close: () => http.close(),
  }
}

async function signed(event: SecurityEvent, { issuer, audience, key, keyId, clock }: SsfParts): Promise<string> {
  const pem = key()
  const secret = keyOf(pem)
  const kid = keyId ?? (await publicJwk(pem)).kid
  return new SignJWT({ sub_id: event.subject, events: { [event.type]: event.claims } })
    .setProtectedHeader({ typ: 'secevent+jwt', alg: algorithmOf(secret), ...(kid === undefined ? {} : { kid }) })
    .setIssuer(issuer)
    .setAudience(audience)
    .setJti(event.jti)
    .setIssuedAt(Math.floor(clock() / 1_000))
    .sign(secret)
}

/** What a receiver verifies with, as a JWK (RFC 7517). Throws `CAT_CONFIG` for what is no key that signs. */
export async function publicJwk(pem: string, keyId?: string): Promise<JWK> {
  const secret = keyOf(pem)
  const jwk = await exportJWK(createPublicKey(secret))
  return { ...jwk, use: 'sig', alg: algorithmOf(secret), kid: keyId ?? (await calculateJwkThumbprint(jwk)) }
}

function keyOf(pem: string): KeyObject {
  try {
    return createPrivateKey(pem)
  } catch (cause) {
    throw new CatenaryError(
      'CAT_CONFIG',
      'it is no private key; give PEM, as openssl genpkey -algorithm ed25519 writes',
      {
        cause,
      },
    )
  }
}

function algorithmOf({ asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject): string {
  if (type === 'ed25519') return 'EdDSA'
  if (type === 'ec' && details?.namedCurve === 'prime256v1') return 'ES256'
  if (type === 'rsa' && (details?.modulusLength ?? 0) >= 2_048) return 'RS256'
  throw new CatenaryError('CAT_CONFIG', 'its kind is none that signs; give Ed25519, P-256, or RSA of 2048 bits or more')
}
