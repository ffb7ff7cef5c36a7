import { type Command, InvalidArgumentError, Option } from 'commander'
import { z } from 'zod'
import { parseTime } from '../../schemas/time.ts'
import type { Asked } from '../ports/index.ts'

/** What a list or a thing of the API may be asked by; its shape is the API's own, so an option cannot be missing. */
export type Query = z.ZodObject

interface Property {
  readonly type?: string
  readonly format?: string
  readonly description?: string
  readonly enum?: readonly string[]
}

/** What of a query is no filter: how much of a list is read, and from where. */
const PAGING: ReadonlySet<string> = new Set(['limit', 'cursor'])

const propertiesOf = (query: Query): readonly (readonly [string, Property])[] =>
  Object.entries(z.toJSONSchema(query, { io: 'input' }).properties ?? {}).filter(
    ([name]) => !PAGING.has(name),
  ) as readonly (readonly [string, Property])[]

/** Adds an option for each thing that the query may name: `min_score` is `--min-score`. */
export function withQuery(command: Command, query: Query): Command {
  for (const [name, { type, format, description = '', enum: words }] of propertiesOf(query)) {
    const value =
      format === 'date-time' ? '<time>' : words !== undefined ? '<word>' : type === 'number' ? '<n>' : '<id>'
    const option = new Option(`--${name.replaceAll('_', '-')} ${value}`, aboutOf(description, format))
    if (words !== undefined) option.choices(words)
    else if (format === 'date-time') option.argParser(instant)
    else if (type === 'number') option.argParser(number)
    command.addOption(option)
  }
  return command
}

function aboutOf(description: string, format: string | undefined): string {
  const plain = description.replaceAll('`', '').replace(/\.$/, '')
  const about = `${plain.slice(0, 1).toLowerCase()}${plain.slice(1)}`
  return format === 'date-time' ? `${about} (RFC 3339, or so long ago: 30m, 12h, 7d)` : about
}

/** What the flags of `withQuery` ask for, as the API takes it. */
export function queryOf(query: Query, flags: Readonly<Record<string, unknown>>): NonNullable<Asked['query']> {
  const asked: Record<string, string | number> = {}
  for (const [name] of propertiesOf(query)) {
    const value = flags[camel(name)]
    if (typeof value === 'string' || typeof value === 'number') asked[name] = value
  }
  return asked
}

const camel = (name: string): string => name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase())

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

function instant(text: string): string {
  const [, count = '', unit = ''] = /^(\d{1,6})([smhd])$/.exec(text) ?? []
  const ms = UNITS[unit]
  if (ms !== undefined) return new Date(Date.now() - Number(count) * ms).toISOString()
  if (parseTime(text) !== null) return text
  throw new InvalidArgumentError('It must be a time like 2026-11-20T09:00:00Z, or so long ago, like 12h.')
}

function number(text: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text)
  if (Number.isFinite(value)) return value
  throw new InvalidArgumentError('It must be a number.')
}
