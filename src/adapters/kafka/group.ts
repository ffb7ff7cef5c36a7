import type { Consumer, EachBatchPayload, Kafka, KafkaMessage } from 'kafkajs'
import type { SpanParts, Trace } from '../../ports/index.ts'
import { coPartitionAssigner } from './assigner.ts'

export interface GroupSettings {
  readonly groupId: string
  readonly sessionTimeoutMs: number
  readonly heartbeatIntervalMs: number
  readonly rebalanceTimeoutMs: number
  readonly maxBytesPerPartition: number
  readonly maxWaitMs: number
}

/** Some records of one partition, in order. */
export interface Batch {
  readonly topic: string
  readonly partition: number
  readonly messages: readonly KafkaMessage[]
  /** One past the last offset of the partition when these were fetched: a whole number as text. */
  readonly highWatermark: string
  /** False once the partition may be another's: nothing more is to be done for it. */
  readonly isCurrent: () => boolean
  /** Comes when a rebalance waits for this batch: what has not been begun for it should not be waited for. */
  readonly lost: AbortSignal
}

export interface GroupParts {
  readonly kafka: Kafka
  readonly settings: GroupSettings
  readonly topics: readonly string[]
  /** The partition numbers that this process has, so that it is given them again. */
  readonly owned: () => readonly number[]
  /** Told the partition numbers of every assignment, before any of their records comes. */
  readonly assigned: (partitions: readonly number[]) => void
  /**
   * Handles records from the first on. Resolves with how many are done for good: their offsets are committed then, and the
   * rest comes again after a pause. Never rejects for what time may mend.
   */
  readonly handle: (batch: Batch) => Promise<number>
  /** Told of every batch, from the first record until its offsets are committed. */
  readonly trace: Trace
  /** The group gave up. */
  readonly broken: (error: Error) => void
}

export interface Group {
  start(): Promise<void>
  /** Leaves the group in order, so that its partitions go to others at once. */
  stop(): Promise<void>
}

const PAUSE_MS = 200

/** This process as a member of the consumer group. Offsets are committed by hand, and only for what is still its own. */
export function createGroup(parts: GroupParts): Group {
  const { kafka, settings, topics } = parts
  const consumer = kafka.consumer({
    groupId: settings.groupId,
    sessionTimeout: settings.sessionTimeoutMs,
    heartbeatInterval: settings.heartbeatIntervalMs,
    rebalanceTimeout: settings.rebalanceTimeoutMs,
    maxBytesPerPartition: settings.maxBytesPerPartition,
    maxWaitTimeInMs: settings.maxWaitMs,
    allowAutoTopicCreation: false,
    partitionAssigners: [coPartitionAssigner(parts.owned)],
    retry: { retries: Number.MAX_SAFE_INTEGER, initialRetryTime: 200, maxRetryTime: 5_000 },
  })
  const own = { partitions: new Set<number>(), generation: 0 }
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
    own.generation += 1
    own.partitions = new Set(Object.values(payload.memberAssignment).flat())
    parts.assigned([...own.partitions].sort((a, b) => a - b))
  })
  consumer.on(consumer.events.CRASH, ({ payload: { error, restart } }) => {
    if (!restart) parts.broken(error)
  })
  const resumes = new Set<NodeJS.Timeout>()
  return {
    async start() {
      await consumer.connect()
      await consumer.subscribe({ topics: [...topics], fromBeginning: true })
      await consumer.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        partitionsConsumedConcurrently: 64,
        eachBatch: (payload) => eachBatch(payload, consumer, parts, own, resumes),
      })
    },
    async stop() {
      for (const timer of resumes) clearTimeout(timer)
      await consumer.stop()
      await consumer.disconnect()
    },
  }
}

async function eachBatch(
  { batch, resolveOffset, heartbeat, isRunning, isStale, pause }: EachBatchPayload,
  consumer: Consumer,
  { settings, handle, trace }: GroupParts,
  own: { readonly partitions: ReadonlySet<number>; readonly generation: number },
  resumes: Set<NodeJS.Timeout>,
): Promise<void> {
  const { topic, partition, messages } = batch
  const { generation } = own
  const losing = new AbortController()
  const beat = setInterval(() => {
    // A rebalance is under way, or the end: kafkajs goes on with it once the batches at hand are left.
    if (!isCurrent()) losing.abort()
    heartbeat().catch(() => losing.abort())
  }, settings.heartbeatIntervalMs)
  const isCurrent = (): boolean =>
    !losing.signal.aborted &&
    isRunning() &&
    !isStale() &&
    own.generation === generation &&
    own.partitions.has(partition)
  try {
    const done = await trace.span(spanOf(batch, settings.groupId), async () => {
      const count = await handle({
        topic,
        partition,
        messages,
        highWatermark: batch.highWatermark,
        isCurrent,
        lost: losing.signal,
      })
      const last = messages[count - 1]
      if (last === undefined || !isCurrent()) return count
      resolveOffset(last.offset)
      const next = { topic, partition, offset: String(BigInt(last.offset) + 1n) }
      await trace.span({ name: 'commit', kind: 'client' }, () =>
        consumer.commitOffsets([next]).catch((error: unknown) => {
          throw ofMembership(error)
        }),
      )
      return count
    })
    if (done === messages.length || !isCurrent()) return
    const resume = pause()
    const timer = setTimeout(() => {
      resumes.delete(timer)
      resume()
    }, PAUSE_MS)
    resumes.add(timer)
  } finally {
    clearInterval(beat)
  }
}

const OF_MEMBERSHIP: ReadonlySet<unknown> = new Set([
  'UNKNOWN_MEMBER_ID',
  'ILLEGAL_GENERATION',
  'REBALANCE_IN_PROGRESS',
])

/**
 * A member that was still for longer than its session is no longer known. kafkajs joins anew when it is told so by a batch; what
 * it wraps around the answer to a commit hides that, and would end the consumer for good.
 */
function ofMembership(error: unknown): unknown {
  const { cause } = error as { readonly cause?: { readonly type?: unknown } }
  return OF_MEMBERSHIP.has(cause?.type) ? cause : error
}

const spanOf = ({ topic, partition, messages }: EachBatchPayload['batch'], group: string): SpanParts => ({
  name: `process ${topic}`,
  kind: 'consumer',
  attributes: {
    'messaging.system': 'kafka',
    'messaging.operation.name': 'process',
    'messaging.operation.type': 'process',
    'messaging.destination.name': topic,
    'messaging.destination.partition.id': String(partition),
    'messaging.consumer.group.name': group,
    'messaging.batch.message_count': messages.length,
    'messaging.kafka.offset': Number(messages[0]?.offset ?? -1),
  },
})
