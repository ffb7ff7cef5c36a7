import { mkdtempSync, rmSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { detectors } from '../../detectors/index.ts'
import { connectServer } from '../../src/adapters/clickhouse/connect.ts'
import { select } from '../../src/adapters/clickhouse/select.ts'
import { readConfig } from '../../src/config/index.ts'
import { type Service, startService } from '../../src/service.ts'
import { type Fault, startClickHouse, type TestClickHouse } from '../kit/clickhouse.ts'

let server: TestClickHouse
let folder: string
let service: Service
let runs = 0

beforeAll(async () => {
  server = await startClickHouse()
})
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'catenary-away-'))
  runs += 1
  service = await startService(config(), { version: 'test', logger: pino({ level: 'silent' }) })
})
afterEach(async () => {
  await server.faults.set({})
  await service.close()
  rmSync(folder, { recursive: true, force: true })
})
afterAll(() => server.stop())

/** A database of its own for each test. */
const database = (): string => `${server.database}_${runs}`

function config() {
  const env = {
    CATENARY_DATA__PATH: folder,
    CATENARY_API__PORT: '0',
    CATENARY_STORE__BATCH_MS: '0',
    CATENARY_ENGINE__TICK_MS: '20',
    CATENARY_CLICKHOUSE__URL: server.url,
    CATENARY_CLICKHOUSE__USER: server.user,
    CATENARY_CLICKHOUSE__PASSWORD: server.password,
    CATENARY_CLICKHOUSE__DATABASE: database(),
    CATENARY_CLICKHOUSE__TIMEOUT_MS: '2000',
  }
  return readConfig({ env, folder, detectors }).config
}

/** The example under another workflow id, and other event ids. */
async function example(n: number): Promise<string> {
  const text = await readFile('test/fixtures/example.ndjson', 'utf8')
  return text.replaceAll('wf-17', `wf-${n}`).replaceAll('"id":"e', `"id":"e${n}-`)
}

async function send(body: string): Promise<number> {
  const headers = { 'content-type': 'application/x-ndjson' }
  return (await fetch(`${service.url}/v1/events`, { method: 'POST', headers, body })).status
}

const ready = async (): Promise<{ readonly status: number; readonly said: string }> => {
  const answer = await fetch(`${service.url}/readyz`)
  return { status: answer.status, said: await answer.text() }
}

/** As a producer does it: the same body again until it is taken. */
async function sendUntilTaken(body: string): Promise<void> {
  await expect.poll(() => send(body), { timeout: 40_000 }).toBe(200)
}

/** The steps that are stored, by workflow. */
async function written(): Promise<readonly { readonly workflow_id: string; readonly steps: number }[]> {
  const client = connectServer({ ...server, database: database() })
  try {
    return await select(
      client,
      'SELECT workflow_id, toUInt32(uniqExact(event_id)) AS steps FROM steps FINAL GROUP BY workflow_id ORDER BY workflow_id',
    )
  } finally {
    await client.close()
  }
}

const whole = (...numbers: readonly number[]) => numbers.map((n) => ({ workflow_id: `wf-${n}`, steps: 6 }))

describe('while its ClickHouse', () => {
  it.each<[string, Fault, RegExp]>([
    ['is away', { away: true }, /See that ClickHouse is up/],
    ['is too slow', { slowMs: 4_000 }, /clickhouse\.timeoutMs/],
    ['is full', { refuse: 'disk-full' }, /Make room/],
    ['is read-only', { refuse: 'read-only' }, /Let clickhouse\.user write/],
  ])('%s, the service takes nothing, says why, and loses nothing of what it took', async (_, fault, mend) => {
    await sendUntilTaken(await example(1))
    await server.faults.set(fault)
    expect(await send(await example(2))).toBe(503)
    const red = await ready()
    expect(red.status).toBe(503)
    expect(red.said).toMatch(mend)
    await server.faults.set({})
    await expect.poll(async () => (await ready()).status, { timeout: 20_000 }).toBe(200)
    await sendUntilTaken(await example(2))
    await sendUntilTaken(await example(3))
    expect(await written()).toEqual(whole(1, 2, 3))
  })

  it.each([
    ['before', 'cut'],
    ['before', 'error'],
    ['after', 'cut'],
    ['after', 'error'],
  ] as const)('fails inserts %s they are done (%s), everything is stored in the end', async (when, answer) => {
    await server.faults.set({ inserts: { share: 0.6, seed: 5, when, answer } })
    for (const n of [1, 2, 3, 4]) await sendUntilTaken(await example(n))
    const { failedBefore, failedAfter } = await server.faults.counts()
    expect(when === 'before' ? failedBefore : failedAfter).toBeGreaterThan(0)
    await server.faults.set({})
    expect(await written()).toEqual(whole(1, 2, 3, 4))
    const alerts = (await (await fetch(`${service.url}/v1/alerts`)).json()) as { readonly items: readonly unknown[] }
    expect(alerts.items).toHaveLength(4)
  })

  it('is killed and started again, the service goes on by itself', async () => {
    await sendUntilTaken(await example(1))
    await server.kill()
    expect(await send(await example(2))).toBe(503)
    await server.restart()
    await sendUntilTaken(await example(2))
    await expect.poll(async () => (await ready()).status, { timeout: 20_000 }).toBe(200)
    expect(await written()).toEqual(whole(1, 2))
  })
})
