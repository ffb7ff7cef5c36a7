import { readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { pino } from 'pino'
import { afterEach, describe, expect, it } from 'vitest'
import { cases as outlivesTask } from '../../detectors/cases/credential-outlives-task.ts'
import { detectors } from '../../detectors/index.ts'
import { createMemoryStore } from '../../src/adapters/memory/memory-store.ts'
import { readConfig } from '../../src/config/index.ts'
import { CatenaryError } from '../../src/core/index.ts'
import type { Store } from '../../src/service/open-store.ts'
import { type Service, startService } from '../../src/service.ts'
import { metricsAt, sumOf } from '../kit/metrics.ts'

const LINES = readFileSync('test/fixtures/example.ndjson', 'utf8').trim().split('\n')
const LAST = Math.max(...LINES.map((line) => Date.parse((JSON.parse(line) as { time: string }).time)))

let open: Service[] = []

afterEach(async () => {
  await Promise.all(open.map((service) => service.close()))
  open = []
})

/** A service whose clock stands where a test puts it. */
async function started(store: Store): Promise<{ readonly url: string; service: Service; at(now: number): void }> {
  let now = LAST
  const env = {
    CATENARY_API__PORT: '0',
    CATENARY_STORE__BATCH_MS: '0',
    CATENARY_ENGINE__TICK_MS: '3600000',
    CATENARY_CONTENT__KEY: '00112233445566778899aabbccddeeff',
  }
  const { config } = readConfig({ env, folder: tmpdir(), detectors })
  const logger = pino({ level: 'silent' })
  const service = await startService(config, { version: '1.2.3', store, logger, clock: () => now })
  open.push(service)
  return {
    url: service.url,
    service,
    at: (next) => {
      now = next
    },
  }
}

async function send(url: string, lines: readonly string[]): Promise<void> {
  const headers = { 'content-type': 'application/x-ndjson' }
  await fetch(`${url}/v1/events`, { method: 'POST', headers, body: lines.join('\n') })
}

describe('the metrics of the service', () => {
  it('tell what was refused, by reason, and what could not be seen, by kind', async () => {
    const { url, service } = await started(createMemoryStore())
    await send(url, LINES)
    await service.finish(LAST + 600_000)
    const late = (LINES[1] ?? '').replace('"id":"e', '"id":"late-e')
    await send(url, [late, '{"kind":"no such"}', 'no json'])
    const samples = await metricsAt(url)
    expect(samples.get('catenary_rejected_total{reason="not_json"}')).toBe(1)
    expect(samples.get('catenary_rejected_total{reason="bad_time"}')).toBe(0)
    expect(sumOf(samples, 'catenary_rejected_total')).toBe(2)
    expect(samples.get('catenary_events_total{verdict="rejected"}')).toBe(2)
    expect(samples.get('catenary_coverage_losses_total{what="late"}')).toBe(1)
  })

  it('tell how long an alert took from the record that completed it', async () => {
    const inner = createMemoryStore()
    let slow = (): void => undefined
    const store: Store = {
      ...inner,
      save: async (commit) => {
        slow()
        await inner.save(commit)
      },
    }
    const { url, at } = await started(store)
    await send(url, LINES.slice(0, -2))
    const before = await metricsAt(url)
    at(LAST + 1_000)
    slow = () => at(LAST + 3_000)
    await send(url, LINES.slice(-2))
    const after = await metricsAt(url)
    const grown = (name: string): number => sumOf(after, name) - sumOf(before, name)
    expect(grown('catenary_alerts_total')).toBe(1)
    expect(grown('catenary_alert_delay_seconds_count')).toBe(1)
    expect(grown('catenary_alert_delay_seconds_sum')).toBe(2)
  })

  it('leave out the delay of an alert that a deadline completed', async () => {
    const { url, service } = await started(createMemoryStore())
    const neverRevoked = outlivesTask.attacks.find(({ name }) => name.startsWith('never revoked'))
    await send(
      url,
      (neverRevoked?.events ?? []).map((event) => JSON.stringify(event)),
    )
    await service.finish(LAST + 365 * 86_400_000)
    const samples = await metricsAt(url)
    expect(sumOf(samples, 'catenary_alerts_total')).toBe(1)
    expect(samples.get('catenary_alert_delay_seconds_count')).toBe(0)
  })

  it('tell the chains by tier, the threads, and how far the watermark is behind', async () => {
    const { url, at } = await started(createMemoryStore())
    expect(sumOf(await metricsAt(url), 'catenary_watermark_lag_seconds')).toBe(0)
    expect((await metricsAt(url)).has('catenary_watermark_lag_seconds{partition="0"}')).toBe(false)
    await send(url, LINES)
    at(LAST + 60_000)
    const samples = await metricsAt(url)
    expect(samples.get('catenary_chains_in_memory{tier="hot"}')).toBe(1)
    expect(samples.get('catenary_chains_in_memory{tier="packed"}')).toBe(0)
    expect(samples.get('catenary_open_chains')).toBe(1)
    expect(samples.get('catenary_threads_in_memory')).toBeGreaterThan(0)
    expect(samples.get('catenary_watermark_lag_seconds{partition="0"}')).toBe(360)
  })

  it('time folding, storing, asking the store, and going on at start', async () => {
    const store = createMemoryStore()
    const first = await started({ ...store, close: async () => undefined })
    await send(first.url, LINES)
    const { url } = await started(store)
    await send(url, LINES)
    const samples = await metricsAt(url)
    for (const name of ['rebuild', 'fold', 'load'])
      expect(samples.get(`catenary_${name}_seconds_count`)).toBeGreaterThan(0)
    expect((await metricsAt(first.url)).get('catenary_store_seconds_count')).toBeGreaterThan(0)
    expect(samples.get('catenary_open_chains')).toBe(1)
    expect(samples.get('catenary_build_info{version="1.2.3",mode="embedded"}')).toBe(1)
  })

  it('count what the store did not take', async () => {
    const inner = createMemoryStore()
    const trouble = new CatenaryError('CAT_STORE_UNAVAILABLE', 'no space left', { retry: 'later' })
    const store: Store = {
      ...inner,
      save: async () => {
        throw trouble
      },
    }
    const { url } = await started(store)
    await send(url, LINES)
    expect((await metricsAt(url)).get('catenary_store_failures_total{doing="save"}')).toBeGreaterThan(0)
  })
})
