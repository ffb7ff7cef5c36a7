import { randomUUID } from 'node:crypto'
import type { ClickHouseClient } from '@clickhouse/client'
import { type Claim, fenced } from '../../ports/index.ts'
import { ask } from './ask.ts'
import { literal } from './literal.ts'
import { select } from './select.ts'
import { isNotOurs, stillOurs } from './still-ours.ts'

/** A row by column name. All rows of one table have the same columns in the same order. */
export type Row = Readonly<Record<string, unknown>>

export interface Insert {
  readonly table: string
  readonly rows: readonly Row[]
  /** The partition each row falls in; a server refuses an insert that touches more than 100. */
  readonly partitionOf?: (row: Row) => string
  /**
   * The same for the same rows only. An insert that comes again, since no answer came the first time, is then dropped by the
   * server: `insert_deduplication_token`. Letters, digits and `-/_`.
   */
  readonly token: string
  /** What the rows are written under; none left out. */
  readonly claims?: readonly Claim[]
}

/** The embedded engine gets the rows as part of the SQL text, so both are bounded. */
const MAX_ROWS = 10_000
const MAX_CHARS = 8 * 1024 * 1024
const MAX_PARTITIONS = 50

/**
 * Writes rows in as many inserts as they need. Resolved: every later read sees them. Throws `CAT_FENCED` when one of the claims is
 * no longer the latest of its partition; no insert that comes to the server after the later claim has then written anything.
 */
export async function insert(client: ClickHouseClient, { rows, partitionOf, ...into }: Insert): Promise<void> {
  const [first] = rows
  if (first === undefined) return
  const columns = Object.keys(first)
  let part = 0
  for (const body of chunks(rows, partitionOf)) {
    await write(client, { ...into, columns, part }, body)
    part += 1
  }
}

interface Into extends Pick<Insert, 'table' | 'token' | 'claims'> {
  readonly columns: readonly string[]
  readonly part: number
}

async function write(client: ClickHouseClient, into: Into, body: string): Promise<void> {
  const { table, token, claims = [], columns, part } = into
  const settings = `async_insert = 0, input_format_parallel_parsing = 0, insert_deduplication_token = '${token}/${table}/${part}'`
  const start = `INSERT INTO ${table} (${columns.map(quoted).join(', ')}) SETTINGS ${settings}`
  const [claim] = claims
  if (claim === undefined) {
    const query = `${start} FORMAT JSONCompactEachRow\n${body}`
    await ask(`write ${table}`, () => client.command({ query }))
    return
  }
  // Nobody who writes an event knows how the rows end.
  const end = `$rows_${randomUUID().replaceAll('-', '')}$`
  const structure = await structureOf(client, table, columns)
  const query = `${start}, max_threads = 1
    SELECT * FROM format(JSONCompactEachRow, ${literal(structure)}, ${end}${body}${end}) WHERE ${stillOurs(claims)}`
  await ask(`write ${table}`, async () => {
    try {
      await client.command({ query })
    } catch (error) {
      throw isNotOurs(error) ? fenced(claim.partition, error) : error
    }
  })
}

const quoted = (column: string): string => `\`${column}\``

const types = new WeakMap<ClickHouseClient, Map<string, Promise<ReadonlyMap<string, string>>>>()

/** Columns with their types, as `format` takes them. */
async function structureOf(client: ClickHouseClient, table: string, columns: readonly string[]): Promise<string> {
  const known = types.get(client) ?? new Map<string, Promise<ReadonlyMap<string, string>>>()
  types.set(client, known)
  const asked = known.get(table) ?? typesOf(client, table)
  known.set(table, asked)
  // A store that was away is asked again.
  asked.catch(() => known.delete(table))
  const of = await asked
  return columns.map((column) => `${quoted(column)} ${of.get(column)}`).join(', ')
}

async function typesOf(client: ClickHouseClient, table: string): Promise<ReadonlyMap<string, string>> {
  const query = 'SELECT name, type FROM system.columns WHERE database = currentDatabase() AND table = {table:String}'
  const rows = await select<{ name: string; type: string }>(client, query, { table })
  return new Map(rows.map(({ name, type }) => [name, type]))
}

function* chunks(rows: readonly Row[], partitionOf?: (row: Row) => string): Generator<string> {
  let lines: string[] = []
  let chars = 0
  const partitions = new Set<string>()
  for (const row of rows) {
    const line = lineOf(row)
    if (partitionOf !== undefined) partitions.add(partitionOf(row))
    const isFull = lines.length === MAX_ROWS || chars + line.length > MAX_CHARS || partitions.size > MAX_PARTITIONS
    if (isFull && lines.length > 0) {
      yield lines.join('\n')
      lines = []
      chars = 0
      partitions.clear()
      if (partitionOf !== undefined) partitions.add(partitionOf(row))
    }
    lines.push(line)
    chars += line.length
  }
  yield lines.join('\n')
}

/** Positions instead of names: a third less to build and to parse. ClickHouse refuses half of a surrogate pair. */
function lineOf(row: Row): string {
  const line = JSON.stringify(Object.values(row))
  return line.includes('\\ud') ? JSON.stringify(Object.values(row), wellFormed) : line
}

const LONE = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g

const wellFormed = (_key: string, value: unknown): unknown =>
  typeof value === 'string' ? value.replace(LONE, '\uFFFD') : value
