import { isIP } from 'node:net'
import { CatenaryError } from '../core/index.ts'

/** Whether an address to listen on can be reached from this machine alone. */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '').toLowerCase()
  if (isIP(bare) === 4) return bare.startsWith('127.')
  return bare === '::1' || bare === '0:0:0:0:0:0:0:1' || bare === 'localhost'
}

/** Throws `CAT_CONFIG` when the service would be open to others without asking who they are. */
export function refuseUnguarded(host: string): void {
  if (isLoopback(host)) return
  throw new CatenaryError(
    'CAT_CONFIG',
    `refusing to listen on ${host}: there is no authentication yet, and whoever reaches the API may read every chain and add events. ` +
      'Leave CATENARY_API__HOST (--host) at 127.0.0.1 and put a proxy that authenticates in front',
  )
}
