import { decodeRecord } from '../../../schemas/event.ts'
import { CatenaryError } from '../../core/index.ts'
import type { Arrival } from '../../ports/index.ts'
import { type Piece, packingOf, unpackBytes } from './open-file.ts'
import { readPieces } from './read-pieces.ts'
import { chosenImporters, MAX_RAW_BYTES, type RecordOptions, RecordReader } from './record-reader.ts'

export interface BodyOptions extends RecordOptions {
  /** What an origin calls the body: `POST /v1/events`. */
  readonly name: string
  /** How the sender says the body is packed. Its first bytes are looked at when left out. */
  readonly packing?: 'gzip' | 'zstd'
  /** `ce-…` headers make the body the `data` of one binary CloudEvent. */
  readonly headers?: Readonly<Record<string, string>>
  /** What the body may unpack to, in bytes. */
  readonly maxBytes: number
}

/**
 * Every record of a body of bytes (NDJSON, an array, lone objects; plain, gzip or zstd), as an event or as a refusal with
 * its line. A bad record never stops its neighbours. Throws `CAT_INPUT` for a body that is not packed as it says, and, with
 * `details.isTooLarge`, for one that unpacks to more than `maxBytes`; `CAT_USAGE` for a format that is none.
 */
export async function* readBody(body: Uint8Array, options: BodyOptions): AsyncGenerator<Arrival> {
  const importers = chosenImporters(options)
  const reader = new RecordReader(
    options.name,
    importers,
    options,
    importers.find(({ format }) => format === 'events'),
  )
  const packing = packingOf(body)
  if (options.packing !== undefined && options.packing !== packing) {
    throw new CatenaryError(
      'CAT_INPUT',
      `the body says it is ${options.packing} and is not; send it so packed, or leave its encoding out`,
    )
  }
  const pieces = bounded(unpackBytes(body), options.maxBytes)
  const headers = options.headers ?? {}
  if (Object.keys(headers).some((name) => /^ce[_-]specversion$/i.test(name))) {
    yield await readBinary(pieces, reader, headers, options)
    return
  }
  for await (const arrivals of readPieces(pieces, reader, 'body')) {
    for (const arrival of arrivals) yield arrival
  }
}

async function* bounded(pieces: AsyncIterable<Piece>, maxBytes: number): AsyncGenerator<Piece> {
  let size = 0
  for await (const piece of pieces) {
    if ('bytes' in piece) size += piece.bytes.length
    if (size > maxBytes) {
      throw new CatenaryError('CAT_INPUT', `the body unpacks to more than ${maxBytes} bytes; send it in parts`, {
        details: { isTooLarge: true },
      })
    }
    yield piece
  }
}

async function readBinary(
  pieces: AsyncIterable<Piece>,
  reader: RecordReader,
  headers: Readonly<Record<string, string>>,
  options: BodyOptions,
): Promise<Arrival> {
  const parts: Uint8Array[] = []
  for await (const piece of pieces) {
    if ('damage' in piece) return reader.refuseAt(1, 'truncated', `${piece.damage}; send the body again`)
    parts.push(piece.bytes)
  }
  const bytes = Buffer.concat(parts)
  const decoded = decodeRecord(bytes, options.decode, headers)
  const origin = { file: options.name, line: 1 }
  if (decoded.ok) return { ok: true, event: decoded.event, origin }
  const { reason, path, message } = decoded
  return { ...reader.refuseAt(1, reason, message), path, raw: bytes.length <= MAX_RAW_BYTES ? bytes : null }
}
