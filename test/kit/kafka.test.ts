import { Kafka, logLevel } from 'kafkajs'
import { beforeAll, expect, it } from 'vitest'
import {
  createTopics,
  describeKafka,
  KAFKA_START_MS,
  readTopic,
  startKafka,
  type TestKafka,
  testClient,
} from './kafka.ts'

describeKafka('a broker of the kit', () => {
  let kafka: TestKafka

  beforeAll(async () => {
    kafka = await startKafka({ own: true })
    return kafka.stop
  }, KAFKA_START_MS)

  it('still has what was written before it was killed', async () => {
    await createTopics(kafka.brokers, { kept: 1 })
    const producer = testClient(kafka.brokers).producer()
    await producer.connect()
    await producer.send({ topic: 'kept', acks: -1, messages: [{ key: 'k', value: 'before' }] })
    await producer.disconnect()
    await kafka.kill()
    await kafka.restart()
    const [record] = await readTopic(kafka.brokers, 'kept', 1)
    expect([record?.key?.toString(), record?.value?.toString()]).toEqual(['k', 'before'])
  })

  it('answers nothing while it is stalled, and again once it goes on', async () => {
    const { brokers } = kafka
    const admin = new Kafka({ brokers, requestTimeout: 300, retry: { retries: 0 }, logLevel: logLevel.NOTHING }).admin()
    await admin.connect()
    kafka.stall()
    await expect(admin.listTopics()).rejects.toThrow(/timed out/i)
    await admin.disconnect()
    kafka.resume()
    const patient = testClient(brokers).admin()
    await patient.connect()
    expect(await patient.listTopics()).toContain('kept')
    await patient.disconnect()
  })
})
