import { z } from 'zod'
import type { AgentEvent, ContentFacts, EventKind, Json } from '../src/core/index.ts'
import { EVENT_KINDS } from '../src/core/index.ts'
import type { Decoded } from '../src/ports/index.ts'
import { CloudEvent, isCloudEvent, openCloudEvent, structuredOf } from './cloud-events.ts'
import { type ContentOptions, factsOf, originOf } from './content.ts'
import { CONTENT_FIELDS, KINDS, KNOWN_KINDS, TIME_FIELDS } from './kinds.ts'
import { leftoversOf, mergeLeftovers, type Shape, shapeOf } from './leftovers.ts'
import { NOT_PLAIN, plainObject, type Weigh } from './plain.ts'
import { type Refused, refusalOf, refuse, valueAt } from './rejection.ts'
import { createScrubber, type Scrubber } from './secrets.ts'
import { share } from './share.ts'
import { FIRST_YEAR, isStorable, LAST_YEAR, parseTime } from './time.ts'

/** The largest record of the contract, in bytes. */
export const MAX_RECORD_BYTES = 1_048_576
/** The most containers a record may hold inside one another, its own object counted. */
export const MAX_DEPTH = 64

export interface DecodeOptions {
  readonly content: ContentOptions
  /** The tenant of events that name none. Default `default`. */
  readonly tenant?: string
  /** Replaces `MAX_RECORD_BYTES` for events made from a larger foreign record. */
  readonly maxBytes?: number
}

type Fields = Record<string, unknown>
type Content = 'request' | 'content' | 'arguments' | 'result' | 'context'

interface Kind {
  readonly schema: z.ZodType
  readonly shape: Shape
  readonly content: readonly Content[]
  readonly weigh: Weigh
}

const KIND_OF: ReadonlyMap<string, Kind> = new Map(
  EVENT_KINDS.map((kind) => [
    kind,
    { schema: KINDS[kind], shape: shapeOf(KINDS[kind]), content: contentOf(kind), weigh: weigherOf(kind) },
  ]),
)

/** Content is no more than weighed, for it is not kept; the event's own time is read when its weight is known. */
function weigherOf(kind: EventKind): Weigh {
  const content = Object.fromEntries(contentOf(kind).map((name) => [name, weighContent]))
  const body: unknown = KINDS[kind].shape[kind as never]
  return plainObject(KINDS[kind], MAX_DEPTH, {
    time: (value) => (typeof value === 'string' ? value.length : NOT_PLAIN),
    ...(body instanceof z.ZodObject ? { [kind]: plainObject(body, MAX_DEPTH - 1, content) } : {}),
  })
}

function weighContent(value: unknown): number {
  if (value === undefined) return NOT_PLAIN
  const weight = weighItem(value, MAX_DEPTH - 1)
  return weight === Number.POSITIVE_INFINITY ? NOT_PLAIN : weight
}

function contentOf(kind: EventKind): readonly Content[] {
  return Object.hasOwn(CONTENT_FIELDS, kind) ? CONTENT_FIELDS[kind as keyof typeof CONTENT_FIELDS] : []
}

/**
 * The only door in: one parsed JSON value (an event, or a structured CloudEvent) becomes an immutable event or a
 * refusal. Never throws on bad input. Defaults are filled, fields nobody knows are kept in `attributes`, content becomes
 * facts, secrets become fingerprints (counted in `attributes.catenary_secrets`), lone surrogates and NUL become U+FFFD.
 * A field that is null counts as left out.
 */
export function decodeEvent(value: unknown, options: DecodeOptions): Decoded {
  if (!isFields(value))
    return refuse('not_an_object', '', 'an event is one JSON object; send one object for each event')
  const isWrapped = isCloudEvent(value)
  const plain = isWrapped ? null : plainEvent(value, options)
  if (plain !== null) return { ok: true, event: plain }
  const fault = measure(value, options.maxBytes ?? MAX_RECORD_BYTES)
  if (fault !== null) return fault
  if (!isWrapped) return decodeFields(value, options)
  const opened = openCloudEvent(value)
  if (!opened.ok) return opened
  const inner = plainEvent(opened.fields, options)
  if (inner !== null) return { ok: true, event: inner }
  const decoded = decodeFields(opened.fields, options)
  return decoded.ok ? decoded : { ...decoded, path: `data.${decoded.path}` }
}

/** The same for the bytes of one record: UTF-8 (a BOM is tolerated) and JSON are checked first. */
export function decodeRecord(
  bytes: Uint8Array,
  options: DecodeOptions,
  headers: Readonly<Record<string, string>> = {},
): Decoded {
  const parsed = parseRecord(bytes, options.maxBytes ?? MAX_RECORD_BYTES)
  return parsed.ok ? decodeEvent(structuredOf(headers, parsed.value) ?? parsed.value, options) : parsed
}

/** Whether bytes are UTF-8 is asked of the strict decoder, three times as slow, only where the lax one had a doubt. */
function textOf(bytes: Uint8Array): string {
  const text = asBuffer(bytes).toString()
  return text.includes('\ufffd') || text.charCodeAt(0) === BYTE_ORDER_MARK ? UTF8.decode(bytes) : text
}

