import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ClickHouseClient } from '@clickhouse/client'
import { describe, it } from 'vitest'
import { openClickHouseStore } from '../../src/adapters/clickhouse/clickhouse-store.ts'
import { connectEmbedded, connectServer } from '../../src/adapters/clickhouse/connect.ts'
import { COMMITTED_TABLES } from '../../src/adapters/clickhouse/save.ts'
import { createMemoryStore } from '../../src/adapters/memory/memory-store.ts'
import { type Home, keepsTheStoreContract, type Store } from './store.ts'

const memory: Home = {
  name: 'memory',
  open: async () => {},
  fresh: async () => createMemoryStore(),
  close: async () => {},
}

/** One connection for all tests: the embedded engine holds one directory a process. */
function clickHouse(name: string, connect: () => Promise<ClickHouseClient>, drop: () => Promise<void>): Home {
  let client: ClickHouseClient
  let store: Store
  return {
    name,
    async open() {
      client = await connect()
      store = await openClickHouseStore(client)
    },
    async fresh() {
      for (const table of COMMITTED_TABLES) await client.command({ query: `TRUNCATE TABLE ${table}` })
      return store
    },
    async close() {
      await store.close()
      await drop()
    },
  }
}

function embedded(): Home {
  let path = ''
  return clickHouse(
    'ClickHouse, embedded',
    async () => {
      path = await mkdtemp(join(tmpdir(), 'catenary-store-'))
      return connectEmbedded(path)
    },
    () => rm(path, { recursive: true, force: true }),
  )
}

function server(url: string): Home {
  const database = `catenary_test_${randomUUID().replaceAll('-', '')}`
  const command = async (query: string): Promise<void> => {
    const client = connectServer({ url })
    await client.command({ query })
    await client.close()
  }
  return clickHouse(
    'ClickHouse, server',
    async () => {
      await command(`CREATE DATABASE ${database}`)
      return connectServer({ url, database })
    },
    () => command(`DROP DATABASE ${database}`),
  )
}

keepsTheStoreContract(memory)
keepsTheStoreContract(embedded())

const url = process.env['CATENARY_TEST_CLICKHOUSE_URL']
if (url === undefined)
  describe('ClickHouse, server', () => {
    it.skip('not run: set CATENARY_TEST_CLICKHOUSE_URL to a server to run the same tests on it', () => {})
  })
else keepsTheStoreContract(server(url))
