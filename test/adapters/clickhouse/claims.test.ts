import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ClickHouseClient } from '@clickhouse/client'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { claimsOf } from '../../../src/adapters/clickhouse/claims.ts'
import { openClickHouseStore } from '../../../src/adapters/clickhouse/clickhouse-store.ts'
import { connectEmbedded } from '../../../src/adapters/clickhouse/connect.ts'

const NOW = Date.parse('2026-11-20T09:30:00Z')

let path: string
let client: ClickHouseClient
let store: Awaited<ReturnType<typeof openClickHouseStore>>

beforeAll(async () => {
  path = await mkdtemp(join(tmpdir(), 'catenary-claims-'))
  client = await connectEmbedded(path)
  store = await openClickHouseStore(client)
})
beforeEach(() => client.command({ query: 'TRUNCATE TABLE owners' }))
afterAll(async () => {
  await store.close()
  await rm(path, { recursive: true, force: true })
})

describe('the claims in ClickHouse', () => {
  it('give a partition to the last who claimed it, and leave the others alone', async () => {
    const claims = claimsOf(client, () => NOW)
    const [first, other] = [await claims.claim(1, 'a'), await claims.claim(2, 'a')]
    const second = await claims.claim(1, 'b')
    expect(second.epoch).toBeGreaterThan(first.epoch)
    expect(await Promise.all([first, second, other].map((claim) => claims.holds(claim)))).toEqual([false, true, true])
  })

  it('grow when the clock goes back', async () => {
    const first = await claimsOf(client, () => NOW).claim(1, 'a')
    const second = await claimsOf(client, () => NOW - 3_600_000).claim(1, 'b')
    expect(second.epoch).toBeGreaterThan(first.epoch)
  })

  it('are later than those that a restored backup has forgotten', async () => {
    const before = claimsOf(client, () => NOW)
    for (const owner of ['a', 'b', 'c']) await before.claim(1, owner)
    const last = await before.claim(1, 'd')
    await client.command({ query: 'TRUNCATE TABLE owners' })
    const restored = await claimsOf(client, () => NOW + 60_000).claim(1, 'e')
    expect(restored.epoch).toBeGreaterThan(last.epoch)
  })
})
