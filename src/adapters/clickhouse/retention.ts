import type { ClickHouseClient } from '@clickhouse/client'
import { ask } from './ask.ts'
import { type Cluster, forCluster, localTable } from './cluster.ts'
import { literal } from './literal.ts'
import { COMMITTED_TABLES } from './save.ts'
import { select } from './select.ts'

/** How long rows are kept, in days since they came. */
export interface Retention {
  /** Of tenants that are not named; 0 is for good. */
  readonly days: number
  /** By tenant; 0 is for good. */
  readonly tenants: Readonly<Record<string, number>>
}

export interface RetentionParts {
  readonly retention: Retention
  readonly cluster?: Cluster | undefined
}

/** The last time that a column of seconds holds. */
const NEVER = "toDateTime('2106-01-01 00:00:00', 'UTC')"

/**
 * The statements that make the tables forget as the settings say, none where they do already. Rows go when their parts are
 * merged, some hours after their time.
 */
export async function retentionChanges(
  client: ClickHouseClient,
  { retention, cluster }: RetentionParts,
): Promise<readonly string[]> {
  const engines = await enginesOf(client)
  const changes: string[] = []
  for (const table of [...COMMITTED_TABLES, 'names']) {
    const engine = engines.get(cluster === undefined ? table : localTable(table))
    const wanted = expression(table, retention)
    if (engine === undefined || (await isSame(client, engine, wanted))) continue
    const change = `ALTER TABLE ${table} ${wanted === null ? 'REMOVE TTL' : `MODIFY TTL ${wanted}`}`
    changes.push(...(cluster === undefined ? [change] : forCluster(change, cluster)))
  }
  return changes
}

/** Makes the tables forget as the settings say; returns what it changed. */
export async function applyRetention(client: ClickHouseClient, parts: RetentionParts): Promise<readonly string[]> {
  const changes = await retentionChanges(client, parts)
  for (const query of changes) await ask('set how long rows are kept', () => client.command({ query }))
  return changes
}

/** Steps go by when they arrived, all else by when it was last written, whatever time its events say. */
function expression(table: string, { days, tenants }: Retention): string | null {
  const column = table === 'steps' ? "toDateTime(arrived_at, 'UTC')" : 'stored_at'
  const until = (kept: number): string => (kept === 0 ? NEVER : `${column} + toIntervalDay(${kept})`)
  const named = Object.entries(tenants)
    .filter(([, kept]) => kept !== days)
    .sort(([a], [b]) => (a < b ? -1 : 1))
  if (named.length === 0) return days === 0 ? null : until(days)
  const cases = named.map(([tenant, kept]) => `tenant = ${literal(tenant)}, ${until(kept)}`)
  return `multiIf(${cases.join(', ')}, ${until(days)})`
}

/** Whether a table's engine has this expression already, as ClickHouse itself writes it. */
async function isSame(client: ClickHouseClient, engine: string, wanted: string | null): Promise<boolean> {
  const [, there] = / ORDER BY (?:\w+|\([^)]*\)) TTL (.*)$/s.exec(engine) ?? []
  if (wanted === null || there === undefined) return wanted === null && there === undefined
  const query = `ALTER TABLE t MODIFY TTL ${wanted}`
  const rows = await select<{ text: string }>(client, 'SELECT formatQuerySingleLine({query:String}) AS text', { query })
  const text = /MODIFY TTL (.*)\)$/s.exec(rows[0]?.text ?? '')?.[1] ?? wanted
  return there === text || there.startsWith(`${text} SETTINGS `)
}

async function enginesOf(client: ClickHouseClient): Promise<ReadonlyMap<string, string>> {
  const query = 'SELECT name, engine_full AS engine FROM system.tables WHERE database = currentDatabase()'
  return new Map(
    (await select<{ name: string; engine: string }>(client, query)).map(({ name, engine }) => [name, engine]),
  )
}
