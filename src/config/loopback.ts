import { isIP } from 'node:net'
import { CatenaryError } from '../core/index.ts'
import type { SettingValues } from './settings.ts'

/** Whether an address to listen on can be reached from this machine alone. */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '').toLowerCase()
  if (isIP(bare) === 4) return bare.startsWith('127.')
  return bare === '::1' || bare === '0:0:0:0:0:0:0:1' || bare === 'localhost'
}

type Reach = Pick<SettingValues, 'api' | 'auth'>

/** What keeps the API from listening where the settings say, each with how to mend it; empty for nothing. */
export function unguarded({ api, auth }: Reach): readonly string[] {
  if (isLoopback(api.host)) return []
  return [
    ...(auth.required
      ? []
      : [
          'nobody would be asked who they are: set CATENARY_AUTH__REQUIRED=true and make a key with: catenary keys create',
        ]),
    ...(api.tlsCertFile !== undefined || api.trustedProxies.length > 0
      ? []
      : [
          'keys and chains would go in the clear: set CATENARY_API__TLS_CERT_FILE and CATENARY_API__TLS_KEY_FILE, or, where a ' +
            'proxy ends TLS in front, its address in CATENARY_API__TRUSTED_PROXIES',
        ]),
  ]
}

/** Throws `CAT_CONFIG` when the service would be open to others without asking who they are, or without TLS. */
export function refuseUnguarded(reach: Reach): void {
  const reasons = unguarded(reach)
  if (reasons.length === 0) return
  throw new CatenaryError(
    'CAT_CONFIG',
    `refusing to listen on ${reach.api.host}, where others can reach it\n${reasons.map((one) => `  ${one}\n`).join('')}` +
      '  or leave CATENARY_API__HOST (--host) at 127.0.0.1',
  )
}
