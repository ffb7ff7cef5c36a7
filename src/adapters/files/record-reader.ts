import { type DecodeOptions, decodeEvent, isTooDeep, parseRecord, plainEvent } from '../../../schemas/event.ts'
import { type AgentEvent, CatenaryError } from '../../core/index.ts'
import type { Arrival, Origin, Rejection } from '../../ports/index.ts'
import type { RawRecord } from './split-records.ts'

/** What the reader needs of an importer; `src/importers` has them. */
export interface FileImporter {
  readonly format: string
  sniff(record: unknown): boolean
  convert(
    record: unknown,
    at: { readonly file: string; readonly line: number; readonly tenant: string; readonly nth?: number },
  ): readonly ({ readonly ok: true; readonly value: unknown } | ({ readonly ok: false } & Rejection))[]
}

/** How records become events. */
export interface RecordOptions {
  readonly decode: DecodeOptions
  /** The one format to read; sniffed from each record's content when left out. */
  readonly format?: string
  /** In the order in which they are asked. */
  readonly importers: readonly FileImporter[]
  /** Hands on the wire form of each event as well: for those who send it on, and store nothing. */
  readonly keepsWire?: boolean
}

/** The largest foreign record, in bytes; an event of the contract may have 1 MiB. */
export const MAX_FOREIGN_BYTES = 16 * 1_048_576
const MAX_FOREIGN_DEPTH = 256
/** The largest record that is kept when it is refused, in bytes. */
export const MAX_RAW_BYTES = 1_048_576

/** The importers to ask: all, or those of the one format. Throws `CAT_USAGE` for a format that is none. */
export function chosenImporters(options: Pick<RecordOptions, 'format' | 'importers'>): readonly FileImporter[] {
  if (options.format === undefined) return options.importers
  const found = options.importers.filter((importer) => importer.format === options.format)
  if (found.length > 0) return found
  const known = options.importers.map((importer) => importer.format).join(', ')
  throw new CatenaryError('CAT_USAGE', `unknown format "${options.format}"; use one of: ${known}`)
}

/** Reads the records of one file: parse, find the format, convert, decode. */
export class RecordReader {
  readonly #file: string
  readonly #importers: readonly FileImporter[]
  readonly #options: Pick<RecordOptions, 'decode' | 'format' | 'keepsWire'>
  #current: FileImporter | null

  /** `first` is asked before the others, and judges what none of them knows. */
  constructor(
    file: string,
    importers: readonly FileImporter[],
    options: Pick<RecordOptions, 'decode' | 'format' | 'keepsWire'>,
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
