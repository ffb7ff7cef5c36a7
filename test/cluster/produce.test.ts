import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { beforeAll, expect, it } from 'vitest'
import {
  createTopics,
  describeKafka,
  KAFKA_START_MS,
  readTopic,
  startKafka,
  type TestKafka,
  testClient,
} from '../kit/kafka.ts'
import { buildProgram, objectsOf, type Started, startProgram } from '../kit/program.ts'

const EXAMPLE = resolve('test/fixtures/example.ndjson')
const TRAIL = resolve('test/fixtures/cloudtrail/assume-role.json')
const TOPICS = [
  'agent.tool-calls',
  'agent.credentials',
  'agent.oauth',
  'catenary.threads',
  'catenary.alerts',
  'catenary.dead-letters',
]

describeKafka('catenary produce', () => {
  let kafka: TestKafka
  let folder = ''

  beforeAll(async () => {
    const [started] = await Promise.all([startKafka({ own: true }), buildProgram()])
    kafka = started
    folder = mkdtempSync(join(tmpdir(), 'catenary-produce-'))
    await createTopics(kafka.brokers, Object.fromEntries(TOPICS.map((topic) => [topic, 2])))
    return async () => {
      await kafka.stop()
      rmSync(folder, { recursive: true, force: true })
    }
  }, KAFKA_START_MS)

  const produce = (argv: readonly string[]): Started =>
    startProgram(['produce', '--brokers', kafka.brokers.join(), ...argv], folder)

  const recordsIn = async (topic: string): Promise<number> => {
    const admin = testClient(kafka.brokers).admin()
    await admin.connect()
    const offsets = await admin.fetchTopicOffsets(topic)
    await admin.disconnect()
    return offsets.reduce((sum, { high }) => sum + Number(high), 0)
  }

  it('sends events as they stand in the file, to the topic and under the key of the contract', async () => {
    const { code, out } = await produce([EXAMPLE]).ended
    expect(code).toBe(0)
    expect(out).toMatch(/agent\.tool-calls +5 events\nagent\.credentials +1 event\n6 events sent, 0 refused/)
    const records = [
      ...(await readTopic(kafka.brokers, 'agent.tool-calls', 5)),
      ...(await readTopic(kafka.brokers, 'agent.credentials', 1)),
    ]
    const lines = readFileSync(EXAMPLE, 'utf8').trim().split('\n')
    expect(records.map(({ value }) => JSON.parse(value?.toString() ?? '')).sort(byId)).toEqual(
      lines.map((line) => JSON.parse(line)).sort(byId),
    )
    expect(new Set(records.map(({ key }) => key?.toString()))).toEqual(new Set(['default/wf-17']))
  })

  it('turns foreign records into events, puts in the tenant, and refuses what is none', async () => {
    const broken = join(folder, 'broken.ndjson')
    writeFileSync(broken, '{"id":"x1","kind":"tool_call"}\nnot json\n')
    const { code, out } = await produce(['--json', '--tenant', 'acme', broken, TRAIL]).ended
    expect(code).toBe(0)
    const told = objectsOf({ out })
    expect(told.filter(({ type }) => type === 'rejected')).toMatchObject([
      { file: 'broken.ndjson', line: 1, reason: 'missing_field' },
      { file: 'broken.ndjson', line: 2, reason: 'not_json' },
    ])
    const summary = told.at(-1) as { events: number; rejected: number; topics: Record<string, number> }
    expect(summary).toMatchObject({ type: 'summary', rejected: 2 })
    expect(summary.events).toBeGreaterThan(2)
    const sent = await readTopic(kafka.brokers, 'agent.credentials', 1 + Number(summary.topics['agent.credentials']))
    const acme = sent.filter(({ key }) => key?.toString().startsWith('acme/'))
    expect(acme.length).toBe(summary.topics['agent.credentials'])
    expect(acme.map(({ value }) => JSON.parse(value?.toString() ?? '').tenant)).toEqual(acme.map(() => 'acme'))
  })

  it('never sends faster than it was told', async () => {
    const { out } = await produce(['--json', '--rate', '20', EXAMPLE]).ended
    const [summary] = objectsOf<{ events: number; seconds: number }>({ out })
    expect(summary?.events).toBe(6)
    expect(summary?.seconds).toBeGreaterThanOrEqual(6 / 20)
  })

  it('writes each event once though the broker is killed meanwhile', async () => {
    const file = join(folder, 'many.ndjson')
    const count = 3_000
    writeFileSync(file, Array.from({ length: count }, (_, at) => `${JSON.stringify(oauthEvent(at))}\n`).join(''))
    const { ended } = produce(['--rate', '1000', file])
    while ((await recordsIn('agent.oauth')) < 500) await delay(20)
    await kafka.kill()
    await kafka.restart()
    expect(await ended).toMatchObject({ code: 0, err: '' })
    expect(await recordsIn('agent.oauth')).toBe(count)
  }, 180_000)

  it('says that Kafka is away, and what it has', async () => {
    const { code, err } = await startProgram(['produce', '--brokers', '127.0.0.1:1', EXAMPLE], folder).ended
    expect(code).toBe(3)
    expect(err).toMatch(/127\.0\.0\.1:1.*CATENARY_KAFKA__BROKERS/)
  })
})

const byId = (a: { id: string }, b: { id: string }): number => a.id.localeCompare(b.id)

const oauthEvent = (at: number): object => ({
  id: `o${at}`,
  time: '2026-11-20T09:00:00Z',
  kind: 'oauth',
  oauth: { action: 'token_use', client_id: `app-${at % 50}` },
})
