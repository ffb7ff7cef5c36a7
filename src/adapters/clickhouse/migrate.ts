import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { ClickHouseClient } from '@clickhouse/client'
import { CatenaryError } from '../../core/index.ts'
import { ask } from './ask.ts'
import { type Cluster, everywhere, forCluster } from './cluster.ts'
import { select } from './select.ts'
import { splitStatements } from './split-statements.ts'

/** One numbered SQL file. */
export interface Migration {
  readonly number: number
  /** The file's name: `0001_steps.sql`. */
  readonly name: string
  readonly sql: string
  /** SHA-256 of the text, hex; line ends do not count. */
  readonly checksum: string
}

export interface MigrateOptions {
  /** Says what would be done, and does nothing. */
  readonly dryRun?: boolean
  readonly migrations?: readonly Migration[]
  /** Else one server, or the embedded engine. */
  readonly cluster?: Cluster | undefined
}

/** Beside the sources, and beside what the build made of them. */
const SQL_DIRECTORY = fileURLToPath(new URL('../../../schemas/sql/', import.meta.url))

/** The book of what was applied. It has to be there before the first migration, so it is none itself. */
const BOOK = `CREATE TABLE IF NOT EXISTS schema_migrations
(number UInt32, name String, checksum String, applied_at DateTime64(3, 'UTC') DEFAULT now64(3))
ENGINE = ReplacingMergeTree ORDER BY number`

/** The migrations that came with this program, in order. */
export async function readMigrations(directory = SQL_DIRECTORY): Promise<readonly Migration[]> {
  const names = (await readdir(directory)).filter((name) => /^\d{4}_.*\.sql$/.test(name)).sort()
  return Promise.all(
    names.map(async (name) => {
      const sql = (await readFile(`${directory}/${name}`, 'utf8')).replaceAll('\r\n', '\n')
      return { number: Number(name.slice(0, 4)), name, sql, checksum: createHash('sha256').update(sql).digest('hex') }
    }),
  )
}

/**
 * Brings the schema up to this program's, each migration once, and returns those that were (or, on a dry run, would be)
 * applied. One that was interrupted is applied again: every statement can be repeated. Throws `CatenaryError`
 * `CAT_STORE_REJECTED` when an applied migration has changed since, or the schema is newer than this program.
 */
export async function migrate(client: ClickHouseClient, options: MigrateOptions = {}): Promise<readonly Migration[]> {
  const known = options.migrations ?? (await readMigrations())
  const applied = await readBook(client, options.cluster)
  for (const one of applied) checkAgainst(known, one)
  const done = new Set(applied.map(({ number }) => number))
  const pending = known.filter(({ number }) => !done.has(number))
  if (options.dryRun === true || pending.length === 0) return pending
  try {
    const book = options.cluster === undefined ? BOOK : everywhere(BOOK, options.cluster)
    await run(client, book, 'make its book of migrations')
    for (const migration of pending) await apply(client, migration, options.cluster)
  } catch (error) {
    throw forbidden(error, pending)
  }
  return pending
}

/** What a migration does, one statement at a time. */
export const statementsOf = ({ sql }: Migration, cluster?: Cluster): readonly string[] =>
  splitStatements(sql).flatMap((one) => (cluster === undefined ? [one] : forCluster(one, cluster)))

async function apply(client: ClickHouseClient, migration: Migration, cluster?: Cluster): Promise<void> {
  for (const statement of statementsOf(migration, cluster)) await run(client, statement, `apply ${migration.name}`)
  await record(client, migration)
}

/** Who stores rows need not be allowed to change tables; somebody else then is. */
function forbidden(error: unknown, pending: readonly Migration[]): unknown {
  if (!(error instanceof CatenaryError)) return error
  const { code, retry, details } = error
  if (details['reason'] !== 'access' && details['reason'] !== 'read-only') return error
  const names = pending.map(({ name }) => name).join(', ')
  return new CatenaryError(
    code,
    `The store's schema is older than this program, and this user may not change it: ${names} to apply. Run \`catenary migrate\` of this version once, with a clickhouse.user that may create and alter tables.`,
    { cause: error, details, ...(retry === 'later' ? { retry } : {}) },
  )
}

type Applied = Pick<Migration, 'number' | 'name' | 'checksum'>

async function readBook(client: ClickHouseClient, cluster?: Cluster): Promise<readonly Applied[]> {
  const [book] = await select<{ engine: string }>(
    client,
    "SELECT engine FROM system.tables WHERE database = currentDatabase() AND name = 'schema_migrations'",
  )
  if (book === undefined) return []
  checkPlace(book.engine.startsWith('Replicated'), cluster)
  return select<Applied>(client, 'SELECT number, name, checksum FROM schema_migrations FINAL ORDER BY number')
}

/** Tables of one server do not become those of a cluster, nor the other way round. */
function checkPlace(isOfCluster: boolean, cluster: Cluster | undefined): void {
  if (isOfCluster === (cluster !== undefined)) return
  throw new CatenaryError(
    'CAT_STORE_REJECTED',
    isOfCluster
      ? 'The tables there are those of a cluster. Set clickhouse.cluster to its name, or clickhouse.database to another database.'
      : `The tables there are those of one server, not of the cluster ${cluster?.name}. Set clickhouse.database to a new database, or leave clickhouse.cluster out.`,
  )
}

function checkAgainst(known: readonly Migration[], applied: Applied): void {
  const mine = known.find(({ number }) => number === applied.number)
  if (mine === undefined)
    throw new CatenaryError(
      'CAT_STORE_REJECTED',
      `The store's schema is newer than this program: it has ${applied.name}, which this version does not know. Use the version that made it, or a later one.`,
    )
  if (mine.checksum !== applied.checksum)
    throw new CatenaryError(
      'CAT_STORE_REJECTED',
      `The migration ${mine.name} was applied as another text (checksum ${applied.checksum.slice(0, 12)}, now ${mine.checksum.slice(0, 12)}). Put the file back as it was, and write a new migration for the change.`,
    )
}

async function record(client: ClickHouseClient, { number, name, checksum }: Migration): Promise<void> {
  const values = JSON.stringify({ number, name, checksum })
  const insert = 'INSERT INTO schema_migrations (number, name, checksum) SETTINGS async_insert = 0 FORMAT JSONEachRow'
  await run(client, `${insert}\n${values}`, `record ${name}`)
}

async function run(client: ClickHouseClient, query: string, doing: string): Promise<void> {
  await ask(doing, () => client.command({ query }))
}
