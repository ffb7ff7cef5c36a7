import { z } from 'zod'
import { isPlainName, isPlainText } from './secrets.ts'
import { parseTime } from './time.ts'

/**
 * How heavy a value is (the characters of all its text, names of fields too, and 1 for anything else) if it is plain: it
 * fits its schema, the schema names every field of it, and nothing in it looks like a secret or holds a character that
 * must be replaced. A plain value goes in as it is; `NOT_PLAIN` says no more than that somebody must look closely.
 */
export type Weigh = (value: unknown) => number

export const NOT_PLAIN = -1

const never: Weigh = () => NOT_PLAIN

/**
 * Compiles an object schema to one walk over a value that does the work of four: fit, size, leftovers, secrets. It takes
 * nothing for plain that the schema refuses, and what it does not understand of a schema is never plain: that is left to
 * zod. `limit` is the most containers inside one another; `special` has the fields that are weighed in a way of their own.
 */
export function plainObject(schema: z.ZodObject, limit: number, special: Readonly<Record<string, Weigh>> = {}): Weigh {
  const fields = new Map<string, Weigh>()
  const required = new Set<string>()
  for (const [name, field] of Object.entries(schema.shape)) {
    if (!(field instanceof z.ZodOptional)) required.add(name)
    fields.set(name, isPlainName(name) ? (special[name] ?? plain(field, limit - 1)) : never)
  }
  return (value) => {
    if (!isObject(value)) return NOT_PLAIN
    let weight = 0
    let found = 0
    for (const name in value) {
      const weigh = fields.get(name)
      const more = weigh === undefined ? NOT_PLAIN : weigh(value[name])
      if (more < 0) return NOT_PLAIN
      if (required.size > 0 && required.has(name)) found += 1
      weight += name.length + more
    }
    return found === required.size ? weight : NOT_PLAIN
  }
}

function plain(field: unknown, limit: number): Weigh {
  if (field instanceof z.ZodOptional) return plain(field.unwrap(), limit)
  if (field instanceof z.ZodObject) return plainObject(field, limit)
  if (field instanceof z.ZodArray) return plainList(plain(field.unwrap(), limit - 1))
  if (field instanceof z.ZodString)
    return field.meta()?.['format'] === 'date-time' ? plainTime(field) : plainString(field)
  if (field instanceof z.ZodNumber) return plainNumber(field)
  if (field instanceof z.ZodBoolean) return (value) => (typeof value === 'boolean' ? 1 : NOT_PLAIN)
  if (field instanceof z.ZodEnum) return plainChoice(field.options)
  if (field instanceof z.ZodLiteral) return plainChoice([...field.values])
  if (field instanceof z.ZodUnion) return plainUnion(field.options.map((option) => plain(option, limit)))
  if (field instanceof z.ZodUnknown) return (value) => plainJson(value, limit)
  if (field instanceof z.ZodRecord && field.valueType instanceof z.ZodUnknown) {
    return (value) => (isObject(value) ? plainJson(value, limit) : NOT_PLAIN)
  }
  return never
}

const plainString = (schema: z.ZodString): Weigh => {
  const { known, least, most } = boundsOf(schema)
  if (!known) return never
  return (value) => {
    if (typeof value !== 'string' || value.length < least || value.length > most) return NOT_PLAIN
    return isPlainText(value) ? value.length : NOT_PLAIN
  }
}

/** A time is made of digits and a few signs, and so holds no secret. */
const plainTime = (schema: z.ZodString): Weigh =>
  boundsOf(schema).known
    ? (value) => (typeof value === 'string' && parseTime(value) !== null ? value.length : NOT_PLAIN)
    : never

function plainNumber(schema: z.ZodNumber): Weigh {
  const { known, least, most } = boundsOf(schema)
  if (!known) return never
  return (value) =>
    typeof value === 'number' && Number.isFinite(value) && value >= least && value <= most ? 1 : NOT_PLAIN
}

function plainChoice(choices: readonly unknown[]): Weigh {
  const known = new Set(choices)
  return (value) => (typeof value === 'string' && known.has(value) ? value.length : NOT_PLAIN)
}

function plainUnion(options: readonly Weigh[]): Weigh {
  return (value) => {
    for (const weigh of options) {
      const weight = weigh(value)
      if (weight >= 0) return weight
    }
    return NOT_PLAIN
  }
}

function plainList(weigh: Weigh): Weigh {
  return (value) => {
    if (!Array.isArray(value)) return NOT_PLAIN
    let weight = 0
    for (const item of value) {
      const more = weigh(item)
      if (more < 0) return NOT_PLAIN
      weight += more
    }
    return weight
  }
}

/** JSON that no schema describes and that is kept. */
function plainJson(value: unknown, limit: number): number {
  if (typeof value === 'string') return isPlainText(value) ? value.length : NOT_PLAIN
  if (typeof value === 'number') return Number.isFinite(value) ? 1 : NOT_PLAIN
  if (typeof value === 'boolean' || value === null) return 1
  if (typeof value !== 'object' || limit === 0) return NOT_PLAIN
  let weight = 0
  if (Array.isArray(value)) {
    for (const item of value) {
      const more = plainJson(item, limit - 1)
      if (more < 0) return NOT_PLAIN
      weight += more
    }
    return weight
  }
  const fields = value as Record<string, unknown>
  for (const name in fields) {
    const more = isPlainName(name) ? plainJson(fields[name], limit - 1) : NOT_PLAIN
    if (more < 0) return NOT_PLAIN
    weight += name.length + more
  }
  return weight
}

interface Bounds {
  /** Whether the bounds are all that the schema checks. */
  readonly known: boolean
  readonly least: number
  readonly most: number
}

/** The bounds of a text's length or of a number. */
function boundsOf(schema: z.ZodString | z.ZodNumber): Bounds {
  let bounds: Bounds = { known: true, least: Number.NEGATIVE_INFINITY, most: Number.POSITIVE_INFINITY }
  for (const check of schema.def.checks ?? []) {
    const rule = check._zod.def as { readonly check: string } & Readonly<Record<string, unknown>>
    if (rule.check === 'min_length') bounds = { ...bounds, least: Math.max(bounds.least, Number(rule['minimum'])) }
    else if (rule.check === 'max_length') bounds = { ...bounds, most: Math.min(bounds.most, Number(rule['maximum'])) }
    else if (rule.check === 'greater_than' && rule['inclusive'] === true)
      bounds = { ...bounds, least: Math.max(bounds.least, Number(rule['value'])) }
    else bounds = { ...bounds, known: false }
  }
  return bounds
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
