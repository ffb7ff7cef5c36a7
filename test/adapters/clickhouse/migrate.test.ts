import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ClickHouseClient } from '@clickhouse/client'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { connectEmbedded } from '../../../src/adapters/clickhouse/connect.ts'
import { type Migration, migrate, readMigrations } from '../../../src/adapters/clickhouse/migrate.ts'
import { select } from '../../../src/adapters/clickhouse/select.ts'

let path: string
let client: ClickHouseClient

beforeAll(async () => {
  path = await mkdtemp(join(tmpdir(), 'catenary-migrate-'))
  client = await connectEmbedded(path)
})

beforeEach(async () => {
  for (const { name } of await tables()) await client.command({ query: `DROP TABLE IF EXISTS \`${name}\`` })
})

afterAll(async () => {
  await client.close()
  await rm(path, { recursive: true, force: true })
})

const tables = () =>
  select<{ name: string }>(client, "SELECT name FROM system.tables WHERE database = 'default' ORDER BY name")

const TWO: readonly Migration[] = [
  { number: 1, name: '0001_a.sql', sql: 'CREATE TABLE a (x String) ENGINE = MergeTree ORDER BY x;', checksum: 'aa' },
  {
    number: 2,
    name: '0002_b.sql',
    sql: '-- b; and c\nCREATE TABLE b (x String) ENGINE = MergeTree ORDER BY x;\nCREATE VIEW c AS SELECT 1;',
    checksum: 'bb',
  },
]

const names = (migrations: readonly Migration[]): readonly string[] => migrations.map(({ name }) => name)

describe('migrate', () => {
  it('applies what is new, in order, once', async () => {
    expect(names(await migrate(client, { migrations: TWO.slice(0, 1) }))).toEqual(['0001_a.sql'])
    expect(names(await migrate(client, { migrations: TWO }))).toEqual(['0002_b.sql'])
    expect(await migrate(client, { migrations: TWO })).toEqual([])
    expect((await tables()).map(({ name }) => name)).toEqual(['a', 'b', 'c', 'schema_migrations'])
  })

  it('on a dry run says what it would do, and leaves an empty store empty', async () => {
    expect(names(await migrate(client, { migrations: TWO, dryRun: true }))).toEqual(['0001_a.sql', '0002_b.sql'])
    expect(await tables()).toEqual([])
  })

  it('refuses a migration that was changed after it was applied', async () => {
    await migrate(client, { migrations: TWO })
    const changed = TWO.map((one) => ({ ...one, checksum: one.number === 1 ? 'other' : one.checksum }))
    await expect(migrate(client, { migrations: changed })).rejects.toMatchObject({
      code: 'CAT_STORE_REJECTED',
      message: expect.stringMatching(/0001_a\.sql was applied as another text.*write a new migration/),
    })
  })

  it('refuses a store that is newer than the program', async () => {
    await migrate(client, { migrations: TWO })
    await expect(migrate(client, { migrations: TWO.slice(0, 1) })).rejects.toMatchObject({
      code: 'CAT_STORE_REJECTED',
      message: expect.stringMatching(/newer than this program: it has 0002_b\.sql/),
    })
  })

  it('says which migration failed, and goes on from there once it is mended', async () => {
    const broken = TWO.map((one) => (one.number === 2 ? { ...one, sql: 'CREATE NONSENSE' } : one))
    await expect(migrate(client, { migrations: broken })).rejects.toMatchObject({
      code: 'CAT_STORE_REJECTED',
      message: expect.stringContaining('0002_b.sql'),
    })
    expect(names(await migrate(client, { migrations: TWO }))).toEqual(['0002_b.sql'])
  })
})

describe('the migrations that come with the program', () => {
  it('are numbered without a gap', async () => {
    const migrations = await readMigrations()
    expect(migrations.map(({ number }) => number)).toEqual(migrations.map((_, i) => i + 1))
  })

  it('can be repeated where one was interrupted', async () => {
    await migrate(client)
    await client.command({ query: 'TRUNCATE TABLE schema_migrations' })
    expect(await migrate(client)).toHaveLength((await readMigrations()).length)
  })
})
