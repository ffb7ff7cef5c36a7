import kafkajs, { CompressionTypes } from 'kafkajs'
import { compress } from 'snappy'
import { beforeAll, describe, expect, it } from 'vitest'
import { registerCodecs } from '../../../src/adapters/kafka/codecs.ts'
import { connectKafka, idempotentProducer } from '../../../src/adapters/kafka/connect.ts'
import { readConfig } from '../../../src/config/index.ts'
import { createTopics, describeKafka, KAFKA_START_MS, readTopic, startKafka, type TestKafka } from '../../kit/kafka.ts'
import { runJava } from '../../kit/kafka-files.ts'
import { noLog } from '../../kit/no-log.ts'

const COUNT = 500
const JAVA = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const

const addressOf = (brokers: string[], more: Record<string, string> = {}) =>
  readConfig({ env: { CATENARY_KAFKA__BROKERS: brokers.join(), ...more }, folder: '/nowhere', detectors: [] }).config
    .kafka

describeKafka('a client of Kafka', () => {
  let kafka: TestKafka
  /** As Java's producer printed it: `key partition`. */
  let placed: readonly string[]
  const run = process.hrtime.bigint()

  beforeAll(async () => {
    kafka = await startKafka()
    await createTopics(kafka.brokers, {
      ...Object.fromEntries(JAVA.map((compression) => [`java-${compression}-${run}`, 3])),
      [`keys-${run}`]: 3,
      [`packed-${run}`]: 1,
    })
    const topics = JAVA.map((compression) => `java-${compression}-${run}=${compression}`)
    const printed = await runJava('Produce.java', [kafka.brokers.join(), String(COUNT), ...topics])
    placed = printed.trim().split('\n')
    registerCodecs()
    return kafka.stop
  }, KAFKA_START_MS)

  it.each(JAVA)('reads what a Java producer packed by %s', async (compression) => {
    const read = await readTopic(kafka.brokers, `java-${compression}-${run}`, COUNT)
    expect(new Set(read.map(({ value }) => value?.toString()))).toEqual(
      new Set(Array.from({ length: COUNT }, (_, at) => `${at} ${'lorem ipsum '.repeat(at % 50)}`)),
    )
  })

  it('puts a key in the partition where a Java producer puts it', async () => {
    const producer = idempotentProducer(connectKafka(addressOf(kafka.brokers), noLog))
    await producer.connect()
    const own: string[] = []
    for (const line of placed.slice(0, 50)) {
      const [key = ''] = line.split(' ')
      const [sent] = await producer.send({ topic: `keys-${run}`, acks: -1, messages: [{ key, value: '' }] })
      own.push(`${key} ${sent?.partition}`)
    }
    await producer.disconnect()
    expect(own).toEqual(placed.slice(0, 50))
  })

  it('writes gzip, snappy and lz4 that the broker takes and gives back', async () => {
    const producer = idempotentProducer(connectKafka(addressOf(kafka.brokers), noLog))
    await producer.connect()
    const messages = Array.from({ length: COUNT }, (_, at) => ({ value: `${at} ${'x'.repeat(at)}` }))
    const { GZIP, Snappy, LZ4 } = CompressionTypes
    for (const compression of [GZIP, Snappy, LZ4])
      await producer.send({ topic: `packed-${run}`, acks: -1, compression, messages })
    await producer.disconnect()
    const read = await readTopic(kafka.brokers, `packed-${run}`, 3 * COUNT)
    expect(read.map(({ value }) => value?.toString())).toEqual(
      [...messages, ...messages, ...messages].map(({ value }) => value),
    )
  })
})

describe('the snappy codec', () => {
  const unpack = async (bytes: Buffer): Promise<unknown> => {
    registerCodecs()
    const make = kafkajs.CompressionCodecs[CompressionTypes.Snappy] as unknown as () => {
      decompress(bytes: Buffer): Promise<Buffer>
    }
    return (await make().decompress(bytes)).toString()
  }

  it('reads a bare block, as librdkafka writes it', async () => {
    expect(await unpack(await compress('records'))).toBe('records')
  })

  it('refuses a block that ends early', async () => {
    const head = Buffer.from('82534e41505059000000000100000001000000ff00', 'hex')
    await expect(unpack(head)).rejects.toThrow(/ends early/)
  })
})

describe('a client of Kafka that is set up wrongly', () => {
  it('says that no broker is named', () => {
    expect(() => connectKafka(addressOf([]), noLog)).toThrow(/CATENARY_KAFKA__BROKERS/)
  })

  it('says which file it cannot read', () => {
    const more = { CATENARY_KAFKA__SSL: 'true', CATENARY_KAFKA__SSL_CA_FILE: '/nowhere/ca.pem' }
    expect(() => connectKafka(addressOf(['localhost:1'], more), noLog)).toThrow(/kafka\.sslCaFile: \/nowhere\/ca\.pem/)
  })
})
