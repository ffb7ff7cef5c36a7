import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { createClient } from '@clickhouse/client'
import { beforeAll, describe, expect, it } from 'vitest'
import { describeKafka, KAFKA_START_MS, testClient } from '../kit/kafka.ts'
import { buildProgram } from '../kit/program.ts'
import { analyzed, type ClusterNode, TestCluster } from './cluster.ts'

const MINUTES = 60_000
const ESTATE = resolve('src/estate/data/estate.ndjson.gz')
const TOPICS = ['agent.tool-calls', 'agent.credentials', 'agent.oauth', 'catenary.threads']

/** Minutes long, so only where it is asked for. */
function describeAsked(title: string, body: () => void): void {
  if (process.env['CATENARY_TEST_OPERATIONS'] === '1') describeKafka(title, body)
  else {
    process.stderr.write(`skipped: ${title}: it takes minutes; npm run operations runs it\n`)
    describe.skip(`${title} (npm run operations)`, body)
  }
}

describeAsked('what docs/operations.md tells to do', () => {
  let cluster: TestCluster
  let folder: string

  beforeAll(async () => {
    const [started] = await Promise.all([TestCluster.start(2), buildProgram()])
    cluster = started
    folder = mkdtempSync(join(tmpdir(), 'catenary-restore-'))
    return async () => {
      rmSync(folder, { recursive: true, force: true })
      await cluster.stop()
    }
  }, KAFKA_START_MS)

  /** A part of the example estate as a file. */
  function part(name: string, from: number, to: number): string {
    const lines = gunzipSync(readFileSync(ESTATE)).toString().trim().split('\n')
    const file = join(folder, name)
    writeFileSync(file, lines.slice(from * lines.length, to * lines.length).join('\n'))
    return file
  }

  async function sql(query: string): Promise<void> {
    const { url, user, password } = cluster.clickhouse
    const client = createClient({ url, username: user, password })
    await client.command({ query }).finally(() => client.close())
  }

  /** As `kafka-consumer-groups.sh --reset-offsets --to-datetime` does. */
  async function readAgainFrom(time: number): Promise<void> {
    const admin = testClient(cluster.kafka.brokers).admin()
    await admin.connect()
    for (const topic of TOPICS)
      await admin.setOffsets({
        groupId: 'catenary',
        topic,
        partitions: await admin.fetchTopicOffsetsByTimestamp(topic, time),
      })
    await admin.disconnect()
  }

  it(
    'a backup made while events come, and what Kafka has since, bring everything back to the id',
    async () => {
      const { database } = cluster
      const nodes = await Promise.all([cluster.node(), cluster.node()])
      await cluster.produce(part('first', 0, 0.4))
      await cluster.settled()
      const began = Date.now()
      const producing = cluster.produce(part('second', 0.4, 0.7))
      await sql(`BACKUP DATABASE ${database} TO Memory('backup')`)
      await producing
      await cluster.produce(part('third', 0.7, 1))
      await cluster.settled()
      const before = await cluster.left()
      expect(before.alerts.length).toBeGreaterThan(0)

      await ended(nodes)
      await sql(`DROP DATABASE ${database}`)
      await sql(`RESTORE DATABASE ${database} FROM Memory('backup')`)
      await readAgainFrom(began)
      await Promise.all([cluster.node(), cluster.node()])
      await cluster.settled()
      const { steps, findings, alerts } = await cluster.left()
      expect({ steps, findings, alerts }).toEqual({
        steps: before.steps,
        findings: before.findings,
        alerts: before.alerts,
      })
    },
    6 * MINUTES,
  )

  it(
    'more partitions, given while nothing is produced, change nothing of what is found',
    async () => {
      const other = await cluster.another('wider', 2)
      await other.produce(part('early', 0, 0.6))
      const before = await Promise.all([other.node(), other.node()])
      await other.settled()
      await ended(before)
      await widen(other, 3)
      await other.produce(part('late', 0.6, 1))
      const after = await Promise.all([other.node(), other.node()])
      await other.settled()
      expect((await other.left()).alerts).toEqual(await analyzed(ESTATE))
      await ended(after)
    },
    5 * MINUTES,
  )
})

/** Stops processes in order: they leave the group. */
async function ended(nodes: readonly ClusterNode[]): Promise<void> {
  for (const { started } of nodes) started.child.kill('SIGTERM')
  await Promise.all(nodes.map(({ started }) => started.ended))
}

async function widen(cluster: TestCluster, count: number): Promise<void> {
  const admin = testClient(cluster.kafka.brokers).admin()
  await admin.connect()
  await admin.createPartitions({ topicPartitions: TOPICS.map((topic) => ({ topic: cluster.topic(topic), count })) })
  await admin.disconnect()
}
