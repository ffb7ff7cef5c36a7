import { basename } from 'node:path'
import {
  type DecodeOptions,
  decodeEvent,
  decodeRecord,
  isTooDeep,
  parseRecord,
  plainEvent,
} from '../../../schemas/event.ts'
import { type AgentEvent, CatenaryError } from '../../core/index.ts'
import type { Arrival, Origin, Rejection } from '../../ports/index.ts'
import { openFile, type Piece, packingOf, sizeOf, unpackBytes } from './open-file.ts'
import { type RawRecord, RecordSplitter } from './split-records.ts'

/** What the reader needs of an importer; `src/importers` has them. */
export interface FileImporter {
  readonly format: string
  sniff(record: unknown): boolean
  convert(
    record: unknown,
    at: { readonly file: string; readonly line: number; readonly tenant: string; readonly nth?: number },
  ): readonly ({ readonly ok: true; readonly value: unknown } | ({ readonly ok: false } & Rejection))[]
}

export interface ReadOptions {
  readonly decode: DecodeOptions
  /** The one format to read; sniffed from each record's content when left out. */
  readonly format?: string
  /** In the order in which they are asked. */
  readonly importers: readonly FileImporter[]
  /** Hands on the wire form of each event as well: for those who send it on, and store nothing. */
  readonly keepsWire?: boolean
  /** Bytes read of the files as they lie on the disk; the total is null when standard input is among them. */
  onProgress?(bytesRead: number, bytesTotal: number | null): void
}

export interface BodyOptions extends Omit<ReadOptions, 'onProgress'> {
  /** What an origin calls the body: `POST /v1/events`. */
  readonly name: string
  /** How the sender says the body is packed. Its first bytes are looked at when left out. */
  readonly packing?: 'gzip' | 'zstd'
  /** `ce-…` headers make the body the `data` of one binary CloudEvent. */
  readonly headers?: Readonly<Record<string, string>>
  /** What the body may unpack to, in bytes. */
  readonly maxBytes: number
}

/** The largest foreign record, in bytes; an event of the contract may have 1 MiB. */
const MAX_FOREIGN_BYTES = 16 * 1_048_576
const MAX_FOREIGN_DEPTH = 256
const MAX_RAW_BYTES = 1_048_576
const BINARY_LOOK = 4096

/**
 * Every record of the files in the order given (`-` is standard input), as an event or as a refusal with its origin. A bad
 * record never stops its neighbours. Memory does not grow with the files. Throws `CAT_INPUT` for a file that cannot be
 * read and `CAT_USAGE` for a format that is none.
 */
