import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Logger } from 'pino'
import { authenticator } from '../access/authenticate.ts'
import { createKeyRing } from '../access/key-ring.ts'
import { keysOf } from '../access/keys.ts'
import { createOidc, type Provider } from '../access/oidc.ts'
import type { ApiAccess } from '../api/parts.ts'
import type { Transport } from '../api/transport.ts'
import type { Config } from '../config/index.ts'
import { CatenaryError } from '../core/index.ts'
import type { AccessStore } from '../ports/index.ts'

/** Who may ask, as the settings say and the store's keys tell. Expiry goes by the clock of the machine. */
export function accessOf(
  { auth, api }: { readonly auth: Config['auth']; readonly api: Pick<Config['api'], 'ratePerMinute'> },
  store: AccessStore,
  logger: Logger,
): ApiAccess {
  const ring = createKeyRing({
    store,
    clock: Date.now,
    onUnnoted: (err) => logger.warn({ err }, 'use of an API key not noted'),
  })
  const provider = providerOf(auth)
  if (auth.required && provider === null)
    ring.hasKeys().then(
      (hasKeys) => {
        if (!hasKeys) logger.warn('there is no API key that opens anything; make one with: catenary keys create')
      },
      (err: unknown) => logger.warn({ err }, 'API keys not read'),
    )
  return {
    isRequired: auth.required,
    identify: authenticator(ring, provider === null ? null : createOidc(provider, { clock: Date.now })),
    keys: keysOf(store, Date.now),
    changed: () => ring.forget(),
    hasOpenMetrics: auth.openMetrics || !auth.required,
    ratePerMinute: api.ratePerMinute,
  }
}

/** The identity provider of the settings; null for none. */
function providerOf(auth: Config['auth']): Provider | null {
  const { oidcIssuer: issuer, oidcAudience: audience } = auth
  if (issuer === undefined || audience === undefined) return null
  return {
    issuer,
    audience,
    jwksUrl: auth.oidcJwksUrl,
    algorithms: auth.oidcAlgorithms,
    roleClaim: auth.oidcRoleClaim,
    roles: auth.oidcRoles,
    tenantClaim: auth.oidcTenantClaim,
    tenant: auth.oidcTenant,
    clockToleranceS: auth.oidcClockToleranceS,
  }
}

/** How the API is reached, its certificate read. Throws `CAT_CONFIG` for files that are no certificate with its key. */
export function transportOf({ tlsCertFile, tlsKeyFile, trustedProxies, corsOrigins }: Config['api']): Transport {
  const tls =
    tlsCertFile === undefined || tlsKeyFile === undefined
      ? undefined
      : { cert: pem(tlsCertFile, 'CERT'), key: pem(tlsKeyFile, 'KEY') }
  if (tls !== undefined) checkPair(tls, tlsCertFile ?? '')
  return { tls, trustedProxies, corsOrigins }
}

function pem(file: string, what: 'CERT' | 'KEY'): string {
  try {
    const text = readFileSync(file, 'utf8')
    if (what === 'CERT') new X509Certificate(text)
    else createPrivateKey(text)
    return text
  } catch (cause) {
    throw new CatenaryError(
      'CAT_CONFIG',
      `${file}: is no PEM file of a ${what === 'CERT' ? 'certificate' : 'private key'} that can be read; mend CATENARY_API__TLS_${what}_FILE`,
      { cause },
    )
  }
}

function checkPair({ cert, key }: { readonly cert: string; readonly key: string }, file: string): void {
  const certificate = new X509Certificate(cert)
  if (!certificate.checkPrivateKey(createPrivateKey(key)))
    throw new CatenaryError('CAT_CONFIG', `${file}: CATENARY_API__TLS_KEY_FILE is the key of another certificate`)
  if (Date.parse(certificate.validTo) < Date.now())
    throw new CatenaryError('CAT_CONFIG', `${file}: the certificate was good until ${certificate.validTo}; renew it`)
}
