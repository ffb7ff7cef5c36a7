import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { detectors } from '../../detectors/index.ts'
import { createMemoryStore } from '../../src/adapters/memory/memory-store.ts'
import { readConfig } from '../../src/config/index.ts'
import { type Service, startService } from '../../src/service.ts'
import { metricsAt } from '../kit/metrics.ts'
import { buildProgram, objectsOf, type Serving, type Started, serveProgram, startProgram } from '../kit/program.ts'
import { type Receiver, type Reply, startReceiver } from '../kit/receiver.ts'
import { until } from '../kit/until.ts'

let folder = ''
let stops: (() => Promise<unknown>)[] = []
const example = readFileSync('test/fixtures/example.ndjson')

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'catenary-forwarding-'))
})
afterEach(async () => {
  for (const stop of stops.reverse()) await stop()
  stops = []
  rmSync(folder, { recursive: true, force: true })
})

async function receiver(answer: (count: number) => Reply): Promise<Receiver> {
  const one = await startReceiver((_, count) => answer(count))
  stops.push(one.stop)
  return one
}

const RETRY = { firstMs: 10, mostMs: 40 }

function write(destinations: readonly object[]): void {
  writeFileSync(join(folder, 'catenary.json'), JSON.stringify({ destinations }))
}

const keysAt = ({ received }: Receiver): readonly string[] =>
  received.map(({ headers }) => String(headers['idempotency-key']))

const post = (url: string): Promise<Response> =>
  fetch(`${url}/v1/events`, { method: 'POST', headers: { 'content-type': 'application/x-ndjson' }, body: example })

const json = async (url: string, init: RequestInit = {}): Promise<Record<string, unknown>> =>
  (await (await fetch(url, init)).json()) as Record<string, unknown>

