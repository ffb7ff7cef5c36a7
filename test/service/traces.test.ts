import { readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { detectors } from '../../detectors/index.ts'
import { createMemoryStore } from '../../src/adapters/memory/memory-store.ts'
import { readConfig } from '../../src/config/index.ts'
import { CatenaryError } from '../../src/core/index.ts'
import type { Store } from '../../src/service/open-store.ts'
import { type Service, startService } from '../../src/service.ts'
import { type Collector, type Span, startCollector } from '../kit/otlp.ts'

const EXAMPLE = readFileSync('test/fixtures/example.ndjson')

let collector: Collector
let lines: string[]

beforeEach(async () => {
  collector = await startCollector()
  lines = []
})

afterEach(() => collector.stop())

const started = (env: Readonly<Record<string, string>>, store: Store = createMemoryStore()): Promise<Service> => {
  const all = {
    CATENARY_API__PORT: '0',
    CATENARY_ENGINE__TICK_MS: '3600000',
    CATENARY_CONTENT__KEY: '00112233445566778899aabbccddeeff',
    ...env,
  }
  const { config } = readConfig({ env: all, folder: tmpdir(), detectors })
  const logger = pino({ level: 'info' }, { write: (line) => void lines.push(line) })
  return startService(config, { version: '1.2.3', store, logger })
}

async function send({ url }: Service): Promise<void> {
  const headers = { 'content-type': 'application/x-ndjson' }
  await fetch(`${url}/v1/events`, { method: 'POST', headers, body: EXAMPLE })
}

const named = (name: string): Span | undefined => collector.spans.find((span) => span.name === name)

describe('the traces of the service', () => {
  it('tell of folding and storing a request, each within the whole', async () => {
    const service = await started({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url })
    await send(service)
    await service.close()
    const [ingest, fold, store] = ['ingest', 'fold', 'store'].map(named)
    expect([...collector.paths]).toEqual(['POST /v1/traces'])
    expect(ingest?.parentSpanId ?? '').toBe('')
    for (const part of [fold, store]) {
      expect(part?.traceId).toBe(ingest?.traceId)
      expect(part?.parentSpanId).toBe(ingest?.spanId)
    }
    expect(BigInt(store?.startTimeUnixNano ?? 0)).toBeGreaterThanOrEqual(BigInt(fold?.endTimeUnixNano ?? 0))
    expect(ingest?.attributes).toContainEqual({ key: 'catenary.records', value: { intValue: 6 } })
    expect(collector.text).toContain('"service.version","value":{"stringValue":"1.2.3"}')
  })

  it('hold nothing of what the events say', async () => {
    const service = await started({ CATENARY_TELEMETRY__TRACES_URL: `${collector.url}/v1/traces` })
    await send(service)
    await service.close()
    expect(collector.spans.length).toBeGreaterThan(0)
    for (const word of ['wf-17', 'billing-bot', 'acme', 'payroll', 'tok-8d1', 'default'])
      expect(collector.text).not.toContain(word)
  })

  it('mark what failed by its code', async () => {
    const inner = createMemoryStore()
    const trouble = new CatenaryError('CAT_STORE_UNAVAILABLE', 'no space left', { retry: 'later' })
    const save = async (): Promise<void> => {
      throw trouble
    }
    const service = await started({ OTEL_EXPORTER_OTLP_ENDPOINT: `${collector.url}/` }, { ...inner, save })
    await send(service)
    await service.close()
    expect(named('store')?.status.code).toBe(2)
    expect(named('store')?.attributes).toContainEqual({
      key: 'error.type',
      value: { stringValue: 'CAT_STORE_UNAVAILABLE' },
    })
  })

  it.each([
    ['nothing is set', {}],
    ['they are switched off', { OTEL_TRACES_EXPORTER: 'none' }],
    ['all of OpenTelemetry is', { OTEL_SDK_DISABLED: 'true' }],
  ])('do not go out when %s', async (_, env) => {
    const address = Object.keys(env).length === 0 ? {} : { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url }
    const service = await started({ ...address, ...env })
    await send(service)
    await service.close()
    expect(collector.spans).toEqual([])
  })

  it('are dropped while the collector refuses them, which is told and holds nothing up', async () => {
    collector.status = 400
    const service = await started({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url })
    await send(service)
    expect((await fetch(`${service.url}/readyz`)).status).toBe(200)
    await service.close()
    expect(lines.filter((line) => line.includes('traces could not be sent'))).toHaveLength(1)
  })
})
