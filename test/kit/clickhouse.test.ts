import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { connectServer } from '../../src/adapters/clickhouse/connect.ts'
import { startClickHouse, type TestClickHouse } from './clickhouse.ts'

let server: TestClickHouse
let client: ReturnType<typeof connectServer>
beforeAll(async () => {
  server = await startClickHouse()
  client = connectServer(server)
  await client.command({ query: 'CREATE TABLE t (n UInt32, text String) ENGINE = MergeTree ORDER BY n' })
})
afterEach(async () => {
  await server.faults.set({})
  await client.command({ query: 'TRUNCATE TABLE t' })
})
afterAll(async () => {
  await client.close()
  await server.stop()
})

const add = (n: number): Promise<unknown> =>
  client.insert({ table: 't', values: [{ n, text: `row ${n}` }], format: 'JSONEachRow' })

async function rows(): Promise<readonly number[]> {
  const result = await client.query({ query: 'SELECT n FROM t ORDER BY n', format: 'JSONEachRow' })
  return (await result.json<{ n: number }>()).map(({ n }) => n)
}

describe('the ClickHouse of the tests', () => {
  it('answers pings, keeps rows, binds parameters and says what is wrong as a server does', async () => {
    expect(await client.ping()).toEqual({ success: true })
    await add(1)
    await add(2)
    const tricky = "tab\t, 'quote', back\\slash, newline\n, täxt"
    const result = await client.query({
      query:
        'SELECT {text:String} AS text, {list:Array(String)} AS list, currentDatabase() AS db, toUInt32(count()) AS found FROM t WHERE n IN {ns:Array(UInt32)}',
      query_params: { text: tricky, list: [tricky, 'b'], ns: [1, 7] },
      format: 'JSONEachRow',
    })
    expect(await result.json()).toEqual([{ text: tricky, list: [tricky, 'b'], db: server.database, found: 1 }])
    await expect(client.command({ query: 'SELECT {text:String}' })).rejects.toMatchObject({ code: '456' })
    await expect(client.command({ query: 'SELECT nope FROM t' })).rejects.toMatchObject({
      code: '47',
      type: 'UNKNOWN_IDENTIFIER',
    })
  })

  it('takes long parameters', async () => {
    const list = Array.from({ length: 500 }, (_, i) => `key-${i}-${'x'.repeat(60)}`)
    const query = 'SELECT length({list:Array(String)}) AS n'
    const result = await client.query({ query, query_params: { list }, format: 'JSONEachRow' })
    expect(await result.json()).toEqual([{ n: 500 }])
  })

  it('keeps settings to the query they came with', async () => {
    const settings = { clickhouse_settings: { max_block_size: '7' } }
    const query = "SELECT value FROM system.settings WHERE name = 'max_block_size'"
    const settingOf = async (more: object): Promise<unknown> =>
      (await client.query({ query, format: 'JSONEachRow', ...more })).json()
    expect(await settingOf(settings)).toEqual([{ value: '7' }])
    expect(await settingOf({})).not.toEqual([{ value: '7' }])
  })

  it('knows who may come in', async () => {
    const stranger = connectServer({ ...server, password: 'wrong' })
    await expect(stranger.command({ query: 'SELECT 1' })).rejects.toMatchObject({ code: '516' })
    await stranger.close()
  })

  it('goes away and comes back', async () => {
    await add(1)
    await server.faults.set({ away: true })
    await expect(rows()).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    await server.faults.set({})
    expect(await rows()).toEqual([1])
  })

  it('keeps what was answered when it is killed', async () => {
    await add(1)
    await server.kill()
    await expect(rows()).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    await server.restart()
    expect(await rows()).toEqual([1])
  })

  it.each(['cut', 'error'] as const)('fails inserts before and after they are done (%s)', async (answer) => {
    await server.faults.set({ inserts: { share: 1, seed: 7, when: 'before', answer } })
    await expect(add(1)).rejects.toThrow()
    await server.faults.set({ inserts: { share: 1, seed: 7, when: 'after', answer } })
    await expect(add(2)).rejects.toThrow()
    expect(await rows()).toEqual([2])
  })

  it('fails the same inserts for the same seed', async () => {
    const failed = async (): Promise<readonly boolean[]> => {
      await server.faults.set({ inserts: { share: 0.5, seed: 3, when: 'before', answer: 'error' } })
      const all: boolean[] = []
      for (let n = 0; n < 12; n++)
        all.push(
          await add(n).then(
            () => false,
            () => true,
          ),
        )
      return all
    }
    const first = await failed()
    expect(new Set(first).size).toBe(2)
    expect(await failed()).toEqual(first)
    expect((await server.faults.counts()).failedBefore).toBeGreaterThan(0)
  })

  it('is full, read-only, or refuses the password', async () => {
    await server.faults.set({ refuse: 'disk-full' })
    await expect(add(1)).rejects.toMatchObject({ code: '243' })
    await server.faults.set({ refuse: 'read-only' })
    await expect(add(1)).rejects.toMatchObject({ code: '164' })
    expect(await rows()).toEqual([])
    await server.faults.set({ refuse: 'wrong-password' })
    await expect(rows()).rejects.toMatchObject({ code: '516' })
  })
})
