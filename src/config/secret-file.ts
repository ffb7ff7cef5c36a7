import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { link, mkdir, open, readFile, stat, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { CatenaryError } from '../core/index.ts'

const OTHERS = 0o007

/**
 * The text of a secret in a data folder, made by `generate` on first use and readable by its owner alone. Two processes that come
 * first at once get one secret. Throws `CAT_CONFIG` for one that others may read, and for a folder that cannot be written.
 */
export async function secretOf(dataPath: string, name: string, generate: () => string): Promise<string> {
  const file = join(dataPath, name)
  const there = await read(file)
  if (there !== null) return there
  await make(dataPath, file, generate()).catch((cause: unknown) => {
    throw new CatenaryError(
      'CAT_CONFIG',
      `${file}: cannot be made (${codeOf(cause)}); make ${dataPath} writable or choose another with --data or CATENARY_DATA__PATH`,
      {
        cause,
      },
    )
  })
  const made = await read(file)
  if (made !== null) return made
  throw new CatenaryError('CAT_CONFIG', `${file}: went away while it was made; start again`)
}

/** The secret in a file; null where there is none. */
async function read(file: string): Promise<string | null> {
  try {
    const { mode } = await stat(file)
    if (process.platform !== 'win32' && (mode & OTHERS) !== 0)
      throw new CatenaryError('CAT_CONFIG', `${file}: everybody on this machine may read it; run: chmod 600 ${file}`)
    return await readFile(file, 'utf8')
  } catch (cause) {
    if (cause instanceof CatenaryError) throw cause
    if (codeOf(cause) === 'ENOENT') return null
    throw new CatenaryError('CAT_CONFIG', `${file}: cannot be read (${codeOf(cause)}); mend its owner or its mode`, {
      cause,
    })
  }
}

/** Writes the whole secret beside its place and links it there, so that nobody reads half of one or replaces one in use. */
async function make(dataPath: string, file: string, text: string): Promise<void> {
  await mkdir(dataPath, { recursive: true, mode: 0o700 })
  const draft = `${file}.${process.pid}.${randomBytes(6).toString('hex')}`
  const handle = await open(draft, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600)
  try {
    await handle.writeFile(text)
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
