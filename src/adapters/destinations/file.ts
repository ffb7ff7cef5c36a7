import { type FileHandle, mkdir, open, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Format } from '../../../schemas/forward/formats.ts'
import { DELIVERED, type Destination, type Outcome } from '../../ports/index.ts'

export interface FileParts {
  readonly path: string
  readonly format: Format
}

/**
 * Lines at the end of a file, on the disk when they count as delivered. A file that was moved away or removed is made anew; half a
 * line that a crash left stays a line of its own.
 */
export function createFile({ path, format }: FileParts): Destination {
  let handle: FileHandle | null = null

  async function current(): Promise<FileHandle> {
    const there = await stat(path).catch(() => null)
    const ours = await handle?.stat()
    if (handle !== null && there?.ino === ours?.ino && there?.dev === ours?.dev) return handle
    await handle?.close()
    handle = null
    await mkdir(dirname(path), { recursive: true })
    handle = await open(path, 'a+', 0o600)
    return handle
  }

  return {
    async send(parcels) {
      try {
        const file = await current()
        const lines = parcels.map((parcel) => `${format.write(parcel)}\n`).join('')
        await file.appendFile((await isBroken(file)) ? `\n${lines}` : lines)
        await file.datasync()
        return parcels.map(() => DELIVERED)
      } catch (error) {
        const { code, message } = error as NodeJS.ErrnoException
        const outcome: Outcome = { what: 'retry', why: `${path} cannot be written (${code ?? message})` }
        return parcels.map(() => outcome)
      }
    },
    async close() {
      await handle?.close()
    },
  }
}

/** Whether the last line has no end. */
async function isBroken(file: FileHandle): Promise<boolean> {
  const { size } = await file.stat()
  if (size === 0) return false
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1)
  return buffer.toString('latin1') !== '\n'
}
