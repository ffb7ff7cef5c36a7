import { type Command, InvalidArgumentError, Option } from 'commander'
import { type Query, type QueryField, queryFields } from '../../schemas/api/query-fields.ts'
import { parseTime } from '../../schemas/time.ts'
import type { Asked } from '../ports/index.ts'

const VALUES: Readonly<Record<QueryField['kind'], string>> = {
  text: '<id>',
  number: '<n>',
  time: '<time>',
  word: '<word>',
}

/** Adds an option for each thing that the query may name: `min_score` is `--min-score`. */
export function withQuery(command: Command, query: Query): Command {
  for (const field of queryFields(query)) {
    const { name, kind, words } = field
    const option = new Option(`--${name.replaceAll('_', '-')} ${VALUES[kind]}`, aboutOf(field))
    if (kind === 'word') option.choices(words)
    else if (kind === 'time') option.argParser(instant)
    else if (kind === 'number') option.argParser(number)
    command.addOption(option)
  }
  return command
}

function aboutOf({ about, kind }: QueryField): string {
  const plain = about.replaceAll('`', '').replace(/\.$/, '')
  const told = `${plain.slice(0, 1).toLowerCase()}${plain.slice(1)}`
  return kind === 'time' ? `${told} (RFC 3339, or so long ago: 30m, 12h, 7d)` : told
}

/** What the flags of `withQuery` ask for, as the API takes it. */
export function queryOf(query: Query, flags: Readonly<Record<string, unknown>>): NonNullable<Asked['query']> {
  const asked: Record<string, string | number> = {}
  for (const { name } of queryFields(query)) {
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
