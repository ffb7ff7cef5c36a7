import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { octetCounted } from '../../../schemas/forward/syslog.ts'
import { DELIVERED, type Destination, type Outcome, type Parcel } from '../../ports/index.ts'
import { failureOf, type TlsParts, tlsOptions } from './http.ts'
import { allOf } from './in-parts.ts'

export interface SyslogDestinationParts {
  readonly host: string
  readonly port: number
  /** Null: plain TCP. */
  readonly tls: TlsParts | null
  readonly timeoutMs: number
  /** A message of RFC 5424. */
  readonly write: (parcel: Parcel) => string
}

/**
 * Syslog over TCP or TLS, octet-counted. The protocol has no answer, so a batch has a connection of its own: it counts as
 * delivered when the collector, told that nothing more comes, has closed the connection in order, which it does when it
 * has read everything. Throws `CAT_CONFIG` for a PEM file that cannot be read.
 */
export function createSyslog({ host, port, tls, timeoutMs, write }: SyslogDestinationParts): Destination {
  const place = `${host}:${port}`
  const options = tls === null ? null : tlsOptions(tls)
  const open = (): Socket =>
    options === null
      ? connect({ host, port })
      : connectTls({ host, port, minVersion: 'TLSv1.2', servername: nameOf(host), ...options })
  return {
    async send(parcels, signal) {
      const bytes = Buffer.concat(parcels.map((parcel) => octetCounted(write(parcel))))
      try {
        await handOver(open(), bytes, { isTls: options !== null, timeoutMs, signal })
        return allOf(parcels, DELIVERED)
      } catch (error) {
        const outcome: Outcome = { what: 'retry', why: `${place} ${failureOf(error)}` }
        return allOf(parcels, outcome)
      }
    },
    close: async () => undefined,
  }
}

interface HandOver {
  readonly isTls: boolean
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

/** Resolves when the other side has closed after all that was sent; rejects with what went wrong. */
function handOver(socket: Socket, bytes: Buffer, { isTls, timeoutMs, signal }: HandOver): Promise<void> {
  return new Promise((resolve, reject) => {
    let hasEnded = false
    const fail = (code: string) => (): void => {
      socket.destroy(Object.assign(new Error(code), { code }))
    }
    const cut = fail('ABORTED')
    signal.addEventListener('abort', cut, { once: true })
    socket.setTimeout(timeoutMs, fail('ETIMEDOUT'))
    socket.once(isTls ? 'secureConnect' : 'connect', () => socket.end(bytes))
    // A collector says nothing; what it says all the same is read, so that its end is seen.
    socket.resume()
    socket.once('end', () => {
      hasEnded = socket.writableFinished
    })
    socket.once('error', reject)
    socket.once('close', () => {
      signal.removeEventListener('abort', cut)
      if (hasEnded) resolve()
      else reject(Object.assign(new Error('closed'), { code: 'ECONNRESET' }))
    })
  })
}

/** An address is no name that a server could be asked for by. */
const nameOf = (host: string): string => (/^[\d.]+$|:/.test(host) ? '' : host)
