import { randomUUID } from 'node:crypto'
import type { Consumer, Kafka, KafkaMessage } from 'kafkajs'
import type { RecordPlace } from './dead-letters.ts'

export interface ReadRecord {
  readonly place: RecordPlace
  readonly message: KafkaMessage
}

/** Takes a record, and says `stop` when it wants no more. */
export type Take<T> = (record: T) => 'stop' | undefined | Promise<'stop' | undefined>

/** How long nothing may come before a partition whose last records nobody can see (markers of transactions) is at its end. */
const SILENT_MS = 10_000

/**
 * Hands every record that a topic has now to `take`, in order within a partition, and stops there, or where `take` says
 * `stop`. The consumer group it needs begins with `groupPrefix`, commits nothing and is deleted after. Throws what kafkajs
 * throws.
 */
export async function readToEnd(
  kafka: Kafka,
  topic: string,
  groupPrefix: string,
  take: Take<ReadRecord>,
): Promise<void> {
  const admin = kafka.admin()
  await admin.connect()
  try {
    const left = new Map<number, bigint>()
    for (const { partition, low, high } of await admin.fetchTopicOffsets(topic))
      if (BigInt(high) > BigInt(low)) left.set(partition, BigInt(high))
    if (left.size === 0) return
    const groupId = `${groupPrefix}-${randomUUID()}`
    const consumer = kafka.consumer({ groupId, allowAutoTopicCreation: false, maxWaitTimeInMs: 250 })
    try {
      await consumer.connect()
      await consumer.subscribe({ topic, fromBeginning: true })
      await untilEnd(consumer, left, take)
    } finally {
      await consumer.disconnect()
      await admin.deleteGroups([groupId]).catch(() => undefined)
    }
  } finally {
    await admin.disconnect()
  }
}

function untilEnd(consumer: Consumer, left: Map<number, bigint>, take: Take<ReadRecord>): Promise<void> {
  return new Promise((done, fail) => {
    let timer: NodeJS.Timeout | undefined
    const end = (): void => {
      clearTimeout(timer)
      done()
    }
    consumer.on('consumer.crash', ({ payload }) => {
      if (payload.restart) return
      clearTimeout(timer)
      fail(payload.error)
    })
    consumer.on('consumer.group_join', () => {
      timer ??= setTimeout(end, SILENT_MS)
    })
    const run = consumer.run({
      autoCommit: false,
      eachBatch: async ({ batch: { topic, partition, messages }, heartbeat }) => {
        for (const message of messages) {
          timer?.refresh()
          await heartbeat()
          const high = left.get(partition)
          if (high === undefined) return
          const isBeyond = BigInt(message.offset) >= high
          if (!isBeyond && take({ place: { topic, partition, offset: message.offset }, message }) === 'stop')
            return end()
          if (BigInt(message.offset) + 1n >= high) left.delete(partition)
        }
        if (left.size === 0) end()
      },
    })
    run.catch(fail)
  })
}