export async function* readArrivals(files: readonly string[], options: ReadOptions): AsyncGenerator<Arrival> {
  const importers = chosen(options)
  const sizes = await Promise.all(files.map(sizeOf))
  const total = sizes.includes(null) ? null : sizes.reduce((sum: number, size) => sum + (size ?? 0), 0)
  let read = 0
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

function chosen(options: Pick<ReadOptions, 'format' | 'importers'>): readonly FileImporter[] {
  if (options.format === undefined) return options.importers
  const found = options.importers.filter((importer) => importer.format === options.format)
  if (found.length > 0) return found
  const known = options.importers.map((importer) => importer.format).join(', ')
  throw new CatenaryError('CAT_USAGE', `unknown format "${options.format}"; use one of: ${known}`)
}

/**
 * Every record of a body of bytes (NDJSON, an array, lone objects; plain, gzip or zstd), as an event or as a refusal with
 * its line. A bad record never stops its neighbours. Throws `CAT_INPUT` for a body that is not packed as it says, and, with
 * `details.isTooLarge`, for one that unpacks to more than `maxBytes`; `CAT_USAGE` for a format that is none.
 */
export async function* readBody(body: Uint8Array, options: BodyOptions): AsyncGenerator<Arrival> {
  const importers = chosen(options)
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

/** What each piece holds, to be read before the next is asked for: an async step for each record would cost as much as it. */
async function* readPieces(
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

/** Reads the records of one file: parse, find the format, convert, decode. */
class RecordReader {
  readonly #file: string
  readonly #importers: readonly FileImporter[]
  readonly #options: Pick<ReadOptions, 'decode' | 'format' | 'keepsWire'>
  #current: FileImporter | null

  /** `first` is asked before the others, and judges what none of them knows. */
  constructor(
    file: string,
    importers: readonly FileImporter[],
    options: Pick<ReadOptions, 'decode' | 'format' | 'keepsWire'>,
    first?: FileImporter,
  ) {
    this.#file = file
    this.#importers = importers
    this.#options = options
    this.#current = options.format === undefined ? (first ?? null) : (importers[0] ?? null)
  }

  get #tenant(): string {
    return this.#options.decode.tenant ?? 'default'
  }

  refuseAt(line: number, reason: Rejection['reason'], message: string): Arrival & { readonly ok: false } {
    return { ok: false, tenant: this.#tenant, origin: { file: this.#file, line }, raw: null, reason, path: '', message }
  }

  read(record: RawRecord): Iterable<Arrival> {
    const { bytes, line } = record
    if (record.isCut) {
      return [this.#refuse(record, 'truncated', 'the input ends inside this record; it was cut short, fetch it again')]
    }
    if (bytes === null) {
      return [this.#refuse(record, 'too_large', `the record is larger than ${MAX_FOREIGN_BYTES} bytes; split it`)]
    }
    const parsed = parseRecord(bytes, MAX_FOREIGN_BYTES)
    if (!parsed.ok) return [this.#refuse(record, parsed.reason, parsed.message)]
    const event = this.#plainEvent(parsed.value, bytes)
    if (event !== null) return [this.#accept(event, parsed.value, { file: this.#file, line })]
    if (isTooDeep(parsed.value, MAX_FOREIGN_DEPTH)) {
      return [this.#refuse(record, 'too_deep', `the record is nested deeper than ${MAX_FOREIGN_DEPTH}; flatten it`)]
    }
    return this.#convertAll(elementsOf(parsed.value) ?? [parsed.value], record)
  }

  /** The short way for events of the contract among their like; null for any other record. */
  #plainEvent(value: unknown, bytes: Uint8Array): AgentEvent | null {
    if (this.#current?.format !== 'events' || bytes.length > MAX_RAW_BYTES) return null
    return plainEvent(value, this.#options.decode)
  }

  *#convertAll(values: readonly unknown[], record: RawRecord): Generator<Arrival> {
    let nth = record.nth
    for (const value of values) {
      yield* this.#convert(value, record, { file: this.#file, line: record.line }, nth)
      nth += 1
    }
  }

  *#convert(value: unknown, record: RawRecord, origin: Origin, nth: number): Generator<Arrival> {
    const importer = this.#importerOf(value)
    if (importer === null) {
      yield this.#refuseStrange(value, record)
      return
    }
    const tenant = this.#tenant
    const at = nth > 1 ? { ...origin, tenant, nth } : { ...origin, tenant }
    const isForeign = importer.format !== 'events'
    if (!isForeign && (record.bytes?.length ?? 0) > MAX_RAW_BYTES) {
      yield this.#refuse(record, 'too_large', `the record is larger than ${MAX_RAW_BYTES} bytes; shorten its content`)
      return
    }
    const decode = isForeign ? { ...this.#options.decode, maxBytes: MAX_FOREIGN_BYTES } : this.#options.decode
    for (const imported of importer.convert(value, at)) {
      const decoded = imported.ok ? decodeEvent(imported.value, decode) : imported
      if (decoded.ok) yield this.#accept(decoded.event, imported.ok ? imported.value : value, origin)
      else yield { ...decoded, tenant, origin, raw: rawOf(record) }
    }
  }

  #accept(event: AgentEvent, wire: unknown, origin: Origin): Arrival {
    return this.#options.keepsWire === true ? { ok: true, event, origin, wire } : { ok: true, event, origin }
  }

  /** The importer of the record before, while it fits; a record that no one knows goes to it too, to be told why not. */
  #importerOf(value: unknown): FileImporter | null {
    if (this.#options.format !== undefined || this.#current?.sniff(value) === true) return this.#current
    const found = this.#importers.find((importer) => importer.sniff(value))
    if (found !== undefined) this.#current = found
    return found ?? (isObject(value) ? this.#current : null)
  }

  #refuseStrange(value: unknown, record: RawRecord): Arrival {
    if (!isObject(value)) return this.#refuse(record, 'not_an_object', 'a record is one JSON object; send one a line')
    const known = this.#importers.map((importer) => importer.format).join(', ')
    return this.#refuse(
      record,
      'not_this_format',
      `the record is of no format that is known (${known}); name it by --format`,
    )
  }

  #refuse(record: RawRecord, reason: Rejection['reason'], message: string): Arrival {
    const origin = { file: this.#file, line: record.line }
    return { ok: false, tenant: this.#tenant, origin, raw: rawOf(record), reason, path: '', message }
  }
}

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value)

/** The elements of a whole `{"Records": […]}` that came as one line; null for any other record. */
function elementsOf(value: unknown): readonly unknown[] | null {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, 'Records') || 'kind' in value) return null
  const records = (value as { readonly Records: unknown }).Records
  return Array.isArray(records) ? records : null
}

function rawOf(record: RawRecord): Uint8Array | null {
  return record.bytes !== null && record.bytes.length <= MAX_RAW_BYTES ? record.bytes : null
}
