import type { ContainmentAction } from '../../src/core/index.ts'
import type { SecurityEvent } from '../../src/ports/index.ts'

const CAEP = 'https://schemas.openid.net/secevent/caep/event-type'

/** The types of OpenID CAEP 1.0 that are sent. */
export const SESSION_REVOKED = `${CAEP}/session-revoked`
export const CREDENTIAL_CHANGE = `${CAEP}/credential-change`

/** The type by which a transmitter of OpenID SSF 1.0 shows that its stream arrives. */
export const VERIFICATION = 'https://schemas.openid.net/secevent/ssf/event-type/verification'

/** CAEP's own names for types of credentials, where it has one; others are named as events name them. */
const CAEP_TYPES: Readonly<Record<string, string>> = { password: 'password', certificate: 'x509' }

export interface Ordered {
  readonly action: ContainmentAction['action']
  readonly target: ContainmentAction['target']
  readonly tenant: string
  /** The credential's type, where it is known. */
  readonly credentialType: string | null
  readonly reason: string
  /** When it was ordered, in milliseconds since the epoch. */
  readonly at: number
  readonly jti: string
}

/** The CAEP event that an action of a containment is told by; null for what only people can do. */
export function securityEventOf(ordered: Ordered): SecurityEvent | null {
  const { action, target, tenant, credentialType, reason, at, jti } = ordered
  const isAgent = action === 'stop-agent' && target.kind === 'agent'
  const isHeld = target.kind === 'credential' || target.kind === 'grant'
  if (!isAgent && !isHeld) return null
  const type = target.kind === 'grant' ? 'oauth_grant' : (credentialType ?? 'secret')
  return {
    jti,
    tenant,
    subject: { format: 'opaque', id: target.id },
    type: isAgent ? SESSION_REVOKED : CREDENTIAL_CHANGE,
    claims: {
      ...(isAgent
        ? {}
        : { credential_type: CAEP_TYPES[type] ?? type, change_type: 'revoke', friendly_name: target.id }),
      event_timestamp: Math.floor(at / 1_000),
      initiating_entity: 'admin',
      reason_admin: { en: reason },
    },
  }
}

/**
 * The event that tries a stream (OpenID SSF 1.0, 8.1.4). Its subject is the stream, by the id that the receiver knows it by; no
 * receiver asked for it, so it has no `state`.
 */
export const verificationEvent = (streamId: string, jti: string): SecurityEvent => ({
  jti,
  tenant: '',
  subject: { format: 'opaque', id: streamId },
  type: VERIFICATION,
  claims: {},
})
