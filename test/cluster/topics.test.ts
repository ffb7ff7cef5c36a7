import { tmpdir } from 'node:os'
import { beforeAll, describe, expect, it } from 'vitest'
import { checkTopicsOf } from '../../src/adapters/kafka/check-topics.ts'
import { connectKafka } from '../../src/adapters/kafka/connect.ts'
import { readConfig } from '../../src/config/index.ts'
import { createTopics, describeKafka, KAFKA_START_MS, startKafka, type TestKafka } from '../kit/kafka.ts'
import { noLog } from '../kit/no-log.ts'
import { buildProgram, type Ended, objectsOf, startProgram } from '../kit/program.ts'

/** Names of topics that no other test has. */
const namesFor = (prefix: string): Record<string, string> =>
  Object.fromEntries(
    ['TOOL_CALLS', 'CREDENTIALS', 'OAUTH', 'THREADS', 'ALERTS', 'DEAD_LETTERS'].map((name) => [
      `CATENARY_KAFKA__${name}_TOPIC`,
      `${prefix}.${name.toLowerCase()}`,
    ]),
  )

const run = process.hrtime.bigint()

describeKafka('catenary topics', () => {
  let kafka: TestKafka

  beforeAll(async () => {
    const [started] = await Promise.all([startKafka(), buildProgram()])
    kafka = started
    return kafka.stop
  }, KAFKA_START_MS)

  const topics = (argv: readonly string[], prefix: string): Promise<Ended> =>
    startProgram(['topics', ...argv], tmpdir(), {
      CATENARY_KAFKA__BROKERS: kafka.brokers.join(),
      ...namesFor(`${prefix}-${run}`),
    }).ended

  const checked = (prefix: string): Promise<number> => {
    const env = { CATENARY_KAFKA__BROKERS: kafka.brokers.join(), ...namesFor(`${prefix}-${run}`) }
    const { config } = readConfig({ env, folder: '/nowhere', detectors: [] })
    return checkTopicsOf(connectKafka(config.kafka, noLog), config.kafka)
  }

  it('makes what is not there, once, and shows it', async () => {
    const made = await topics(['create', '--partitions', '3', '--retention-hours', '48'], 'fresh')
    expect(made).toMatchObject({ code: 0, err: '' })
    expect(made.out).toContain(`made fresh-${run}.tool_calls: 3 partitions, 1 replicas`)
    expect((await topics(['create'], 'fresh')).out).toContain('nothing was changed')
    const listed = objectsOf(await topics(['list', '--json'], 'fresh'))
    expect(listed).toHaveLength(6)
    expect(listed[0]).toMatchObject({
      role: 'input',
      exists: true,
      partitions: 3,
      retention_ms: 172_800_000,
      records: 0,
    })
    expect((await topics(['list'], 'fresh')).out).toMatch(/threads.*internal.*3.*1.*2 d.*0/)
    expect(await checked('fresh')).toBe(3)
  })

  it('makes nothing on a dry run', async () => {
    const dry = objectsOf(await topics(['create', '--dry-run', '--json'], 'dry'))
    expect(dry).toHaveLength(6)
    expect(dry[0]).toMatchObject({ partitions: 12, replication_factor: 1, status: 'pending' })
    expect((await topics(['list'], 'dry')).out).toMatch(/tool_calls.*missing/)
    await expect(checked('dry')).rejects.toMatchObject({ code: 'CAT_CONFIG' })
    await expect(checked('dry')).rejects.toThrow(/missing: .*tool_calls.*catenary topics create/)
  })

  it('gives new topics the partitions of those that are there, and refuses others', async () => {
    await createTopics(kafka.brokers, { [`some-${run}.oauth`]: 5 })
    const refused = await topics(['create', '--partitions', '4'], 'some')
    expect(refused.code).toBe(2)
    expect(refused.err).toMatch(/oauth have 5 partitions, and --partitions asks for 4/)
    expect((await topics(['create'], 'some')).code).toBe(0)
    expect(await checked('some')).toBe(5)
  })

  it('says which topics differ, and what to do', async () => {
    await createTopics(kafka.brokers, { [`odd-${run}.oauth`]: 2, [`odd-${run}.threads`]: 3 })
    const { code, err } = await topics(['create'], 'odd')
    expect(code).toBe(2)
    expect(err).toMatch(/equally many partitions, and have: odd-\d+\.oauth 2, odd-\d+\.threads 3.*--partitions 3/)
  })

  it('says what the brokers refused', async () => {
    const { code, err } = await topics(['create', '--replication-factor', '2'], 'replicas')
    expect(code).toBe(2)
    expect(err).toMatch(/as many replicas as there are brokers/)
  })
})

describe('catenary topics without a broker', () => {
  it('says how to name one', async () => {
    await buildProgram()
    const { code, err } = await startProgram(['topics', 'list'], tmpdir()).ended
    expect({ code, err }).toMatchObject({ code: 2, err: expect.stringContaining('CATENARY_KAFKA__BROKERS') })
  })

  it('says that none answers', async () => {
    await buildProgram()
    const { code, err } = await startProgram(['topics', 'list', '--brokers', '127.0.0.1:1'], tmpdir()).ended
    expect(code).toBe(3)
    expect(err).toMatch(/Kafka could not list the topics: .*127\.0\.0\.1:1.*can be reached/)
  })
})
