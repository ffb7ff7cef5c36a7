import { resolve } from 'node:path'
import { createClient } from '@clickhouse/client'
import { beforeAll, expect, it } from 'vitest'
import { describeKafka, KAFKA_START_MS } from '../kit/kafka.ts'
import { metricsAt, sumOf } from '../kit/metrics.ts'
import { buildProgram } from '../kit/program.ts'
import { TestCluster } from './cluster.ts'

const ESTATE = resolve('src/estate/data/estate.ndjson.gz')
const EXAMPLE = resolve('test/fixtures/example.ndjson')
const MINUTES = 60_000
const POLL = { timeout: MINUTES, interval: 250 }

describeKafka('the metrics of a cluster', () => {
  let cluster: TestCluster

  beforeAll(async () => {
    const [started] = await Promise.all([TestCluster.start(4), buildProgram()])
    cluster = started
    return () => cluster.stop()
  }, KAFKA_START_MS)

  it(
    'tell of every stage between the topics and the alerts',
    async () => {
      await cluster.produce(ESTATE)
      await cluster.poison()
      const { url } = await cluster.node()
      await cluster.settled()
      const found = await cluster.left()
      await expect
        .poll(async () => {
          const facts = await metricsAt(url)
          const isTimed = sumOf(facts, 'catenary_watermark_lag_seconds') > 0
          return [sumOf(facts, 'catenary_facts_sent_total') > 0, unread(facts), isTimed]
        }, POLL)
        .toEqual([true, 0, true])
      const at = await metricsAt(url)
      expect(at.get('catenary_events_total{verdict="accepted"}')).toBeGreaterThan(0)
      expect(sumOf(at, 'catenary_rejected_total')).toBe(3)
      expect(sumOf(at, 'catenary_dead_letters_total')).toBe(4)
      expect(at.get('catenary_dead_letters_total{topic="catenary.threads",reason="bad_value"}')).toBe(1)
      expect(at.get('catenary_dead_letters_total{topic="agent.oauth",reason="bad_time"}')).toBe(0)
      expect(sumOf(at, 'catenary_alerts_total')).toBeGreaterThanOrEqual(found.alerts.length)
      expect(at.get('catenary_alert_delay_seconds_count')).toBeGreaterThan(0)
      for (const name of ['fold', 'store', 'send', 'load', 'rebuild'])
        expect([name, at.get(`catenary_${name}_seconds_count`)]).toEqual([name, expect.toSatisfy((n: number) => n > 0)])
      expect(at.get('catenary_rebuild_seconds_count')).toBe(4)
      expect(at.get('catenary_partitions{state="open"}')).toBe(4)
      expect(at.get('catenary_topic_partitions')).toBe(4)
      expect(at.get('catenary_open_chains')).toBeGreaterThanOrEqual(0)
      expect(sumOf(at, 'catenary_chains_in_memory')).toBeGreaterThan(0)
      const headers = { 'content-type': 'application/x-ndjson' }
      await fetch(`${url}/v1/events`, { method: 'POST', headers, body: 'no json' })
      expect(sumOf(await metricsAt(url), 'catenary_rejected_total')).toBe(4)
      const { items } = (await (await fetch(`${url}/v1/rejected?limit=100`)).json()) as { items: unknown[] }
      expect(items).toHaveLength(4)
    },
    5 * MINUTES,
  )

  it(
    'tell how far each partition is behind, in records and in seconds',
    async () => {
      const other = await cluster.another('behind', 2)
      const { url } = await other.node()
      await expect.poll(async () => lagsOf(await metricsAt(url)), POLL).toEqual(Array(8).fill(0))
      await cluster.clickhouse.kill()
      await other.produce(EXAMPLE)
      await expect.poll(async () => sumOf(await metricsAt(url), 'catenary_lag_records'), POLL).toBeGreaterThan(0)
      await expect.poll(async () => sumOf(await metricsAt(url), 'catenary_lag_seconds'), POLL).toBeGreaterThan(0)
      await expect
        .poll(async () => sumOf(await metricsAt(url), 'catenary_store_failures_total'), POLL)
        .toBeGreaterThan(0)
      await cluster.clickhouse.restart()
      await expect.poll(async () => lagsOf(await metricsAt(url)), POLL).toEqual(Array(8).fill(0))
      expect(sumOf(await metricsAt(url), 'catenary_lag_seconds')).toBe(0)
    },
    5 * MINUTES,
  )

  it(
    'tell that the brokers do not do what they are asked',
    async () => {
      const other = await cluster.another('away', 2, { CATENARY_KAFKA__REQUEST_TIMEOUT_MS: '1000' })
      const { url } = await other.node()
      await expect.poll(async () => lagsOf(await metricsAt(url)), POLL).toHaveLength(8)
      cluster.kafka.stall()
      try {
        await expect
          .poll(async () => sumOf(await metricsAt(url), 'catenary_broker_failures_total'), POLL)
          .toBeGreaterThan(0)
      } finally {
        cluster.kafka.resume()
      }
    },
    5 * MINUTES,
  )

  it(
    'tell of rebalances, and of a save that was held back',
    async () => {
      const other = await cluster.another('fenced', 2, { CATENARY_ENGINE__LATENESS_MS: '0' })
      const { url } = await other.node()
      await expect.poll(async () => (await metricsAt(url)).get('catenary_partitions{state="open"}'), POLL).toBe(2)
      expect((await metricsAt(url)).get('catenary_rebalances_total')).toBe(1)
      await claimAll(other)
      await other.produce(EXAMPLE)
      await expect.poll(async () => (await metricsAt(url)).get('catenary_fenced_writes_total'), POLL).toBeGreaterThan(0)
      const joining = await other.node()
      await expect
        .poll(async () => (await metricsAt(joining.url)).get('catenary_partitions{state="open"}'), POLL)
        .toBe(1)
      expect((await metricsAt(url)).get('catenary_rebalances_total')).toBeGreaterThan(1)
      expect((await metricsAt(url)).get('catenary_partitions{state="given"}')).toBe(1)
    },
    5 * MINUTES,
  )
})

/** Facts that were sent and not taken in yet. */
const unread = (samples: ReadonlyMap<string, number>): number =>
  sumOf(samples, 'catenary_facts_sent_total') - sumOf(samples, 'catenary_facts_received_total')

/** The lag of each partition of each topic. */
const lagsOf = (samples: ReadonlyMap<string, number>): readonly number[] =>
  [...samples].flatMap(([sample, value]) => (sample.startsWith('catenary_lag_records{') ? [value] : []))

/** Takes every partition over, as a process would that the group gave them to. */
async function claimAll({ env }: TestCluster): Promise<void> {
  const {
    CATENARY_CLICKHOUSE__URL: url = '',
    CATENARY_CLICKHOUSE__USER: username = '',
    CATENARY_CLICKHOUSE__PASSWORD: password = '',
    CATENARY_CLICKHOUSE__DATABASE: database = '',
  } = env
  const client = createClient({ url, username, password, database })
  try {
    const values = [0, 1].map((partition_id) => ({ partition_id, epoch: 100_000_000_000, owner: 'another' }))
    await client.insert({ table: 'owners', values, format: 'JSONEachRow' })
  } finally {
    await client.close()
  }
}
