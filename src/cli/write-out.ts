import { writeFile } from 'node:fs/promises'
import { written } from './flags.ts'
import type { Io } from './io.ts'

/** Writes a text to a file, readable by its owner alone, or to standard output where none is named. Throws `CAT_USAGE`. */
export async function writeOut(file: string | undefined, text: string, io: Io): Promise<void> {
  if (file === undefined) io.stdout.write(text)
  else await written(file, writeFile(file, text, { mode: 0o600 }))
}