describe('the service', () => {
  async function started(
    destinations: readonly object[],
    env: Readonly<Record<string, string>> = {},
  ): Promise<Service> {
    write(destinations)
    const all = { CATENARY_DATA__PATH: folder, CATENARY_API__PORT: '0', CATENARY_STORE__BATCH_MS: '0', ...env }
    const { config } = readConfig({ env: all, folder, file: join(folder, 'catenary.json'), detectors })
    const parts = { version: 'test', store: createMemoryStore(), logger: pino({ level: 'silent' }) }
    const service = await startService(config, parts)
    stops.push(() => service.close())
    return service
  }

  it('sends each alert to each destination that asks for it; one that is down stops nobody else', async () => {
    const up = await receiver(() => ({ status: 200 }))
    const down = await receiver(() => ({ status: 503 }))
    const picky = await receiver(() => ({ status: 200 }))
    const { url } = await started([
      { name: 'up', type: 'webhook', url: up.url, retry: RETRY, batch: { waitMs: 0 } },
      { name: 'down', type: 'webhook', url: down.url, retry: RETRY, batch: { waitMs: 0 } },
      { name: 'picky', type: 'webhook', url: picky.url, batch: { waitMs: 0 }, filter: { minSeverity: 'critical' } },
      { name: 'disk', type: 'file', path: join(folder, 'alerts.ndjson'), batch: { waitMs: 0 } },
    ])
    await post(url)
    const { items } = (await json(`${url}/v1/alerts`)) as { items: { alert_id: string; revision: number }[] }
    await until(() => up.received.length === items.length && down.received.length > 3)
    expect([...keysAt(up)].sort()).toEqual(items.map((one) => `${one.alert_id}-${one.revision}`).sort())
    expect(picky.received).toHaveLength(0)
    expect(readFileSync(join(folder, 'alerts.ndjson'), 'utf8').trimEnd().split('\n')).toHaveLength(items.length)
    const destinations = (await json(`${url}/v1/destinations`))['items']
    expect(destinations).toMatchObject([
      {
        name: 'up',
        destination_type: 'webhook',
        pending: 0,
        delivered: 1,
        dead: 0,
        silenced: 0,
        oldest_at: null,
        last_error: null,
      },
      { name: 'down', pending: 1, delivered: 0, last_error: expect.stringMatching(/answered 503/) },
      { name: 'picky', pending: 0, delivered: 0 },
      { name: 'disk', destination_type: 'file', delivered: 1 },
    ])
    const metrics = await metricsAt(url)
    expect(metrics.get('catenary_deliveries_total{destination="up",outcome="delivered"}')).toBe(1)
    expect(metrics.get('catenary_deliveries_total{destination="down",outcome="retried"}')).toBeGreaterThan(2)
    expect(metrics.get('catenary_delivery_queue{destination="down"}')).toBe(1)
    expect(metrics.get('catenary_delivery_oldest_seconds{destination="down"}')).toBeGreaterThan(0)
    expect(metrics.get('catenary_delivery_queue{destination="up"}')).toBe(0)
  })

  it('keeps what a destination refused, and sends it again when it is told to', async () => {
    let isMended: boolean = false
    const picky = await receiver(() => ({ status: isMended ? 200 : 400 }))
    const { url } = await started([{ name: 'picky', type: 'webhook', url: picky.url, batch: { waitMs: 0 } }])
    await post(url)
    const undelivered = async () =>
      (await json(`${url}/v1/destinations/picky/undelivered`))['items'] as Record<string, unknown>[]
    await until(async () => (await undelivered()).length === 1)
    const [dead] = await undelivered()
    expect(dead).toMatchObject({ type: 'undelivered_alert', id: keysAt(picky)[0], attempts: 1 })
    isMended = true
    const again = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' }
    expect(await json(`${url}/v1/destinations/picky/undelivered/retry`, again)).toEqual({ retried: 1 })
    await until(() => picky.received.length === 2)
    expect(new Set(keysAt(picky)).size).toBe(1)
    expect(await undelivered()).toEqual([])
  })

  it('does not start without a secret, and says which', async () => {
    const secret = { name: 'up', type: 'webhook', url: 'http://127.0.0.1:1', secret: { env: 'HOOK_SECRET' } }
    await expect(started([secret])).rejects.toThrow(/destination up: the variable HOOK_SECRET is not set/)
    const file = { ...secret, secret: { file: join(folder, 'nowhere') } }
    await expect(started([file])).rejects.toThrow(/destination up: .*nowhere: cannot be read \(ENOENT\)/)
  })
})

