import type { Arrival } from '../../ports/index.ts'
import type { Piece } from './open-file.ts'
import { MAX_FOREIGN_BYTES, type RecordReader } from './record-reader.ts'
import { type RawRecord, RecordSplitter } from './split-records.ts'

/** How much of the beginning is looked at to know binary data, in bytes. */
const BINARY_LOOK = 4096

/** What each piece holds, to be read before the next is asked for: an async step for each record would cost as much as it. */
export async function* readPieces(
  pieces: AsyncIterable<Piece>,
  reader: RecordReader,
  whole: 'file' | 'body',
): AsyncGenerator<Iterable<Arrival>> {
  const again = whole === 'file' ? 'fetch the file again' : 'send the rest again'
  const splitter = new RecordSplitter(MAX_FOREIGN_BYTES)
  let isFirst = true
  for await (const piece of pieces) {
    if ('damage' in piece) {
      const message = `${piece.damage}; events before this place were read, ${again}`
      yield [reader.refuseAt(splitter.line, 'truncated', message)]
      return
    }
    if (isFirst && isBinary(piece.bytes)) {
      const message = `the ${whole} is binary or UTF-16; give JSON text in UTF-8, plain or as gzip or zstd`
      yield [reader.refuseAt(1, 'not_utf8', message)]
      return
    }
    const bytes = isFirst ? withoutMark(piece.bytes) : piece.bytes
    isFirst = false
    yield readEach(splitter.push(bytes), reader)
  }
  yield readEach(splitter.end(), reader)
}

function* readEach(records: readonly RawRecord[], reader: RecordReader): Generator<Arrival> {
  for (const record of records) yield* reader.read(record)
}

const withoutMark = (bytes: Uint8Array): Uint8Array =>
  bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes

/** JSON text does not begin with NUL bytes about; UTF-16 and other binary data do. */
function isBinary(bytes: Uint8Array): boolean {
  const head = bytes.subarray(0, BINARY_LOOK)
  const isUtf16 = (head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff)
  return isUtf16 || (head[0] !== 0x7b && head[0] !== 0x5b && head.includes(0))
}
