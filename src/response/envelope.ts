import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import { CatenaryError } from '../core/index.ts'

/**
 * A signed text: a DSSE envelope with one Ed25519 signature, and the public key beside it so that it can be checked offline.
 *
 * @see https://github.com/secure-systems-lab/dsse/blob/master/envelope.md
 */
export interface Envelope {
  readonly payloadType: string
  /** Base64. */
  readonly payload: string
  readonly signatures: readonly { readonly keyid: string; readonly sig: string; readonly publicKey: string }[]
}

/** What is signed: the type and the payload, each after its length (DSSE pre-authentication encoding). */
const preAuth = (type: string, payload: Buffer): Buffer =>
  Buffer.concat([Buffer.from(`DSSEv1 ${Buffer.byteLength(type)} ${type} ${payload.length} `), payload])

/** `SHA256:` and the digest of a public key in DER, as OpenSSH writes one. */
export const fingerprintOf = (key: KeyObject): string =>
  `SHA256:${createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('base64url')}`

/** Signs a text with a private Ed25519 key in PEM. Throws `CAT_CONFIG` for another key. */
export function sealed(payloadType: string, text: string, privateKey: string): Envelope {
  const key = privateKeyOf(privateKey)
  const payload = Buffer.from(text)
  const publicKey = createPublicKey(key)
  return {
    payloadType,
    payload: payload.toString('base64'),
    signatures: [
      {
        keyid: fingerprintOf(publicKey),
        sig: sign(null, preAuth(payloadType, payload), key).toString('base64'),
        publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
      },
    ],
  }
}

function privateKeyOf(pem: string): KeyObject {
  let key: KeyObject
  try {
    key = createPrivateKey(pem)
  } catch (cause) {
    throw new CatenaryError(
      'CAT_CONFIG',
      'the evidence key is no private key in PEM; make one with: openssl genpkey -algorithm ed25519',
      { cause },
    )
  }
  if (key.asymmetricKeyType === 'ed25519') return key
  throw new CatenaryError(
    'CAT_CONFIG',
    `the evidence key is of type ${key.asymmetricKeyType}; make one with: openssl genpkey -algorithm ed25519`,
  )
}

/** The text of an envelope and the fingerprint of its signer; null for a signature that does not hold. */
export function opened({
  payloadType,
  payload,
  signatures,
}: Envelope): { readonly text: string; readonly signer: string } | null {
  const [signature] = signatures
  if (signature === undefined) return null
  const bytes = Buffer.from(payload, 'base64')
  try {
    const key = createPublicKey(signature.publicKey)
    if (key.asymmetricKeyType !== 'ed25519') return null
    const holds = verify(null, preAuth(payloadType, bytes), key, Buffer.from(signature.sig, 'base64'))
    return holds ? { text: bytes.toString(), signer: fingerprintOf(key) } : null
  } catch {
    return null
  }
}