describe('the program', { timeout: 300_000 }, () => {
  beforeAll(() => buildProgram(), 200_000)

  const run = (argv: readonly string[], env: Readonly<Record<string, string>> = {}): Started =>
    startProgram(argv, folder, env)

  const serving = (env: Readonly<Record<string, string>> = {}): Promise<Serving> =>
    serveProgram(folder, env, (kill) => stops.push(kill))

  const listed = async (env = {}): Promise<readonly Record<string, unknown>[]> =>
    objectsOf(await run(['forward', 'list', '--json'], env).ended)

  it('delivers after kill -9 what it had not, under the same key, and tells how it stands', async () => {
    let isUp: boolean = false
    const siem = await receiver(() => (isUp ? { status: 200 } : 'cut'))
    write([{ name: 'siem', type: 'webhook', url: siem.url, retry: RETRY, batch: { waitMs: 0 } }])
    const first = await serving()
    expect((await post(first.url)).status).toBe(200)
    await until(() => siem.received.length > 2)
    const port = new URL(first.url).port
    expect(await listed({ CATENARY_API__PORT: port })).toMatchObject([
      { name: 'siem', pending: 1, delivered: 0, last_error: expect.stringMatching(/cut the connection/) },
    ])
    await first.kill()
    const before = new Set(keysAt(siem))
    isUp = true
    const count = siem.received.length
    const second = await serving()
    await until(() => siem.received.length > count)
    await until(async () => (await json(`${second.url}/v1/destinations`))['items'] !== undefined)
    expect(siem.received).toHaveLength(count + 1)
    expect(new Set(keysAt(siem))).toEqual(before)
    await until(async () => {
      const { items } = (await json(`${second.url}/v1/destinations`)) as { items: { delivered: number }[] }
      return items[0]?.delivered === 1
    })
    await second.kill()
    expect(await listed({ CATENARY_API__PORT: '1' })).toMatchObject([{ name: 'siem', pending: 0, delivered: 1 }])
  })

  it('tries a destination, and says what came back', async () => {
    const siem = await receiver((count) => (count === 1 ? { status: 202 } : { status: 401 }))
    write([{ name: 'siem', type: 'webhook', url: siem.url, token: { env: 'SIEM_TOKEN' } }])
    const env = { SIEM_TOKEN: 'hunter2' }
    const took = await run(['forward', 'test', 'siem'], env).ended
    expect(took).toMatchObject({ code: 0, out: expect.stringMatching(/^siem took the alert sample-\d+/) })
    expect(siem.received[0]?.headers['authorization']).toBe('Bearer hunter2')
    const refused = await run(['forward', 'test', 'siem', '--json'], env).ended
    expect(refused.code).toBe(3)
    expect(objectsOf(refused)).toMatchObject([
      { outcome: 'retry', why: expect.stringMatching(/401; check the secret/) },
    ])
    const unknown = await run(['forward', 'test', 'seim'], env).ended
    expect(unknown).toMatchObject({ code: 2, err: expect.stringMatching(/no destination seim; there are siem/) })
    const shown = await run(['config'], env).ended
    expect(shown.out).toContain('"name":"siem"')
    expect(JSON.stringify([took, refused, shown])).not.toContain('hunter2')
  })

  it('asks a service that wants a key with the one of CATENARY_API_KEY', async () => {
    write([{ name: 'siem', type: 'webhook', url: 'http://127.0.0.1:1' }])
    const made = await run(['keys', 'create', '--name', 'ops', '--role', 'admin', '--all-tenants', '--json']).ended
    const [key] = objectsOf<{ key: string }>(made)
    const { url } = await serving({ CATENARY_AUTH__REQUIRED: 'true' })
    const env = { CATENARY_API__PORT: new URL(url).port }
    expect(await run(['forward', 'list'], env).ended).toMatchObject({
      code: 2,
      err: expect.stringMatching(/answers 401/),
    })
    expect(await listed({ ...env, CATENARY_API_KEY: String(key?.key) })).toMatchObject([{ name: 'siem', pending: 0 }])
  })

  it('lists dead letters, and retries them where no service runs', async () => {
    const siem = await receiver(() => ({ status: 400 }))
    write([{ name: 'siem', type: 'webhook', url: siem.url, batch: { waitMs: 0 } }])
    const { url, kill } = await serving()
    await post(url)
    await until(async () => {
      const { items } = (await json(`${url}/v1/destinations`)) as { items: { dead: number }[] }
      return items[0]?.dead === 1
    })
    const here = { CATENARY_API__PORT: new URL(url).port }
    const asked = objectsOf(await run(['forward', 'dead-letters', 'list', '--json'], here).ended)
    await kill()
    const env = { CATENARY_API__PORT: '1' }
    const [letter] = objectsOf(await run(['forward', 'dead-letters', 'list', '--json'], env).ended)
    expect(asked).toEqual([letter])
    expect(letter).toMatchObject({ destination: 'siem', id: keysAt(siem)[0], error: expect.stringMatching(/400/) })
    const none = await run(['forward', 'dead-letters', 'retry', 'nobody-1'], env).ended
    expect(none).toMatchObject({ code: 2, err: expect.stringMatching(/no dead letter nobody-1; nothing was changed/) })
    const again = await run(['forward', 'dead-letters', 'retry', String(letter?.['id'])], env).ended
    expect(again).toMatchObject({ code: 0, out: expect.stringMatching(/1 dead letter to be sent again/) })
    expect(await listed(env)).toMatchObject([{ pending: 1, dead: 0 }])
  })
})
