import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ClickHouseClient } from '@clickhouse/client'
import { openClickHouseStore } from '../../src/adapters/clickhouse/clickhouse-store.ts'
import { connectEmbedded, connectServer } from '../../src/adapters/clickhouse/connect.ts'
import { COMMITTED_TABLES } from '../../src/adapters/clickhouse/save.ts'
import { createMemoryStore } from '../../src/adapters/memory/memory-store.ts'
import type { Fence } from '../../src/ports/index.ts'
import { startClickHouse, type TestClickHouse } from '../kit/clickhouse.ts'
import { type Home, keepsTheStoreContract, type Store } from './store.ts'

/** Tables that no commit writes. */
const OTHERS = [
  'api_keys',
  'api_key_uses',
  'audit_log',
  'alert_actions',
  'silences',
  'saved_queries',
  'containments',
  'names',
]

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
      for (const table of [...COMMITTED_TABLES, ...OTHERS]) await client.command({ query: `TRUNCATE TABLE ${table}` })
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

/** As the processes of a cluster write: every commit under a claim. */
function server(): Home {
  let server: TestClickHouse
  const home = clickHouse(
    'ClickHouse, server, under a claim',
    async () => {
      server = await startClickHouse()
      return connectServer(server)
    },
    () => server.stop(),
  )
  const held: Fence = { claim: { partition: 1, epoch: 2, owner: "it's me" }, pass: async () => undefined }
  return {
    ...home,
    async fresh() {
      const store = await home.fresh()
      return { ...store, save: (commit, fence = held) => store.save(commit, fence) }
    },
  }
}

keepsTheStoreContract(memory)
keepsTheStoreContract(embedded())
keepsTheStoreContract(server())