const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)

const BYTE_ORDER_MARK = 0xfeff
const UTF8 = new TextDecoder('utf-8', { fatal: true })

/** Parses the bytes of one record, up to `maxBytes` long. */
export function parseRecord(
  bytes: Uint8Array,
  maxBytes: number,
): { readonly ok: true; readonly value: unknown } | Refused {
  if (bytes.length > maxBytes) return tooLarge(maxBytes)
  let text: string
  try {
    text = textOf(bytes)
  } catch {
    return refuse('not_utf8', '', 'the record is not UTF-8; write it as UTF-8')
  }
  try {
    return { ok: true, value: JSON.parse(text) }
  } catch {
    return refuse('not_json', '', 'the record is not JSON; write one whole JSON object a line, without trailing text')
  }
}

/** Every schema of the contract by name: `event` is one of the kinds; JSON Schema is generated from these. */
export function contractSchemas(): Record<string, z.ZodType> {
  return { ...KINDS, cloudevent: CloudEvent }
}

/** Whether a value holds more than `limit` containers inside one another. Recurses no deeper than that. */
export function isTooDeep(value: unknown, limit: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (limit === 0) return true
  if (Array.isArray(value)) return value.some((item) => isTooDeep(item, limit - 1))
  const fields = value as Fields
  for (const name in fields) {
    const item = fields[name]
    if (typeof item === 'object' && item !== null && isTooDeep(item, limit - 1)) return true
  }
  return false
}

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const tooLarge = (maxBytes: number): Refused =>
  refuse('too_large', '', `the record is larger than ${maxBytes} bytes; leave out or shorten its content`)

function measure(value: Fields, maxBytes: number): Refused | null {
  const weight = weigh(value, MAX_DEPTH)
  if (weight <= maxBytes) return null
  if (weight !== Number.POSITIVE_INFINITY) return tooLarge(maxBytes)
  return refuse(
    'too_deep',
    '',
    `the record is nested deeper than ${MAX_DEPTH}; flatten it, or send the deep part as text`,
  )
}

/** The characters of all text in a value: no more than its bytes. Infinite where it is nested deeper than `limit`. */
function weigh(value: object, limit: number): number {
  if (limit === 0) return Number.POSITIVE_INFINITY
  let sum = 0
  if (Array.isArray(value)) {
    for (const item of value) sum += weighItem(item, limit)
    return sum
  }
  const fields = value as Fields
  for (const name in fields) sum += name.length + weighItem(fields[name], limit)
  return sum
}

function weighItem(item: unknown, limit: number): number {
  if (typeof item === 'string') return item.length
  return typeof item === 'object' && item !== null ? weigh(item, limit - 1) : 1
}

const NO_ATTRIBUTES: Fields = Object.freeze({})

/**
 * The short way for an event in which there is nothing to refuse, to put aside or to replace; null sends any other value to
 * `decodeEvent`, which gives the same for this one. The event shares its inner objects with `value`.
 */
export function plainEvent(value: unknown, options: DecodeOptions): AgentEvent | null {
  if (!isFields(value)) return null
  const kind = KIND_OF.get(value['kind'] as string)
  const weight = kind?.weigh(value) ?? NOT_PLAIN
  if (kind === undefined || weight < 0 || weight > (options.maxBytes ?? MAX_RECORD_BYTES)) return null
  const time = parseTime(value['time'] as string)
  if (time === null || !isStorable(time)) return null
  const event = copyOf(value)
  event['at'] = time.at
  event['ns'] = time.ns
  fillIn(event, options)
  event['attributes'] ??= NO_ATTRIBUTES
  if (kind.content.length > 0) readPlainContent(event, kind, options)
  share(event)
  return event as unknown as AgentEvent
}

/** A copy of fields that have no strange names. Spreading an object of varying shape costs more time and more memory. */
function copyOf(fields: Readonly<Fields>): Fields {
  const copy: Fields = {}
  for (const name in fields) copy[name] = fields[name]
  return copy
}

function readPlainContent(event: Fields, kind: Kind, options: DecodeOptions): void {
  const name = event['kind'] as string
  const body = event[name] as Fields
  if (!kind.content.some((field) => body[field] !== undefined)) return
  event[name] = copyOf(body)
  const scrubber = createScrubber(options.content.key)
  readContent(event, kind.content, options.content, scrubber)
  countSecrets(event, scrubber)
}

function fillIn(event: Fields, options: DecodeOptions): void {
  event['tenant'] ??= options.tenant ?? 'default'
  event['source'] ??= 'unknown'
  event['outcome'] ??= 'attempted'
}

function countSecrets(event: Fields, scrubber: Scrubber): void {
  if (scrubber.count === 0) return
  event['attributes'] = { ...(event['attributes'] as Fields), catenary_secrets: scrubber.count }
}

