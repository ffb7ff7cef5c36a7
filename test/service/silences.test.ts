import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { detectors } from '../../detectors/index.ts'
import { createMemoryStore } from '../../src/adapters/memory/memory-store.ts'
import { readConfig } from '../../src/config/index.ts'
import type { Alert, Silence } from '../../src/core/index.ts'
import type { Destination, Parcel } from '../../src/ports/index.ts'
import { deliveriesOf } from '../../src/runtime/route.ts'
import { createSilencing } from '../../src/runtime/silencing.ts'
import { startForwarding } from '../../src/service/forwarding/forwarding.ts'
import { startService } from '../../src/service.ts'
import { alert, commit } from '../contracts/rows.ts'
import { startReceiver } from '../kit/receiver.ts'
import { until as untilSo } from '../kit/until.ts'

const DEADLINE_MS = 120_000
let stops: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const stop of stops.reverse()) await stop()
  stops = []
})

const until = (isSo: () => boolean | Promise<boolean>): Promise<void> =>
  untilSo(isSo, { withinMs: DEADLINE_MS, everyMs: 10 })

const HOUR = 3_600_000

const silence = (more: Partial<Silence> = {}): Silence => ({
  tenant: 'default',
  id: 's1',
  matches: { detector: 'lateral-movement' },
  reason: 'a drill',
  createdAt: 0,
  createdBy: 'key/k1',
  expiresAt: Date.now() + HOUR,
  removedAt: null,
  removedBy: null,
  ...more,
})

/** One destination over a memory store, on a clock that the test moves. */
function forwarding() {
  const store = createMemoryStore()
  const sent: Parcel[] = []
  const destination: Destination = {
    async send(parcels) {
      sent.push(...parcels)
      return parcels.map(() => ({ what: 'delivered' }))
    },
    close: async () => undefined,
  }
  let ahead = 0
  const clock = () => Date.now() + ahead
  const silencing = createSilencing({ store, clock })
  const settings = {
    name: 'siem',
    batch: { max: 10, waitMs: 0 },
    retry: { firstMs: 1, mostMs: 4, forMs: 60_000 },
  }
  const started = startForwarding({
    // Only what a courier reads of the settings.
    destinations: [{ settings: settings as never, destination }],
    outbox: store.outbox,
    receivers: [],
    store,
    silencing,
    metrics: { settled: () => undefined, watch: () => undefined } as never,
    logger: pino({ level: 'silent' }),
    clock,
    limits: { pollMs: 10 },
  })
  stops.push(() => started.close())
  let sequence = 0
  return {
    store,
    silencing,
    /** Saves alerts as a commit does. */
    async tell(alerts: readonly Alert[], filter = {}) {
      sequence += 1
      const deliveries = deliveriesOf(alerts, [{ name: 'siem', filter }], { sequence, at: clock() })
      const one = commit(sequence, { alerts, deliveries })
      await store.save(one)
      started.committed(one)
    },
    async silence(more: Partial<Silence> = {}) {
      await store.saveSilence(silence({ expiresAt: clock() + HOUR, ...more }))
      silencing.forget()
    },
    later(ms: number) {
      ahead += ms
    },
    sent: () => sent.map(({ alert: { id, revision } }) => `${id}-${revision}`),
    standing: async () => (await store.outbox.standing())[0],
  }
}

