import { beforeAll, expect, it } from 'vitest'
import { describeKafka, KAFKA_START_MS } from '../kit/kafka.ts'
import { buildProgram } from '../kit/program.ts'
import { TestCluster } from './cluster.ts'

const MINUTES = 60_000
const POLL = { timeout: MINUTES, interval: 100 }

const readinessAt = async (url: string): Promise<string> => {
  const response = await fetch(`${url}/readyz`)
  return `${response.status} ${await response.text()}`
}

describeKafka('a process of a cluster is ready,', () => {
  let cluster: TestCluster

  beforeAll(async () => {
    const [started] = await Promise.all([TestCluster.start(2), buildProgram()])
    cluster = started
    return () => cluster.stop()
  }, KAFKA_START_MS)

  it(
    'when the group gave it its share and that is at work, and not while the store is away',
    async () => {
      const consumer = await cluster.node({ CATENARY_ROLES: 'consumer' })
      await expect.poll(() => readinessAt(consumer.url), POLL).toMatch(/^200 .*"ready"/)
      await cluster.clickhouse.kill()
      await expect.poll(() => readinessAt(consumer.url), POLL).toMatch(/^503 .*ClickHouse/)
      const { ok } = await fetch(`${consumer.url}/healthz`)
      expect(ok).toBe(true)
      await cluster.clickhouse.restart()
      await expect.poll(() => readinessAt(consumer.url), POLL).toMatch(/^200 /)
    },
    3 * MINUTES,
  )

  it(
    'as an API alone, whatever the brokers do',
    async () => {
      const api = await cluster.node({ CATENARY_ROLES: 'api' })
      expect(await readinessAt(api.url)).toMatch(/^200 /)
      cluster.kafka.stall()
      try {
        expect(await readinessAt(api.url)).toMatch(/^200 /)
      } finally {
        cluster.kafka.resume()
      }
    },
    3 * MINUTES,
  )
})
