import type { ClickHouseClient } from '@clickhouse/client'
import { ask } from './ask.ts'

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
}

/** The embedded engine gets the rows as part of the SQL text, so both are bounded. */
const MAX_ROWS = 10_000
const MAX_CHARS = 8 * 1024 * 1024
const MAX_PARTITIONS = 50

/** Writes rows in as many inserts as they need. Resolved: every later read sees them. */
export async function insert(client: ClickHouseClient, { table, rows, partitionOf, token }: Insert): Promise<void> {
  const [first] = rows
  if (first === undefined) return
  const columns = Object.keys(first).map(quoted).join(', ')
  let part = 0
  for (const body of chunks(rows, partitionOf)) {
    const settings = `async_insert = 0, input_format_parallel_parsing = 0, insert_deduplication_token = '${token}/${table}/${part}'`
    const query = `INSERT INTO ${table} (${columns}) SETTINGS ${settings} FORMAT JSONCompactEachRow\n${body}`
    await ask(`write ${table}`, () => client.command({ query }))
    part += 1
  }
}

const quoted = (column: string): string => `\`${column}\``

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
