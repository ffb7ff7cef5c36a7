import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { CatenaryError } from '../core/index.ts'
import { secretOf } from './secret-file.ts'

/** The shortest key of content fingerprints, in bytes. */
export const MIN_KEY_BYTES = 16
const KEY_BYTES = 32
const FILE = 'content.key'

export const contentKeyFile = (dataPath: string): string => join(dataPath, FILE)

/**
 * The key a data folder's content fingerprints are made with: 32 random bytes made on first use. Throws `CAT_CONFIG` for a key
 * that others may read, that is too short or no key, and for a folder that cannot be written.
 */
export const contentKeyOf = async (dataPath: string): Promise<Uint8Array> =>
  parseKey(
    await secretOf(dataPath, FILE, () => `${randomBytes(KEY_BYTES).toString('hex')}\n`),
    contentKeyFile(dataPath),
  )

/** The key in hex or base64. Throws `CAT_CONFIG` that names `at`, never the key. */
export function parseKey(text: string, at: string): Uint8Array {
  const bare = text.trim()
  const isHex = /^(?:[0-9a-f]{2})+$/i.test(bare)
  if (!isHex && !/^[A-Za-z0-9+/_-]+={0,2}$/.test(bare))
    throw new CatenaryError('CAT_CONFIG', `${at}: is neither hex nor base64; make one with: openssl rand -hex 32`)
  const key = Buffer.from(bare, isHex ? 'hex' : 'base64')
  if (key.length < MIN_KEY_BYTES)
    throw new CatenaryError(
      'CAT_CONFIG',
      `${at}: is ${key.length} bytes, and a key has ${MIN_KEY_BYTES} at least; make one with: openssl rand -hex 32`,
    )
  return key
}
