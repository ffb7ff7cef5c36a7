import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { connectEmbedded } from '../../src/adapters/clickhouse/connect.ts'
import { clockSkew } from '../../src/cli/doctor-cluster.ts'
import { createTopics, describeKafka, KAFKA_START_MS, startKafka, type TestKafka, testClient } from '../kit/kafka.ts'
import { buildProgram, objectsOf, startProgram } from '../kit/program.ts'

interface Check {
  readonly check: string
  readonly status: string
  readonly detail: string
}

describeKafka('catenary doctor in cluster mode', () => {
  let kafka: TestKafka
  const run = process.hrtime.bigint()
  const names = Object.fromEntries(
    ['TOOL_CALLS', 'CREDENTIALS', 'OAUTH', 'THREADS', 'ALERTS', 'DEAD_LETTERS'].map((name) => [
      `CATENARY_KAFKA__${name}_TOPIC`,
      `doctor-${run}.${name.toLowerCase()}`,
    ]),
  )

  beforeAll(async () => {
    const [started] = await Promise.all([startKafka(), buildProgram()])
    kafka = started
    return kafka.stop
  }, KAFKA_START_MS)

  async function doctor(env: Record<string, string> = {}): Promise<{ code: number | null; checks: readonly Check[] }> {
    const { code, out } = await startProgram(['doctor', '--json'], tmpdir(), {
      CATENARY_MODE: 'cluster',
      CATENARY_KAFKA__BROKERS: kafka.brokers.join(),
      CATENARY_KAFKA__GROUP_ID: `doctor-${run}`,
      CATENARY_CLICKHOUSE__URL: 'http://127.0.0.1:1',
      CATENARY_CONTENT__KEY: '00112233445566778899aabbccddeeff',
      CATENARY_ROLES: 'consumer',
      ...names,
      ...env,
    }).ended
    return { code, checks: objectsOf<Check>({ out }) }
  }

  const found = (checks: readonly Check[], name: string): Check | undefined =>
    checks.find(({ check }) => check === name)

  it('says which topics are missing, and then how far the consumers are behind', async () => {
    const before = await doctor()
    expect(found(before.checks, 'kafka')).toMatchObject({ status: 'ok', detail: expect.stringMatching(/^1 broker \(/) })
    expect(found(before.checks, 'topics')).toMatchObject({
      status: 'fail',
      detail: expect.stringContaining('catenary topics create'),
    })
    expect(found(before.checks, 'port')).toBeUndefined()
    expect(found(before.checks, 'store')).toMatchObject({ status: 'fail' })
    expect(before.code).toBe(3)

    await createTopics(kafka.brokers, Object.fromEntries(Object.values(names).map((topic) => [topic, 2])))
    await behindBy(3)
    const after = await doctor()
    expect(found(after.checks, 'topics')?.detail).toContain('2 partitions each')
    expect(found(after.checks, 'consumers')).toMatchObject({
      status: 'warn',
      detail: expect.stringContaining(`group doctor-${run}: 0 members, 3 records behind`),
    })
  })

  async function behindBy(records: number): Promise<void> {
    const topic = names['CATENARY_KAFKA__OAUTH_TOPIC'] ?? ''
    const client = testClient(kafka.brokers)
    const [producer, admin] = [client.producer(), client.admin()]
    await Promise.all([producer.connect(), admin.connect()])
    const messages = Array.from({ length: records + 2 }, () => ({ value: 'x', partition: 0 }))
    await producer.send({ topic, acks: -1, messages })
    await admin.setOffsets({ groupId: `doctor-${run}`, topic, partitions: [{ partition: 0, offset: '2' }] })
    await Promise.all([producer.disconnect(), admin.disconnect()])
  }

  it('warns of a password that can be read on the way, and says that no broker answers', async () => {
    const { code, checks } = await doctor({
      CATENARY_KAFKA__BROKERS: '127.0.0.1:1',
      CATENARY_KAFKA__SASL_MECHANISM: 'plain',
      CATENARY_KAFKA__SASL_USERNAME: 'catenary',
      CATENARY_KAFKA__SASL_PASSWORD: 'hunter2',
    })
    expect(code).toBe(3)
    expect(found(checks, 'kafka login')).toMatchObject({ status: 'warn', detail: expect.stringContaining('kafka.ssl') })
    expect(found(checks, 'kafka')).toMatchObject({ status: 'fail', detail: expect.stringContaining('127.0.0.1:1') })
    expect(JSON.stringify(checks)).not.toContain('hunter2')
  })
})

describe('the clock of the store', () => {
  it('agrees with that of the same machine, and is told when it does not', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'catenary-clock-'))
    const client = await connectEmbedded(folder)
    try {
      expect(await clockSkew(client)).toMatchObject({ status: 'ok' })
      const fast = await clockSkew(client, () => Date.now() + 90_000)
      expect(fast).toMatchObject({
        status: 'warn',
        detail: expect.stringMatching(/ClickHouse is [89]\d{4} ms behind; .*NTP/),
      })
    } finally {
      await client.close()
      rmSync(folder, { recursive: true, force: true })
    }
  })
})
