import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createOutlet, type Outlet } from '../../../src/adapters/kafka/outlet.ts'
import {
  createTopics,
  describeKafka,
  KAFKA_START_MS,
  readTopic,
  startKafka,
  type TestKafka,
  testClient,
} from '../../kit/kafka.ts'
import { noLog } from '../../kit/no-log.ts'

describeKafka('an outlet', () => {
  let kafka: TestKafka
  let outlet: Outlet
  let topic = ''

  beforeAll(async () => {
    kafka = await startKafka()
    outlet = createOutlet(testClient(kafka.brokers), noLog)
    topic = `outlet-${randomUUID()}`
    await createTopics(kafka.brokers, { [topic]: 1 })
  }, KAFKA_START_MS)

  afterAll(async () => {
    await outlet.close()
    await kafka.stop()
  })

  it('sends more at once than a broker takes in one batch, in order', async () => {
    const filler = 'x'.repeat(10_000)
    const messages = Array.from({ length: 400 }, (_, i) => ({ key: 'k', value: `${i} ${filler}` }))
    await outlet.send([{ topic, messages }])
    const records = await readTopic(kafka.brokers, topic, 400)
    expect(records.map(({ value }) => Number(String(value).split(' ')[0]))).toEqual(messages.map((_, i) => i))
  })

  it('says that a record is larger than its topic takes, and goes on with others', async () => {
    await expect(
      outlet.send([{ topic, messages: [{ key: 'k', value: 'x'.repeat(1_500_000) }] }]),
    ).rejects.toMatchObject({
      code: 'CAT_CONFIG',
      message: expect.stringContaining('max.message.bytes'),
    })
    await outlet.send([{ topic, messages: [{ key: 'k', value: 'after' }] }])
    expect(String((await readTopic(kafka.brokers, topic, 401)).at(-1)?.value)).toBe('after')
  })
})
