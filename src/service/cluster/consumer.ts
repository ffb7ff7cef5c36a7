import type { Admin, Kafka, KafkaMessage } from 'kafkajs'
import type { Logger } from 'pino'
import type { DecodeOptions } from '../../../schemas/event.ts'
import { deadLetterRecord } from '../../adapters/kafka/dead-letters.ts'
import { type Batch, createGroup, type Group, type GroupSettings } from '../../adapters/kafka/group.ts'
import { coPartitionedTopics, inputTopics, type TopicNames } from '../../adapters/kafka/keys.ts'
import type { Outlet } from '../../adapters/kafka/outlet.ts'
import { readThreadRecord, writeTime } from '../../adapters/kafka/thread-record.ts'
import { type Arrival, isFenced, type Rejection, type ThreadRecord, type Trace } from '../../ports/index.ts'
import type { Verdict } from '../../runtime/pipeline.ts'
import type { ConsumerMetrics } from '../metrics/index.ts'
import type { Partition } from './partition.ts'
import { Partitions } from './partitions.ts'
import { Progress } from './progress.ts'
import { arrivalOf, writtenAt } from './records.ts'

export interface ConsumerParts {
  readonly kafka: Kafka
  readonly settings: GroupSettings & TopicNames & { readonly idleTopicMs: number }
  readonly count: number
  readonly latenessMs: number
  readonly open: (number: number) => Promise<Partition>
  readonly outlet: Outlet
  readonly decode: DecodeOptions
  readonly clock: () => number
  readonly logger: Logger
  readonly trace: Trace
  readonly metrics: Omit<ConsumerMetrics, 'sent' | 'fenced'>
  /** Told of events that are about to be folded, and when each was written. */
  readonly onCame: (partition: number, arrivals: readonly Arrival[], atOf: (index: number) => number) => void
  /** Told of every batch that is stored, sent and about to be committed. */
  readonly onRead: (read: { readonly topic: string; readonly verdicts: readonly Verdict[] }) => void
  /** It makes no sense to go on. */
  readonly broken: (error: unknown) => void
}

/** Reads the topics as a member of the group, and folds the partitions that it is given. */
export class ClusterConsumer {
  readonly partitions: Partitions
  readonly progress: Progress
  readonly #parts: ConsumerParts
  readonly #group: Group
  #admin: Promise<Admin> | null = null
  #askedAt = Number.NEGATIVE_INFINITY
  #isMember: boolean = false
  readonly #said = new Map<number, { readonly value: Buffer; readonly at: number }>()

