import { createLocalJWKSet, decodeProtectedHeader, errors, type JSONWebKeySet, type JWTPayload, jwtVerify } from 'jose'
import { type Received, type Receiver, type Reply, startReceiver } from './receiver.ts'

/** A receiver of the Shared Signals Framework that checks each SET as RFC 8417, RFC 8935 and CAEP 1.0 ask. */
export interface TestSsf extends Receiver {
  /** The SETs it took, in order; one that comes again is taken, and stands here once. */
  readonly sets: readonly JWTPayload[]
  /** What it does next, in place of its own answer. */
  readonly faults: Reply[]
}

export interface SsfKnows {
  readonly issuer: string
  readonly audience: string
  readonly token: string
  keys(): JSONWebKeySet
}

const refused = (err: string, description: string): Reply => ({
  status: 400,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ err, description }),
})

export async function startSsf({ issuer, audience, token, keys }: SsfKnows): Promise<TestSsf> {
  const sets: JWTPayload[] = []
  const faults: Reply[] = []
  async function answer({ method, headers, body }: Received): Promise<Reply> {
    const fault = faults.shift()
    if (fault !== undefined) return fault
    if (headers.authorization !== `Bearer ${token}`) return { status: 401 }
    if (method !== 'POST' || headers['content-type'] !== 'application/secevent+jwt')
      return refused('invalid_request', 'not a SET')
    if (headers.accept !== 'application/json') return refused('invalid_request', 'accept')
    try {
      if (decodeProtectedHeader(body).typ !== 'secevent+jwt') return refused('invalid_request', 'typ')
      const { payload } = await jwtVerify(body, createLocalJWKSet(keys()), { issuer, audience })
      const wrong = wrongIn(payload)
      if (wrong !== null) return refused('invalid_request', wrong)
      if (!sets.some(({ jti }) => jti === payload.jti)) sets.push(payload)
      return { status: 202 }
    } catch (error) {
      if (error instanceof errors.JWTClaimValidationFailed) return refused(`invalid_${error.claim}`, error.message)
      return refused('invalid_key', 'the signature does not hold')
    }
  }
  return { ...(await startReceiver(answer)), sets, faults }
}

/** What a SET of CAEP lacks or may not have; null for nothing. */
function wrongIn(set: JWTPayload): string | null {
  const { jti, iat, exp, sub } = set
  if (typeof jti !== 'string' || typeof iat !== 'number') return 'jti and iat'
  if (exp !== undefined || sub !== undefined) return 'exp or sub'
  const subject = set['sub_id'] as { format?: unknown; id?: unknown } | undefined
  if (subject?.format !== 'opaque' || typeof subject.id !== 'string') return 'sub_id'
  const [[type = '', event] = [], ...more] = Object.entries((set['events'] ?? {}) as Record<string, object>)
  if (more.length > 0 || event === undefined) return 'events'
  // Nobody asked for it, so it has no state (SSF 1.0, 8.1.4).
  if (type === 'https://schemas.openid.net/secevent/ssf/event-type/verification')
    return Object.keys(event).length === 0 ? null : 'state'
  const { event_timestamp, change_type, credential_type } = event as Record<string, unknown>
  if (!Number.isInteger(event_timestamp) || Number(event_timestamp) > 1e11) return 'event_timestamp'
  if (type.endsWith('/session-revoked')) return null
  if (!type.endsWith('/credential-change')) return 'event type'
  return ['create', 'revoke', 'update', 'delete'].includes(String(change_type)) && typeof credential_type === 'string'
    ? null
    : 'change_type and credential_type'
}
