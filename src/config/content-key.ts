import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { link, mkdir, open, readFile, stat, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { CatenaryError } from '../core/index.ts'

/** The shortest key of content fingerprints, in bytes. */
export const MIN_KEY_BYTES = 16
const KEY_BYTES = 32
const OTHERS = 0o007

export const contentKeyFile = (dataPath: string): string => join(dataPath, 'content.key')

/**
 * The key a data folder's content fingerprints are made with: 32 random bytes made on first use, readable by their owner
 * alone. Two processes that come first at once get one key. Throws `CAT_CONFIG` for a key that others may read, that is
 * too short or no key, and for a folder that cannot be written.
 */
export async function contentKeyOf(dataPath: string): Promise<Uint8Array> {
  const file = contentKeyFile(dataPath)
  const there = await readKey(file)
  if (there !== null) return there
  await make(dataPath, file).catch((cause: unknown) => {
    throw new CatenaryError(
      'CAT_CONFIG',
      `${file}: cannot be made (${codeOf(cause)}); make ${dataPath} writable or choose another with --data or CATENARY_DATA__PATH`,
      {
        cause,
      },
    )
  })
  const made = await readKey(file)
  if (made !== null) return made
  throw new CatenaryError('CAT_CONFIG', `${file}: went away while it was made; start again`)
}

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

/** The key in a file; null where there is none. */
async function readKey(file: string): Promise<Uint8Array | null> {
  try {
    const { mode } = await stat(file)
    if (process.platform !== 'win32' && (mode & OTHERS) !== 0)
      throw new CatenaryError('CAT_CONFIG', `${file}: everybody on this machine may read it; run: chmod 600 ${file}`)
    return parseKey(await readFile(file, 'utf8'), file)
  } catch (cause) {
    if (cause instanceof CatenaryError) throw cause
    if (codeOf(cause) === 'ENOENT') return null
    throw new CatenaryError('CAT_CONFIG', `${file}: cannot be read (${codeOf(cause)}); mend its owner or its mode`, {
      cause,
    })
  }
}

/** Writes the whole key beside its place and links it there, so that nobody reads half of one or replaces one in use. */
async function make(dataPath: string, file: string): Promise<void> {
  await mkdir(dataPath, { recursive: true, mode: 0o700 })
  const draft = `${file}.${process.pid}.${randomBytes(6).toString('hex')}`
  const handle = await open(draft, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600)
  try {
    await handle.writeFile(`${randomBytes(KEY_BYTES).toString('hex')}\n`)
    await handle.sync()
    await handle.close()
    await link(draft, file).catch((error: unknown) => {
      if (codeOf(error) !== 'EEXIST') throw error
    })
  } finally {
    await handle.close().catch(() => undefined)
    await unlink(draft).catch(() => undefined)
  }
}

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? String(error)
