import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { ClickHouseClient } from '@clickhouse/client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { forCluster } from '../../../src/adapters/clickhouse/cluster.ts'
import { connectEmbedded } from '../../../src/adapters/clickhouse/connect.ts'
import { migrate, readMigrations, statementsOf } from '../../../src/adapters/clickhouse/migrate.ts'
import { retentionChanges } from '../../../src/adapters/clickhouse/retention.ts'
import { COMMITTED_TABLES } from '../../../src/adapters/clickhouse/save.ts'

const CLUSTER = { name: 'main', database: 'catenary' }

let path: string
let client: ClickHouseClient
let statements: readonly string[]

beforeAll(async () => {
  path = await mkdtemp(join(tmpdir(), 'catenary-cluster-'))
  client = await connectEmbedded(path)
  statements = (await readMigrations()).flatMap((one) => statementsOf(one, CLUSTER))
})
afterAll(async () => {
  await client.close()
  await rm(path, { recursive: true, force: true })
})

/** What the engine's own parser makes of a statement. Asked without a format: that would be read as part of the statement. */
async function treeOf(statement: string): Promise<string> {
  const { stream } = await client.exec({ query: `EXPLAIN AST ${statement}` })
  return (await text(stream)).replaceAll('"', '')
}

describe('the migrations on a cluster', () => {
  it('are SQL that ClickHouse reads, each on the whole cluster', async () => {
    for (const statement of statements) {
      // Rows go through the table over all shards.
      if (statement.startsWith('INSERT INTO names')) continue
      expect(statement).toContain("ON CLUSTER 'main'")
      expect(await treeOf(statement)).toMatch(/^(CreateQuery|AlterQuery)/)
    }
  })

  it.each(COMMITTED_TABLES)('%s: replicated on each shard, and one table over all', async (table) => {
    const [local, whole] = statements.filter((one) =>
      RegExp(`^CREATE TABLE IF NOT EXISTS ${table}(_local)? `).test(one),
    )
    const tree = await treeOf(local ?? '')
    expect(tree).toContain(`Identifier ${table}_local`)
    expect(tree).toMatch(
      /Function ReplicatedReplacingMergeTree \(children 1\)\n.*\n\s*Literal '\/clickhouse\/tables\/\{shard\}\/\{database\}\/\{table\}'\n\s*Literal '\{replica\}'\n\s*Identifier (sequence|changed_at)/,
    )
    expect(await treeOf(whole ?? '')).toMatch(
      new RegExp(`Function Distributed[^]*Literal 'main'[^]*Literal 'catenary'[^]*Literal '${table}_local'`),
    )
  })

  it('keep rows that replace each other on one shard', () => {
    const keyOf = (table: string) =>
      /cityHash64\((.*)\)\)$/.exec(statements.find((one) => one.includes(`EXISTS ${table} ON`)) ?? '')?.[1]
    expect(COMMITTED_TABLES.map((table) => [table, keyOf(table)])).toEqual([
      ['steps', 'tenant, workflow_id'],
      ['links', 'tenant, workflow_id'],
      ['edges', 'tenant, workflow_id'],
      ['findings', 'tenant, workflow_id'],
      ['alerts', 'tenant, alert_id'],
      ['credentials', 'tenant, credential_id'],
      ['coverage', 'tenant, id'],
      ['rejected', 'tenant, id'],
      ['heartbeats', 'tenant, event_id'],
      ['deliveries', 'tenant, alert_id'],
      ['checkpoints', 'tenant, thread'],
      ['chains', 'tenant, workflow_id'],
    ])
  })

  it('change columns in both tables, and all else where the rows are', () => {
    expect(forCluster('ALTER TABLE steps ADD COLUMN x Int8', CLUSTER)).toEqual([
      "ALTER TABLE steps_local ON CLUSTER 'main' ADD COLUMN x Int8",
      "ALTER TABLE steps ON CLUSTER 'main' ADD COLUMN x Int8",
    ])
    expect(forCluster('ALTER TABLE steps MODIFY TTL time', CLUSTER)).toEqual([
      "ALTER TABLE steps_local ON CLUSTER 'main' MODIFY TTL time",
    ])
  })

  it('have no statement that has no form for a cluster', () => {
    expect(() => forCluster('DROP TABLE steps', CLUSTER)).toThrow(expect.objectContaining({ code: 'CAT_BUG' }))
  })

  it('are not applied to tables of one server, and the other way round', async () => {
    const migrations = (await readMigrations()).slice(0, 1)
    await migrate(client, { migrations })
    await expect(migrate(client, { migrations, cluster: CLUSTER })).rejects.toMatchObject({
      code: 'CAT_STORE_REJECTED',
      message: expect.stringMatching(/one server, not of the cluster main.*clickhouse\.database/),
    })
  })

  it('forget where the rows are', async () => {
    await client.command({ query: 'CREATE TABLE IF NOT EXISTS chains_local (x Int8) ENGINE = MergeTree ORDER BY (x)' })
    const changes = await retentionChanges(client, { retention: { days: 30, tenants: {} }, cluster: CLUSTER })
    expect(changes).toEqual(["ALTER TABLE chains_local ON CLUSTER 'main' MODIFY TTL stored_at + toIntervalDay(30)"])
    for (const change of changes) expect(await treeOf(change)).toContain('AlterQuery')
  })
})
