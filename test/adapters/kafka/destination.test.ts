import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { frameworkOf } from '../../../detectors/frameworks.ts'
import { formatsOf } from '../../../schemas/forward/formats.ts'
import { createKafkaDestination } from '../../../src/adapters/kafka/destination.ts'
import type { Destination } from '../../../src/ports/index.ts'
import {
  createTopics,
  describeKafka,
  KAFKA_START_MS,
  readTopic,
  startKafka,
  type TestKafka,
  testClient,
} from '../../kit/kafka.ts'
import { never, parcel } from '../../kit/parcels.ts'

const format = formatsOf({ frameworkOf, version: '0.0.0' }).catenary

describeKafka('a topic as a destination', () => {
  let kafka: TestKafka
  let topic = ''
  const open: Destination[] = []
  const destination = (to: string): Destination => {
    const one = createKafkaDestination({ kafka: testClient(kafka.brokers), topic: to, format })
    open.push(one)
    return one
  }

  beforeAll(async () => {
    kafka = await startKafka()
    topic = `alerts-${randomUUID()}`
    await createTopics(kafka.brokers, { [topic]: 1 })
  }, KAFKA_START_MS)

  afterAll(async () => {
    await Promise.all(open.map((one) => one.close()))
    await kafka.stop()
  })

  it('has each alert under its key, one that is too large refused alone', async () => {
    const large = parcel({ id: 'large', workflowId: 'w2', summary: 'x'.repeat(1_500_000) })
    const outcomes = await destination(topic).send([parcel(), large, parcel({ id: 'al2', workflowId: 'w3' })], never)
    expect(outcomes).toMatchObject([
      { what: 'delivered' },
      { what: 'refused', why: expect.stringContaining('max.message.bytes') },
      { what: 'delivered' },
    ])
    const records = await readTopic(kafka.brokers, topic, 2)
    expect(records.map(({ key }) => String(key))).toEqual(['default/al1', 'default/al2'])
    expect(String(records[0]?.headers?.['idempotency-key'])).toBe('al1-1')
    expect(JSON.parse(String(records[0]?.value))).toMatchObject({ alert_id: 'al1', previous_status: null })
  })

  it('that is not there is tried again', async () => {
    const [outcome] = await destination(`nowhere-${randomUUID()}`).send([parcel()], never)
    expect(outcome?.what).toBe('retry')
  })
})
