import { mkdtempSync, rmSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { detectors } from '../../detectors/index.ts'
import { createMemoryStore } from '../../src/adapters/memory/memory-store.ts'
import { type Config, readConfig } from '../../src/config/index.ts'
import { CatenaryError } from '../../src/core/index.ts'
import { createLogger } from '../../src/service/logger.ts'
import type { Store } from '../../src/service/open-store.ts'
import { type Service, startService } from '../../src/service.ts'

let folder = ''
let open: Service[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'catenary-service-'))
})

afterEach(async () => {
  await Promise.all(open.map((service) => service.close()))
  open = []
  rmSync(folder, { recursive: true, force: true })
})

function configured(env: Readonly<Record<string, string>> = {}): Config {
  const all = { CATENARY_DATA__PATH: folder, CATENARY_API__PORT: '0', CATENARY_STORE__BATCH_MS: '0', ...env }
  return readConfig({ env: all, folder, detectors }).config
}

async function started(store: Store, env: Readonly<Record<string, string>> = {}): Promise<Service> {
  const service = await startService(configured(env), { version: 'test', store, logger: pino({ level: 'silent' }) })
  open.push(service)
  return service
}

/** A store whose disk can be filled and emptied, and that can refuse for good. */
function fillable(): Store & { trouble: CatenaryError | null } {
  const inner = createMemoryStore()
  const store = {
    ...inner,
    trouble: null as CatenaryError | null,
    save: async (commit: Parameters<Store['save']>[0]) => {
      if (store.trouble !== null) throw store.trouble
      await inner.save(commit)
    },
  }
  return store
}

const FULL = new CatenaryError('CAT_STORE_UNAVAILABLE', 'The store could not write: no space left.', { retry: 'later' })

const example = (): Promise<Buffer> => readFile('test/fixtures/example.ndjson')

async function send(url: string, body: Uint8Array): Promise<Response> {
  const headers = { 'content-type': 'application/x-ndjson' }
  return fetch(`${url}/v1/events`, { method: 'POST', headers, body })
}

const json = async (url: string): Promise<Record<string, unknown>> =>
  (await (await fetch(url)).json()) as Record<string, unknown>

const alertsAt = async (url: string): Promise<readonly { alert_id: string; revision: number }[]> =>
  (await json(`${url}/v1/alerts`))['items'] as { alert_id: string; revision: number }[]

describe('the service', () => {
  it('stores what it accepted, tells it, and counts it', async () => {
    const { url } = await started(createMemoryStore())
    expect(await (await send(url, await example())).json()).toMatchObject({ accepted: 6, rejected: 0 })
    expect(await (await send(url, await example())).json()).toMatchObject({ accepted: 0, duplicates: 6 })
    expect(await alertsAt(url)).toHaveLength(1)
    const metrics = await (await fetch(`${url}/metrics`)).text()
    expect(metrics).toContain('catenary_events_total{verdict="accepted"} 6')
    expect(metrics).toContain('catenary_events_total{verdict="duplicate"} 6')
    expect(metrics).toContain('catenary_alerts_total{severity="high"} 1')
    expect(metrics).toContain('catenary_open_chains 1')
  })

  it('answers 503 and turns red while the store has no room, and goes on by itself when it has', async () => {
    const store = fillable()
    const { url } = await started(store, { CATENARY_ENGINE__TICK_MS: '10' })
    store.trouble = FULL
    const refused = await send(url, await example())
    expect(refused.status).toBe(503)
    expect(refused.headers.get('retry-after')).not.toBeNull()
    const red = await fetch(`${url}/readyz`)
    expect(red.status).toBe(503)
    expect(await red.text()).toContain('no space left')
    store.trouble = null
    await expect.poll(async () => (await fetch(`${url}/readyz`)).status).toBe(200)
    expect((await send(url, await example())).status).toBe(200)
    expect(await alertsAt(url)).toHaveLength(1)
    expect(await json(`${url}/v1/chains/wf-17`)).toMatchObject({ events: 6, steps: 6 })
  })

  it('keeps no more than one batch in memory while the store is away', async () => {
    const store = fillable()
    const { url } = await started(store, { CATENARY_ENGINE__TICK_MS: '3600000' })
    store.trouble = FULL
    await send(url, await example())
    const other = Buffer.from(
      (await example()).toString().replaceAll('wf-17', 'wf-18').replaceAll('"id":"e', '"id":"f'),
    )
    expect((await send(url, other)).status).toBe(503)
    store.trouble = null
    expect(await (await send(url, other)).json()).toMatchObject({ accepted: 6, duplicates: 0 })
  })

  it('says that it cannot go on when the store refuses for good', async () => {
    const store = fillable()
    const service = await started(store)
    store.trouble = new CatenaryError('CAT_STORE_REJECTED', 'The store refused to write: no such table.')
    expect((await send(service.url, await example())).status).toBe(500)
    await expect(service.broken).rejects.toThrow('no such table')
  })

  it('goes on in a new process where the last one stopped, and tells nothing twice', async () => {
    const store = createMemoryStore()
    let resumed = 0
    const resume = () => {
      resumed += 1
      return store.resume()
    }
    const keeping: Store = { ...store, resume, close: async () => undefined }
    const [first, rest] = halves((await example()).toString())
    const one = await started(keeping)
    await send(one.url, first)
    await one.close()
    resumed = 0
    const two = await started(keeping)
    expect(resumed).toBe(1)
    expect(await (await fetch(`${two.url}/metrics`)).text()).toContain('catenary_open_chains 1')
    expect(await (await send(two.url, first)).json()).toMatchObject({ accepted: 0, duplicates: 4 })
    expect(await (await send(two.url, rest)).json()).toMatchObject({ accepted: 2 })
    expect(await json(`${two.url}/v1/chains/wf-17`)).toMatchObject({ events: 6, steps: 6 })
    expect(await alertsAt(two.url)).toHaveLength(1)
  })

  it('closes once, however often it is asked to', async () => {
    const service = await started(createMemoryStore())
    await Promise.all([service.close(), service.close()])
    await expect(fetch(`${service.url}/healthz`)).rejects.toThrow()
  })

  it('takes a free port only where any will do', async () => {
    const { port } = await started(createMemoryStore())
    const taken = configured({ CATENARY_API__PORT: String(port) })
    const parts = { version: 'test', logger: pino({ level: 'silent' }) }
    await expect(startService(taken, { ...parts, store: createMemoryStore() })).rejects.toThrow(/--port/)
    const other = await startService(taken, { ...parts, store: createMemoryStore(), isAnyPort: true })
    open.push(other)
    expect(other.port).not.toBe(port)
  })
})

function halves(text: string): readonly [Buffer, Buffer] {
  const lines = text.trim().split('\n')
  return [Buffer.from(lines.slice(0, 4).join('\n')), Buffer.from(lines.slice(4).join('\n'))]
}

describe('the log', () => {
  it('hides secrets, and tells the stack of a bug alone', () => {
    const lines: string[] = []
    const logger = createLogger('info', { write: (line) => void lines.push(line) })
    logger.info({ key: 'hunter2', clickhouse: { password: 'hunter2' } }, 'settings read')
    logger.error({ err: FULL }, 'store failed')
    logger.error({ err: new Error('oh') }, 'service broke')
    logger.debug('nothing said')
    const [settings, full, bug] = lines
    expect(lines).toHaveLength(3)
    expect(settings).not.toContain('hunter2')
    expect(full).toContain('CAT_STORE_UNAVAILABLE')
    expect(full).not.toContain('stack')
    expect(bug).toContain('stack')
  })
})
