import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ClickHouseClient } from '@clickhouse/client'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openClickHouseStore } from '../../../src/adapters/clickhouse/clickhouse-store.ts'
import { connectEmbedded } from '../../../src/adapters/clickhouse/connect.ts'
import { applyRetention, type Retention } from '../../../src/adapters/clickhouse/retention.ts'
import { COMMITTED_TABLES } from '../../../src/adapters/clickhouse/save.ts'
import { select } from '../../../src/adapters/clickhouse/select.ts'
import { chain, commit, step } from '../../contracts/rows.ts'

const DAY = 86_400_000
const ODD = "it's a 'tenant' \\ TTL x SETTINGS y"

let path: string
let client: ClickHouseClient
let store: Awaited<ReturnType<typeof openClickHouseStore>>

beforeAll(async () => {
  path = await mkdtemp(join(tmpdir(), 'catenary-retention-'))
  client = await connectEmbedded(path)
  store = await openClickHouseStore(client)
})
beforeEach(async () => {
  await applyRetention(client, { retention: { days: 0, tenants: {} } })
  for (const table of COMMITTED_TABLES) await client.command({ query: `TRUNCATE TABLE ${table}` })
})
afterAll(async () => {
  await store.close()
  await rm(path, { recursive: true, force: true })
})

const apply = (retention: Retention): Promise<readonly string[]> => applyRetention(client, { retention })

/** Merges, as ClickHouse does by itself in time; who is left then. */
async function left(table: string): Promise<readonly string[]> {
  await client.command({ query: `OPTIMIZE TABLE ${table} FINAL` })
  const rows = await select<{ tenant: string }>(client, `SELECT DISTINCT tenant FROM ${table} ORDER BY tenant`)
  return rows.map(({ tenant }) => tenant)
}

const cameDaysAgo = (days: number, ...tenants: readonly string[]) =>
  tenants.map((tenant) => step({ tenant, row: { arrivedAt: Date.now() - days * DAY } }))

describe('retention', () => {
  it("forgets one tenant's old rows and keeps another's", async () => {
    await store.save(commit(1, { steps: cameDaysAgo(10, 'acme', 'globex', ODD) }))
    await apply({ days: 30, tenants: { acme: 7, [ODD]: 9, initech: 0 } })
    await expect.poll(() => left('steps'), { timeout: 20_000 }).toEqual(['globex'])
  })

  it('keeps a tenant for good that is named with 0', async () => {
    await store.save(commit(1, { steps: cameDaysAgo(10, 'acme', 'globex') }))
    await apply({ days: 7, tenants: { globex: 0 } })
    await expect.poll(() => left('steps'), { timeout: 20_000 }).toEqual(['globex'])
  })

  it('goes by when rows came, not by what time their events say', async () => {
    const old = { firstAt: Date.parse('2020-01-01T00:00:00Z'), lastAt: Date.parse('2020-01-02T00:00:00Z') }
    await store.save(commit(1, { chains: [chain({ tenant: 'acme', ...old })] }))
    await apply({ days: 7, tenants: {} })
    expect(await left('chains')).toEqual(['acme'])
    await client.command({
      query:
        "ALTER TABLE chains UPDATE stored_at = now() - toIntervalDay(8) WHERE tenant = 'acme' SETTINGS mutations_sync = 2",
    })
    await expect.poll(() => left('chains'), { timeout: 20_000 }).toEqual([])
  })

  it.each<Retention>([
    { days: 30, tenants: {} },
    { days: 30, tenants: { acme: 7, [ODD]: 0 } },
    { days: 0, tenants: { acme: 7 } },
  ])('is set once: %o', async (retention) => {
    expect(await apply(retention)).toHaveLength(COMMITTED_TABLES.length + 1)
    expect(await apply(retention)).toEqual([])
    expect(await apply({ ...retention, tenants: { ...retention.tenants, acme: 8 } })).toHaveLength(
      COMMITTED_TABLES.length + 1,
    )
    expect(await apply({ days: 0, tenants: {} })).toHaveLength(COMMITTED_TABLES.length + 1)
    expect(await apply({ days: 0, tenants: {} })).toEqual([])
  })
})