describe('a silenced alert', () => {
  it('is not sent, others are; when the silence is over it is', async () => {
    const one = forwarding()
    await one.silence({ matches: { agent: { prefix: 'noisy-' }, maxSeverity: 'medium' } })
    await one.tell([
      alert({ id: 'quiet', workflowId: 'w1', agentIds: ['noisy-7'], severity: 'low' }),
      alert({ id: 'worse', workflowId: 'w2', agentIds: ['noisy-7'], severity: 'critical' }),
      alert({ id: 'other', workflowId: 'w3', agentIds: ['calm'], severity: 'low' }),
      alert({ id: 'theirs', tenant: 'acme', workflowId: 'w4', agentIds: ['noisy-7'], severity: 'low' }),
    ])
    await until(async () => (await one.standing())?.delivered === 3)
    expect([...one.sent()].sort()).toEqual(['other-1', 'theirs-1', 'worse-1'])
    expect(await one.standing()).toMatchObject({ pending: 0, silenced: 1, dead: 0 })
    one.later(HOUR)
    await until(() => one.sent().includes('quiet-1'))
    await until(async () => (await one.standing())?.delivered === 4)
    expect(await one.standing()).toMatchObject({ pending: 0, silenced: 0 })
    expect(one.sent()).toHaveLength(4)
  })

  it('is sent as it is by then, once, when it was told anew meanwhile', async () => {
    const one = forwarding()
    await one.silence()
    await one.tell([alert()])
    await one.tell([alert({ revision: 2, summary: 'more of it' })])
    await until(async () => (await one.standing())?.silenced === 2)
    await one.silence({ removedAt: Date.now(), removedBy: 'key/k2' })
    await until(() => one.sent().length > 0)
    await until(async () => (await one.standing())?.silenced === 0)
    expect(one.sent()).toEqual(['al1-2'])
  })

  it('that was taken back meanwhile is not sent at all', async () => {
    const one = forwarding()
    await one.silence()
    await one.tell([alert()], { status: ['open'] })
    await one.tell([alert({ revision: 2, status: 'retracted', reason: 'an approval came late' })], { status: ['open'] })
    await until(async () => (await one.standing())?.silenced === 1)
    await one.silence({ removedAt: Date.now(), removedBy: 'key/k2' })
    await until(async () => (await one.standing())?.silenced === 0)
    expect(one.sent()).toEqual([])
    expect(await one.standing()).toMatchObject({ pending: 0, delivered: 0 })
  })

  it('of two silences is sent when the second is over', async () => {
    const one = forwarding()
    await one.silence()
    await one.silence({ id: 's2', matches: { agent: 'a1' }, expiresAt: Date.now() + 3 * HOUR })
    await one.tell([alert({ agentIds: ['a1'] })])
    await until(async () => (await one.standing())?.silenced === 1)
    one.later(HOUR)
    await one.tell([alert({ id: 'after', workflowId: 'w9', agentIds: ['a2'] })])
    await until(() => one.sent().includes('after-1'))
    expect(one.sent()).toEqual(['after-1'])
    one.later(2 * HOUR)
    await until(() => one.sent().includes('al1-1'))
  })
})

describe('the service', () => {
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'catenary-silences-'))
    stops.push(async () => rmSync(folder, { recursive: true, force: true }))
  })

  it('silences what it is told to over the API, and sends it once the silence is removed', async () => {
    const receiver = await startReceiver(() => ({ status: 200 }))
    stops.push(receiver.stop)
    const file = join(folder, 'catenary.json')
    const destinations = [{ name: 'up', type: 'webhook', url: receiver.url, batch: { waitMs: 0 } }]
    writeFileSync(file, JSON.stringify({ destinations }))
    const { config } = readConfig({
      env: { CATENARY_DATA__PATH: folder, CATENARY_API__PORT: '0', CATENARY_STORE__BATCH_MS: '0' },
      folder,
      file,
      detectors,
    })
    const service = await startService(config, {
      version: 'test',
      store: createMemoryStore(),
      logger: pino({ level: 'silent' }),
    })
    stops.push(() => service.close())
    const send = async (method: string, path: string, body?: object) => {
      const reply = await fetch(`${service.url}${path}`, {
        method,
        ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
      })
      return (await reply.json()) as Record<string, unknown>
    }
    const expires_at = new Date(Date.now() + HOUR).toISOString()
    const made = await send('POST', '/v1/silences', { matches: { agent: 'billing-*' }, reason: 'a drill', expires_at })
    const body = readFileSync('test/fixtures/example.ndjson')
    await fetch(`${service.url}/v1/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-ndjson' },
      body,
    })
    const silenced = async () =>
      ((await send('GET', '/v1/destinations'))['items'] as { silenced: number }[])[0]?.silenced ?? 0
    await until(async () => (await silenced()) > 0)
    expect(receiver.received).toHaveLength(0)
    const { items } = (await send('GET', '/v1/alerts?silenced=true')) as { items: Record<string, unknown>[] }
    expect(items[0]).toMatchObject({ status: 'open', silenced: { silence_id: made['id'], reason: 'a drill' } })
    await send('DELETE', `/v1/silences/${made['id']}`)
    await until(() => receiver.received.length === items.length)
    expect(((await send('GET', '/v1/alerts?silenced=true')) as { items: object[] }).items).toEqual([])
  })
})