  constructor(parts: ConsumerParts) {
    this.#parts = parts
    this.partitions = new Partitions(parts.open, parts.logger)
    this.progress = new Progress(parts.clock)
    this.#group = createGroup({
      kafka: parts.kafka,
      settings: parts.settings,
      topics: coPartitionedTopics(parts.settings),
      owned: () => this.partitions.numbers,
      assigned: (numbers) => this.#assigned(numbers),
      trace: parts.trace,
      handle: (batch) => this.#handle(batch),
      broken: parts.broken,
    })
  }

  /** What is still to come before all that the group gave this process is at work; null for nothing. */
  get waitsFor(): string | null {
    const { numbers, ready } = this.partitions
    if (!this.#isMember) return 'this process has not been given partitions by the consumer group yet'
    const waiting = numbers.length - ready.length
    return waiting > 0 ? `${waiting} of ${numbers.length} partitions are still being brought back from the store` : null
  }

  start(): Promise<void> {
    return this.#group.start()
  }

  async stop(): Promise<void> {
    await this.#group.stop()
    await this.#letAdminGo()
  }

  /** Moves time on: asks how far the topics go, tells the other partitions, judges absence. Never rejects. */
  async tick(): Promise<void> {
    await this.#askOffsets().catch((err: unknown) => {
      this.#parts.metrics.brokersFailed('offsets')
      this.#parts.logger.debug({ err }, 'offsets unknown')
    })
    for (const partition of this.partitions.ready) {
      try {
        await this.#tellTime(partition)
        await partition.tick(this.#parts.clock())
      } catch (err) {
        this.#parts.logger.warn({ err, partition: partition.claim.partition }, 'time stands still')
        if (isFenced(err)) this.#lost(partition)
      }
    }
  }

  /** Another has claimed the partition; while it is given to this process it is claimed back. */
  #lost(partition: Partition): void {
    this.partitions.lose(partition)
    this.#open(partition.claim.partition)
  }

  /** Opens a partition before any record of it comes: absence may be due in it. */
  #open(number: number): void {
    this.partitions
      .work(
        number,
        () => this.partitions.numbers.includes(number),
        async () => null,
      )
      .catch(this.#parts.broken)
  }

  #assigned(numbers: readonly number[]): void {
    this.#parts.logger.info({ partitions: numbers }, 'partitions assigned')
    this.#isMember = true
    this.#parts.metrics.assigned(numbers)
    for (const number of this.partitions.numbers) if (!numbers.includes(number)) this.progress.forget(number)
    this.partitions.give(numbers)
    for (const number of numbers) this.#open(number)
  }

  async #handle(batch: Batch): Promise<number> {
    const { topic, partition, messages, isCurrent, lost } = batch
    const { settings, latenessMs } = this.#parts
    const inputs = inputTopics(settings)
    const isInput = topic !== settings.threadsTopic
    this.progress.ends(topic, partition, BigInt(batch.highWatermark))
    this.#parts.metrics.fetched(batch, writtenAt(messages[0]))
    if (isInput && this.progress.isAhead(topic, inputs, partition, latenessMs)) return 0
    const read = await this.#parts.trace.span({ name: 'decode' }, async () =>
      isInput ? this.#readEvents(batch) : this.#readFacts(batch),
    )
    try {
      const done = await this.partitions.work(partition, isCurrent, read.fold, lost)
      if (done === null) return 0
      await this.#refuse(batch, read.refused)
      const last = messages.at(-1)
      if (last !== undefined) this.progress.read(topic, partition, last.offset, read.maxAt)
      this.#parts.metrics.read(batch, writtenAt(last))
      this.#parts.onRead({ topic, verdicts: done })
      return messages.length
    } catch (error) {
      this.#parts.broken(error)
      return 0
    }
  }

  #readEvents({ topic, partition, messages }: Batch): Reading {
    const arrivals = messages.map((message) => arrivalOf(topic, partition, message, this.#parts.decode))
    this.#parts.onCame(partition, arrivals, (i) => writtenAt(messages[i]))
    const refused: Refused[] = []
    let maxAt = Number.NEGATIVE_INFINITY
    const horizon = this.#parts.clock()
    arrivals.forEach((arrival, i) => {
      const message = messages[i] as KafkaMessage
      if (!arrival.ok) refused.push({ message, rejection: arrival })
      else if (arrival.event.at > maxAt && arrival.event.at <= horizon) maxAt = arrival.event.at
    })
    return { refused, maxAt, fold: (to) => to.ingest(arrivals) }
  }

  #readFacts({ messages }: Batch): Reading {
    const heard: ThreadRecord[] = []
    const refused: Refused[] = []
    for (const message of messages) {
      const record = readThreadRecord(message.value)
      if (!('refusal' in record)) heard.push(record)
      else refused.push({ message, rejection: { reason: 'bad_value', path: '', message: record.refusal } })
    }
    const fold = async (to: Partition): Promise<readonly Verdict[]> => {
      await to.hear(heard)
      this.#parts.metrics.heard(heard.flatMap(({ facts }) => facts ?? []))
      return []
    }
    return { refused, maxAt: Number.NEGATIVE_INFINITY, fold }
  }

  async #refuse(place: Batch, refused: readonly Refused[]): Promise<void> {
    const messages = refused.map(({ message, rejection }) => deadLetterRecord(place, message, rejection))
    await this.#parts.outlet.send([{ topic: this.#parts.settings.deadLettersTopic, messages }])
    this.#parts.metrics.refused(
      place.topic,
      refused.map(({ rejection }) => rejection),
    )
  }

  /** Tells every partition how far this one is, after what that rests on. */
  async #tellTime(partition: Partition): Promise<void> {
    const { settings, outlet, count, clock } = this.#parts
    const { epoch, partition: from } = partition.claim
    const inputs = inputTopics(settings).map((topic) => this.progress.input(topic, from, settings.idleTopicMs))
    const time = partition.notice(inputs)
    const value = writeTime({ from, epoch }, time)
    const said = this.#said.get(from)
    if (said?.value.equals(value) === true && clock() - said.at < REPEAT_MS) return
    const messages = Array.from({ length: count }, (_, to) => ({ key: `time/${from}`, value, partition: to }))
    await outlet.send([{ topic: settings.threadsTopic, messages }])
    this.#said.set(from, { value, at: clock() })
  }

  /** One connection for all ticks; after a failure another. */
  async #askOffsets(): Promise<void> {
    const now = this.#parts.clock()
    if (this.partitions.numbers.length === 0 || now - this.#askedAt < ASK_MS) return
    this.#askedAt = now
    this.#admin ??= connectedAdmin(this.#parts.kafka)
    try {
      await this.#readOffsets(await this.#admin)
    } catch (error) {
      await this.#letAdminGo()
      throw error
    }
  }

  async #letAdminGo(): Promise<void> {
    const admin = this.#admin
    this.#admin = null
    await admin?.then((one) => one.disconnect()).catch(() => undefined)
  }

  async #readOffsets(admin: Admin): Promise<void> {
    const { settings } = this.#parts
    const topics = coPartitionedTopics(settings)
    const committed = await admin.fetchOffsets({ groupId: settings.groupId, topics: [...topics] })
    for (const topic of topics) {
      const ends = await admin.fetchTopicOffsets(topic)
      for (const { partition, high, low } of ends) {
        if (!this.partitions.numbers.includes(partition)) continue
        const at = committed
          .find((one) => one.topic === topic)
          ?.partitions.find((one) => one.partition === partition)?.offset
        this.progress.told(topic, partition, BigInt(at === undefined || at === '-1' ? low : at), BigInt(high))
      }
    }
  }
}

async function connectedAdmin(kafka: Kafka): Promise<Admin> {
  const admin = kafka.admin({ retry: { retries: 0 } })
  await admin.connect()
  return admin
}

/** So often the brokers are asked how far the topics go, however short a tick is; each batch tells of its own partition. */
const ASK_MS = 1_000

/** A notice of time is sent again now and then: who took a partition over has heard none. */
const REPEAT_MS = 5_000

interface Refused {
  readonly message: KafkaMessage
  readonly rejection: Rejection
}

interface Reading {
  readonly refused: readonly Refused[]
  readonly maxAt: number
  readonly fold: (partition: Partition) => Promise<readonly Verdict[]>
}