function decodeFields(value: Fields, options: DecodeOptions): Decoded {
  const kind = kindOf(value)
  if ('reason' in kind) return kind
  const parsed = kind.schema.safeParse(value)
  if (parsed.success) return build(parsed.data as Fields, value, kind, options)
  const lean = withoutNulls(value, kind.shape)
  const again = kind.schema.safeParse(lean)
  return again.success ? build(again.data as Fields, lean, kind, options) : refusalOf(again.error.issues, lean)
}

function kindOf(value: Fields): Kind | Refused {
  const name = value['kind']
  if (name === undefined || name === null)
    return refuse('missing_field', 'kind', `"kind" is missing; give one of: ${KNOWN_KINDS}`)
  if (typeof name !== 'string') return refuse('wrong_type', 'kind', `"kind" is no string; give one of: ${KNOWN_KINDS}`)
  return (
    KIND_OF.get(name) ?? refuse('unknown_kind', 'kind', `"kind" is none that is known; give one of: ${KNOWN_KINDS}`)
  )
}

/** The same fields, those the contract names left out where they are null. */
function withoutNulls(value: Fields, shape: Shape): Fields {
  const lean: Fields = {}
  for (const [name, item] of Object.entries(value)) {
    const below = shape.get(name)
    if (item === null && below !== undefined) continue
    const isNamed = below !== undefined && below !== null
    Object.defineProperty(lean, name, {
      value: isNamed && isFields(item) ? withoutNulls(item, below) : item,
      enumerable: true,
      writable: true,
      configurable: true,
    })
  }
  return lean
}

function build(event: Fields, wire: Fields, kind: Kind, options: DecodeOptions): Decoded {
  const time = parseTime(event['time'] as string)
  if (time === null || !isStorable(time)) return badTime('time', time !== null)
  const bad = badTimeField(event)
  if (bad !== null) return bad
  const scrubber = createScrubber(options.content.key)
  event['at'] = time.at
  event['ns'] = time.ns
  fillIn(event, options)
  const rest = leftoversOf(wire, kind.shape)
  const given = event['attributes'] as Fields | undefined
  event['attributes'] = rest === null ? (given ?? {}) : mergeLeftovers(given, hideContent(rest, options.content))
  readContent(event, kind.content, options.content, scrubber)
  clean(event, kind.content, scrubber)
  countSecrets(event, scrubber)
  share(event)
  return { ok: true, event: event as unknown as AgentEvent }
}

function readContent(event: Fields, names: readonly Content[], options: ContentOptions, scrubber: Scrubber): void {
  const body = event[event['kind'] as string] as Fields | undefined
  if (body === undefined) return
  for (const name of names) {
    const content = body[name]
    if (content === undefined) continue
    const facts: ContentFacts = factsOf(content, options, name, originOf(body))
    body[name] = facts.retained === undefined ? facts : { ...facts, retained: scrubber.scrub<Json>(facts.retained) }
  }
}

/** Replaces secrets everywhere but in the facts of content, which hold none. */
function clean(event: Fields, content: readonly string[], scrubber: Scrubber): void {
  const kind = event['kind'] as string
  for (const name in event) {
    const item = event[name]
    if (typeof item === 'number' || name === 'kind') continue
    if (name !== kind) {
      const cleaned = scrubber.scrub(item)
      if (cleaned !== item) event[name] = cleaned
      continue
    }
    const body = item as Fields
    for (const field in body) {
      if (!content.includes(field)) body[field] = scrubber.scrub(body[field])
    }
  }
}

/** Fields of another kind's object are kept, but its content is not. */
function hideContent(rest: Fields, options: ContentOptions): Fields {
  for (const kind of Object.keys(CONTENT_FIELDS) as (keyof typeof CONTENT_FIELDS)[]) {
    const body = rest[kind]
    if (!isFields(body)) continue
    const hidden: Fields = { ...body }
    for (const name of contentOf(kind)) {
      if (hidden[name] !== undefined) hidden[name] = factsOf(hidden[name], { ...options, retain: false }, name)
    }
    rest[kind] = hidden
  }
  return rest
}

function badTimeField(event: Fields): Refused | null {
  const kind = event['kind']
  for (const path of TIME_FIELDS) {
    if (path[0] !== kind && path[0] !== 'agent') continue
    const found = valueAt(event, path)
    if (typeof found === 'string' && parseTime(found) === null) return badTime(path.join('.'), false)
  }
  const hops = event['delegation'] as readonly Fields[] | undefined
  if (hops === undefined) return null
  for (const [index, hop] of hops.entries()) {
    const at = hop['at']
    if (typeof at === 'string' && parseTime(at) === null) return badTime(`delegation[${index}].at`, false)
  }
  return null
}

function badTime(path: string, isOutside: boolean): Refused {
  const mend = isOutside
    ? `the year must be ${FIRST_YEAR} to ${LAST_YEAR}`
    : 'write RFC 3339 with an offset and at most nanoseconds, as 2026-11-20T09:00:00.123Z'
  return refuse('bad_time', path, `"${path}" is no time that can be used; ${mend}`)
}
