import { writeFile } from 'node:fs/promises'
import { CatenaryError } from '../core/index.ts'
import type { Io } from './io.ts'

/** Writes a text to a file, readable by its owner alone, or to standard output where none is named. Throws `CAT_USAGE`. */
export async function writeOut(file: string | undefined, text: string, io: Io): Promise<void> {
  if (file === undefined) {
    io.stdout.write(text)
    return
  }
  await writeFile(file, text, { mode: 0o600 }).catch((cause: NodeJS.ErrnoException) => {
    throw new CatenaryError(
      'CAT_USAGE',
      `${file} cannot be written (${cause.code}); give a file in a folder that is there`,
      { cause },
    )
  })
}
