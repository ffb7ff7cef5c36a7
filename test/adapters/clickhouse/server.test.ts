import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { openClickHouseStore, readerAndWriter } from '../../../src/adapters/clickhouse/clickhouse-store.ts'
import { connectServer } from '../../../src/adapters/clickhouse/connect.ts'
import { type Migration, readMigrations } from '../../../src/adapters/clickhouse/migrate.ts'
import { connectStore } from '../../../src/service/open-store.ts'
import { commit, step } from '../../contracts/rows.ts'
import { startClickHouse, type TestClickHouse } from '../../kit/clickhouse.ts'

let server: TestClickHouse
beforeAll(async () => {
  server = await startClickHouse({ isSecure: true })
  await (await openClickHouseStore(connectServer(server))).close()
})
afterEach(() => server.faults.set({}))
afterAll(() => server.stop())

/** The store on that server, for as long as the test of it. */
async function withStore(
  more: Partial<Parameters<typeof connectServer>[0]>,
  test: (store: ReturnType<typeof readerAndWriter>, client: ReturnType<typeof connectServer>) => Promise<void>,
): Promise<void> {
  const client = connectServer({ ...server, ...more })
  try {
    await test(readerAndWriter(client), client)
  } finally {
    await client.close()
  }
}

const settings = (more: Readonly<Record<string, unknown>> = {}) => ({
  data: { path: join('nowhere', 'at', 'all') },
  retention: { tenants: {} },
  clickhouse: { ...server, verify: true, compression: true, timeoutMs: 60_000, ...more },
})

describe('a server with a certificate of its own', () => {
  it('is trusted by the file of its authority', () => withStore({}, (store) => store.ping()))

  it('is not trusted without, and the error says what to set', () =>
    withStore({ caFile: undefined }, async (store) => {
      await expect(store.ping()).rejects.toMatchObject({
        code: 'CAT_STORE_UNAVAILABLE',
        details: { reason: 'untrusted' },
        message: expect.stringContaining('clickhouse.caFile'),
      })
    }))

  it('is used all the same where the operator says so', () =>
    withStore({ caFile: undefined, verify: false }, (store) => store.ping()))

  it('cannot be trusted by a file that is not there', () => {
    expect(() => connectServer({ ...server, caFile: 'no-such.pem' })).toThrow(
      expect.objectContaining({ code: 'CAT_CONFIG', message: expect.stringContaining('no-such.pem') }),
    )
  })
})

describe('a server that is away', () => {
  it('fails a question of many parts once, and leaves no part that fails for nobody', async () => {
    const nobodys: unknown[] = []
    const hear = (error: unknown): unknown => nobodys.push(error)
    process.on('unhandledRejection', hear)
    try {
      await withStore({}, async (store) => {
        await server.faults.set({ away: true })
        const kinds = [
          'chain',
          'credential',
          'grant',
          'agent',
          'session',
          'group',
          'event',
          'kin',
          'heartbeat',
        ] as const
        const needs = kinds.map((kind) => ({ kind, tenant: 'default', subject: 'x' }))
        for (const asked of [needs, needs.filter(({ kind }) => kind === 'agent' || kind === 'chain')])
          await expect(store.load(asked, 'readers')).rejects.toMatchObject({ code: 'CAT_STORE_UNAVAILABLE' })
        // Asked after all parts: by its answer theirs are there.
        await expect(store.ping()).rejects.toMatchObject({ code: 'CAT_STORE_UNAVAILABLE' })
      })
    } finally {
      process.off('unhandledRejection', hear)
    }
    expect(nobodys).toEqual([])
  })
})

describe('a server that cannot', () => {
  it.each([
    ['disk-full', 'CAT_STORE_UNAVAILABLE', 'full', /Make room/],
    ['read-only', 'CAT_STORE_UNAVAILABLE', 'read-only', /Let clickhouse\.user write/],
    ['wrong-password', 'CAT_STORE_REJECTED', 'authentication', /Set clickhouse\.user and clickhouse\.password/],
  ] as const)('is told of as such: %s', (refuse, code, reason, mend) =>
    withStore({}, async (store) => {
      await server.faults.set({ refuse })
      await expect(store.save(commit(1, { steps: [step({})] }))).rejects.toMatchObject({
        code,
        details: { reason },
        message: expect.stringMatching(mend),
      })
    }),
  )

  it('answer in time is slow', () =>
    withStore({ timeoutMs: 100 }, async (store) => {
      await server.faults.set({ slowMs: 5_000 })
      await expect(store.ping()).rejects.toMatchObject({
        code: 'CAT_STORE_UNAVAILABLE',
        details: { reason: 'slow' },
        message: expect.stringContaining('clickhouse.timeoutMs'),
      })
    }))

  it('find the database is asked to make it', () =>
    withStore({ database: 'not_there' }, async (store) => {
      await expect(store.ping()).rejects.toMatchObject({
        code: 'CAT_STORE_REJECTED',
        details: { reason: 'unknown-database' },
        message: expect.stringContaining('`catenary migrate`'),
      })
    }))
})

describe('connecting', () => {
  it('makes the database that is not there, and needs no right to where it is', async () => {
    const database = `${server.database}_new`
    await (await connectStore(settings({ database }))).close()
    await withStore({ database }, (store) => store.ping())
    await server.faults.set({ refuse: 'read-only' })
    await (await connectStore(settings({ database }))).close()
    await expect(connectStore(settings({ database: `${database}er` }))).rejects.toMatchObject({
      code: 'CAT_STORE_UNAVAILABLE',
      details: { reason: 'read-only' },
    })
    await server.faults.set({})
    await withStore({}, async (_, client) => {
      await client.command({ query: `DROP DATABASE ${database}` })
    })
  })

  it('is refused with the wrong password', async () => {
    await expect(connectStore(settings({ password: 'wrong' }))).rejects.toMatchObject({
      code: 'CAT_STORE_REJECTED',
      details: { reason: 'authentication' },
    })
  })

  it('to a schema that is older, with a user who may not change it, names `catenary migrate`', async () => {
    const more: Migration = {
      number: 9_999,
      name: '9999_more.sql',
      sql: 'CREATE TABLE more (x Int8) ENGINE = MergeTree ORDER BY x',
      checksum: 'x',
    }
    const migrations = [...(await readMigrations()), more]
    await server.faults.set({ refuse: 'read-only' })
    await expect(openClickHouseStore(connectServer(server), { migrations })).rejects.toMatchObject({
      message: expect.stringMatching(/older than this program.*9999_more\.sql.*`catenary migrate`/),
    })
  })
})

describe('an insert whose answer is lost', () => {
  it('is done once, however often it is sent', () =>
    withStore({}, async (store, client) => {
      await client.command({ query: 'TRUNCATE TABLE steps' })
      const steps = Array.from({ length: 20 }, (_, i) => step({ id: `e${i}` }))
      await server.faults.set({ inserts: { share: 0.6, seed: 11, when: 'after', answer: 'cut' } })
      const one = commit(1, { steps })
      await expect
        .poll(
          () =>
            store.save(one).then(
              () => true,
              () => false,
            ),
          { timeout: 30_000 },
        )
        .toBe(true)
      expect((await server.faults.counts()).failedAfter).toBeGreaterThan(0)
      const result = await client.query({ query: 'SELECT toUInt32(count()) AS n FROM steps', format: 'JSONEachRow' })
      expect(await result.json()).toEqual([{ n: 20 }])
    }))
})
