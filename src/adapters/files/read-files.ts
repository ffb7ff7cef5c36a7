import { basename } from 'node:path'
import type { Arrival } from '../../ports/index.ts'
import { openFile, sizeOf } from './open-file.ts'
import { readPieces } from './read-pieces.ts'
import { chosenImporters, type RecordOptions, RecordReader } from './record-reader.ts'

export interface ReadOptions extends RecordOptions {
  /** Bytes read of the files as they lie on the disk, told when their records were taken; the total is null when standard input is among them. */
  onProgress?(bytesRead: number, bytesTotal: number | null): void
}

/**
 * Every record of the files in the order given (`-` is standard input), as an event or as a refusal with its origin. A bad
 * record never stops its neighbours. Memory does not grow with the files. Throws `CAT_INPUT` for a file that cannot be
 * read and `CAT_USAGE` for a format that is none.
 */
export async function* readArrivals(files: readonly string[], options: ReadOptions): AsyncGenerator<Arrival> {
  const importers = chosenImporters(options)
  const sizes = await Promise.all(files.map(sizeOf))
  const total = sizes.includes(null) ? null : sizes.reduce((sum: number, size) => sum + (size ?? 0), 0)
  let read = 0
  options.onProgress?.(0, total)
  for (const file of files) {
    const onRead = (bytes: number): void => {
      read += bytes
      options.onProgress?.(read, total)
    }
    const reader = new RecordReader(file === '-' ? 'stdin' : basename(file), importers, options)
    for await (const arrivals of readPieces(openFile(file, onRead), reader, 'file')) {
      for (const arrival of arrivals) yield arrival
    }
  }
}
