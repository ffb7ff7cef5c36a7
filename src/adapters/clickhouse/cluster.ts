import { CatenaryError } from '../../core/index.ts'
import { literal } from './literal.ts'

/** Where the tables are when one server is not enough. Servers define `{shard}` and `{replica}` in their macros. */
export interface Cluster {
  /** As `remote_servers` of the servers' configuration names it. */
  readonly name: string
  readonly database: string
}

/** The table that holds the rows of one shard; the name itself is the whole, over all shards. */
export const localTable = (table: string): string => `${table}_local`

/**
 * A statement of a migration as a cluster takes it: rows in replicated local tables, sharded by what their identity begins
 * with (the tenant, and the workflow, alert or credential), and a `Distributed` table over them under the plain name. Reads
 * need `distributed_product_mode = 'global'`.
 */
export function forCluster(statement: string, { name, database }: Cluster): readonly string[] {
  const on = `ON CLUSTER ${literal(name)}`
  const [, table = '', rest = ''] = /^CREATE TABLE IF NOT EXISTS (\w+)([\s\S]*)$/.exec(statement) ?? []
  if (table !== '')
    return [
      `CREATE TABLE IF NOT EXISTS ${localTable(table)} ${on}${replicated(rest, PATH, "'{replica}'")}`,
      `CREATE TABLE IF NOT EXISTS ${table} ${on} AS ${localTable(table)} ENGINE = Distributed(${literal(name)}, ${literal(database)}, ${literal(localTable(table))}, cityHash64(${identity(rest)}))`,
    ]
  const [, view = '', query = ''] = /^CREATE VIEW IF NOT EXISTS (\w+)([\s\S]*)$/.exec(statement) ?? []
  if (view !== '')
    return [`CREATE VIEW IF NOT EXISTS ${view} ${on}${query}\nSETTINGS distributed_product_mode = 'global'`]
  const [, feeder = '', target = '', source = '', from = ''] =
    /^CREATE MATERIALIZED VIEW IF NOT EXISTS (\w+) TO (\w+)([\s\S]*?\bFROM )(\w+\b[\s\S]*)$/.exec(statement) ?? []
  // Each server feeds its own part of the table from its own part of the other.
  if (feeder !== '')
    return [
      `CREATE MATERIALIZED VIEW IF NOT EXISTS ${feeder} ${on} TO ${localTable(target)}${source}${from.replace(/^\w+/, localTable)}`,
    ]
  if (/^INSERT INTO \w+\s+SELECT\b/.test(statement)) return [statement]
  const [, altered = '', change = ''] = /^ALTER TABLE (\w+)([\s\S]*)$/.exec(statement) ?? []
  if (altered !== '') {
    const tables = /^\s+(ADD|DROP|RENAME|MODIFY|COMMENT) COLUMN\b/.test(change)
      ? [localTable(altered), altered]
      : [localTable(altered)]
    return tables.map((one) => `ALTER TABLE ${one} ${on}${change}`)
  }
  throw new CatenaryError('CAT_BUG', `This statement has no form for a cluster: ${statement.slice(0, 80)}`)
}

/** A small table that is whole on every server, whichever its shard. */
export const everywhere = (statement: string, { name }: Cluster): string =>
  replicated(statement, "'/clickhouse/tables/{database}/{table}'", "'{shard}-{replica}'").replace(
    /^(CREATE TABLE IF NOT EXISTS \w+)/,
    `$1 ON CLUSTER ${literal(name)}`,
  )

const PATH = "'/clickhouse/tables/{shard}/{database}/{table}'"

const replicated = (statement: string, path: string, replica: string): string =>
  statement.replace(
    /\bENGINE = (Replacing|Aggregating)MergeTree(?:\(([^)]*)\))?/,
    (_, kind: string, columns: string | undefined) =>
      `ENGINE = Replicated${kind}MergeTree(${[path, replica, ...(columns === undefined ? [] : [columns])].join(', ')})`,
  )

/** Rows that replace each other have to be on one shard. */
const identity = (definition: string): string => /\bORDER BY \((\w+, \w+)/.exec(definition)?.[1] ?? 'tenant'
