import { tmpdir } from 'node:os'
import { beforeAll, expect, it } from 'vitest'
import { idempotentProducer } from '../../src/adapters/kafka/connect.ts'
import { deadLetterRecord } from '../../src/adapters/kafka/dead-letters.ts'
import type { Rejection } from '../../src/ports/index.ts'
import {
  createTopics,
  describeKafka,
  KAFKA_START_MS,
  readTopic,
  startKafka,
  type TestKafka,
  testClient,
} from '../kit/kafka.ts'
import { buildProgram, type Ended, objectsOf, startProgram } from '../kit/program.ts'

const NOT_JSON: Rejection = { reason: 'not_json', path: '', message: 'the record is not JSON' }
const BAD_TIME: Rejection = { reason: 'bad_time', path: 'time', message: '"time" is no time' }

const recordAt = (offset: string, key: string | null, value: string) => ({
  key: key === null ? null : Buffer.from(key),
  value: Buffer.from(value),
  headers: { trace: 'abc' },
  offset,
  timestamp: '1795161600000',
})

describeKafka('catenary dead-letters', () => {
  let kafka: TestKafka
  const run = process.hrtime.bigint()
  const names = { calls: `calls-${run}`, oauth: `oauth-${run}`, dead: `dead-${run}` }
  const env = (): Record<string, string> => ({
    CATENARY_KAFKA__BROKERS: kafka.brokers.join(),
    CATENARY_KAFKA__TOOL_CALLS_TOPIC: names.calls,
    CATENARY_KAFKA__OAUTH_TOPIC: names.oauth,
    CATENARY_KAFKA__DEAD_LETTERS_TOPIC: names.dead,
  })

  beforeAll(async () => {
    const [started] = await Promise.all([startKafka(), buildProgram()])
    kafka = started
    await createTopics(kafka.brokers, { [names.calls]: 2, [names.oauth]: 2, [names.dead]: 1, [`foreign-${run}`]: 1 })
    const producer = idempotentProducer(testClient(kafka.brokers))
    await producer.connect()
    const from = { topic: names.calls, partition: 1 }
    await producer.send({
      topic: names.dead,
      acks: -1,
      messages: [
        deadLetterRecord(from, recordAt('17', 'default/wf-1', '{"id":'), NOT_JSON),
        deadLetterRecord(from, recordAt('17', 'default/wf-1', '{"id":'), NOT_JSON),
        deadLetterRecord({ topic: names.oauth, partition: 1 }, recordAt('3', null, '{"id":"o1"}'), BAD_TIME),
        { key: 'stranger', value: 'no dead letter at all' },
        deadLetterRecord({ topic: `foreign-${run}`, partition: 0 }, recordAt('1', null, 'x'), NOT_JSON),
      ],
    })
    await producer.disconnect()
    return kafka.stop
  }, KAFKA_START_MS)

  const deadLetters = (argv: readonly string[]): Promise<Ended> =>
    startProgram(['dead-letters', ...argv], tmpdir(), env()).ended

  it('lists each once, with why and from where, and not what is in it', async () => {
    const listed = await deadLetters(['list', '--json'])
    expect(listed).toMatchObject({ code: 0, err: '' })
    expect(objectsOf(listed)).toMatchObject([
      { id: '0:0', reason: 'not_json', topic: names.calls, partition: 1, offset: '17', key: 'default/wf-1', bytes: 6 },
      { id: '0:2', reason: 'bad_time', path: 'time', topic: names.oauth, time: '2026-11-20T08:00:00.000Z' },
      { id: '0:4', topic: `foreign-${run}` },
    ])
    expect(listed.out).not.toContain('o1')
    expect((await deadLetters(['list', '--reason', 'bad_time'])).out).toMatch(/0:2 .*bad_time.*time: "time" is no time/)
    expect(objectsOf(await deadLetters(['list', '--json', '--topic', names.calls]))).toHaveLength(1)
    expect(objectsOf(await deadLetters(['list', '--json', '--limit', '2']))).toHaveLength(2)
  })

  it('sends one again as it came, and says so', async () => {
    const dry = await deadLetters(['retry', '0:0', '--dry-run'])
    expect(dry.out).toContain('1 dead letter would be sent again')
    const retried = await deadLetters(['retry', '0:0'])
    expect(retried).toMatchObject({ code: 0, err: '' })
    expect(retried.out).toContain('1 dead letter sent again')
    const [record] = await readTopic(kafka.brokers, names.calls, 1)
    expect(record?.value?.toString()).toBe('{"id":')
    expect(record?.key?.toString()).toBe('default/wf-1')
    const headers = Object.entries(record?.headers ?? {}).map(([name, value]) => [name, String(value)])
    expect(Object.fromEntries(headers)).toEqual({ trace: 'abc', 'catenary.retries': '1' })
  })

  it('sends all that the filters leave, and none to a topic that no consumer reads', async () => {
    const retried = await deadLetters(['retry', '--all', '--reason', 'bad_time', '--json'])
    expect(objectsOf(retried).at(-1)).toMatchObject({
      type: 'summary',
      retried: 1,
      skipped: 0,
      topics: { [names.oauth]: 1 },
    })
    const [record] = await readTopic(kafka.brokers, names.oauth, 1)
    expect(record?.value?.toString()).toBe('{"id":"o1"}')
    const foreign = await deadLetters(['retry', '0:4'])
    expect(foreign.err).toContain(`0:4 is left: it came from foreign-${run}`)
    expect(foreign.out).toContain('0 dead letters sent again, 1 left')
  })

  it.each([
    [[], /name dead letters/],
    [['0:99'], /no dead letter 0:99.*nothing was sent/],
    [['seventeen'], /write partition:offset/],
    [['0:0', '--all'], /not both/],
  ])('refuses to retry %j', async (argv, said) => {
    const { code, err } = await deadLetters(['retry', ...argv])
    expect(code).toBe(2)
    expect(err).toMatch(said)
  })
})
