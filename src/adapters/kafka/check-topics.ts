import type { Kafka } from 'kafkajs'
import { kafkaError } from './kafka-error.ts'
import { checkTopics, describeTopics } from './kafka-topics.ts'
import type { TopicNames } from './keys.ts'

/**
 * Looks at the topics before anything is read: every one must be there, and the inputs and the threads must have equally
 * many partitions. Gives that count. Throws `CAT_CONFIG` that says what to do, `CAT_SOURCE_UNAVAILABLE` when Kafka is away.
 */
export async function checkTopicsOf(kafka: Kafka, names: TopicNames): Promise<number> {
  const admin = kafka.admin()
  try {
    await admin.connect()
    return checkTopics(await describeTopics(admin, names), names)
  } catch (error) {
    throw kafkaError(error, 'tell which topics it has')
  } finally {
    await admin.disconnect()
  }
}
