import { X509Certificate } from 'node:crypto'
import type { TLSSocket } from 'node:tls'
import { Agent, buildConnector } from 'undici'
import { CatenaryError } from '../../core/index.ts'

/** Whom to believe that they are the service. */
export interface Trust {
  /** The authorities to trust instead of those of Node, PEM. */
  readonly ca?: string | undefined
  /** The very certificate it has to answer with, PEM, whatever name and signature that bears. */
  readonly certificate?: string | undefined
}

/** The code of the error when it answers with another certificate than the one it is known by. */
export const OTHER_CERTIFICATE = 'CERT_IS_ANOTHER'

const CONNECT_MS = 10_000

/** Throws `CAT_CONFIG` for a text that is no certificate. */
export function dispatcherFor({ ca, certificate }: Trust): Agent {
  if (certificate !== undefined) return pinnedTo(certificateIn(certificate))
  if (ca !== undefined) certificateIn(ca)
  return new Agent({ connect: { timeout: CONNECT_MS, ...(ca === undefined ? {} : { ca }) } })
}

/** That it holds the key of that certificate is proved by the handshake; that it is that one is looked at here. */
function pinnedTo({ fingerprint256 }: X509Certificate): Agent {
  const connect = buildConnector({ timeout: CONNECT_MS, rejectUnauthorized: false })
  return new Agent({
    connect: (options, done) =>
      connect(options, (...[error, socket]) => {
        if (error !== null) return done(error, null)
        const peer = options.protocol === 'https:' ? (socket as TLSSocket).getPeerX509Certificate() : undefined
        if (peer?.fingerprint256 === fingerprint256) return done(null, socket)
        socket.destroy()
        done(Object.assign(new Error('another certificate'), { code: OTHER_CERTIFICATE }), null)
      }),
  })
}

function certificateIn(pem: string): X509Certificate {
  try {
    return new X509Certificate(pem)
  } catch (cause) {
    throw new CatenaryError('CAT_CONFIG', 'what is to be trusted is no certificate; give a PEM file of one', { cause })
  }
}
