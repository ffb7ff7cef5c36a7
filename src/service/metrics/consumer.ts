import { Counter, Histogram, type Registry } from 'prom-client'
import { type Fact, REJECT_REASONS, type Rejection } from '../../ports/index.ts'
import { addGauge, type Reading, SECONDS } from './meters.ts'

/** Where some records stand. */
export interface TopicPartition {
  readonly topic: string
  readonly partition: number
}

/** What is counted of a member of the consumer group. */
export interface ConsumerMetrics {
  /** Records are at hand; when the first of them was written, in milliseconds since the epoch; NaN where nobody says. */
  fetched(place: TopicPartition, firstAt: number): void
  /** Records are done for good; when the last of them was written, the same way. */
  read(place: TopicPartition, lastAt: number): void
  heard(facts: readonly Fact[]): void
  sent(facts: readonly Fact[], seconds: number): void
  refused(topic: string, rejections: readonly Rejection[]): void
  /** The group gave this process its partitions, and none but these. */
  assigned(numbers: readonly number[]): void
  /** A save did not go out: another process has the partition. */
  fenced(): void
  /** The brokers did not do what was asked of them; it is asked again. */
  brokersFailed(doing: 'send' | 'offsets'): void
}

/** As much of a consumer as is read when the metrics are. */
export interface MeasuredConsumer {
  readonly partitions: { readonly numbers: readonly number[]; readonly ready: { readonly length: number } }
  readonly progress: { lag(topic: string, partition: number): number | null }
}

export interface ConsumerMetricsParts {
  /** Partition numbers that there are. */
  readonly count: number
  /** The topics that are read. */
  readonly topics: readonly string[]
  /** Whose gauges are read; none while it is null. */
  readonly consumer: () => MeasuredConsumer | null
}

/** Counters at zero. `clock`: milliseconds since the epoch. */
export function createConsumerMetrics(
  registry: Registry,
  clock: () => number,
  { count, topics, consumer }: ConsumerMetricsParts,
): ConsumerMetrics {
  addGauge(registry, {
    name: 'catenary_topic_partitions',
    help: 'Partition numbers that there are, whoever has them.',
    read: () => [{ value: count }],
  })
  const registers = [registry]
  const counter = <T extends string>(name: string, help: string, labelNames: readonly T[] = []): Counter<T> =>
    new Counter({ name, help, labelNames: [...labelNames], registers })
  const sent = counter('catenary_facts_sent_total', 'Facts that were sent to the owners of other partitions.', ['what'])
  const received = counter('catenary_facts_received_total', 'Facts that were taken in from other owners.', ['what'])
  const letters = counter('catenary_dead_letters_total', 'Records that went to the topic of dead letters.', [
    'topic',
    'reason',
  ])
  // The first of its kind is a rise only where there was a zero.
  for (const topic of topics) for (const reason of REJECT_REASONS) letters.inc({ topic, reason }, 0)
  const rebalances = counter('catenary_rebalances_total', 'How often the group gave out its partitions anew.')
  const fenced = counter(
    'catenary_fenced_writes_total',
    'Commits that were held back since another process had claimed the partition.',
  )
  const brokers = counter(
    'catenary_broker_failures_total',
    'What the brokers did not do when asked; it is asked again.',
    ['doing'],
  )
  for (const doing of ['send', 'offsets'] as const) brokers.inc({ doing }, 0)
  const sending = new Histogram({
    name: 'catenary_send_seconds',
    help: 'Time to send the facts and alerts of one commit, until the brokers have acknowledged them.',
    buckets: SECONDS,
    registers,
  })
  const lag = addLagGauges(registry, clock, { topics, consumer })
  return {
    fetched: lag.fetched,
    read: lag.read,
    heard(facts) {
      for (const { what } of facts) received.inc({ what })
    },
    sent(facts, seconds) {
      sending.observe(seconds)
      for (const { what } of facts) sent.inc({ what })
    },
    refused(topic, rejections) {
      for (const { reason } of rejections) letters.inc({ topic, reason })
    },
    assigned(numbers) {
      rebalances.inc()
      lag.keep(numbers)
    },
    fenced: () => fenced.inc(),
    brokersFailed: (doing) => brokers.inc({ doing }),
  }
}

function addLagGauges(
  registry: Registry,
  clock: () => number,
  { topics, consumer }: Pick<ConsumerMetricsParts, 'topics' | 'consumer'>,
): Pick<ConsumerMetrics, 'fetched' | 'read'> & { keep(numbers: readonly number[]): void } {
  /** By partition number, then topic. */
  const readTo = new Map<number, Map<string, number>>()
  const move = ({ topic, partition }: TopicPartition, at: number): void => {
    readTo.set(partition, (readTo.get(partition) ?? new Map()).set(topic, at))
  }
  const secondsOf = ({ topic, partition }: TopicPartition, lag: number | null): number | null => {
    const at = readTo.get(partition)?.get(topic)
    return lag === null ? null : lag === 0 ? 0 : at === undefined ? null : Math.max(0, clock() - at) / 1_000
  }
  const each = (read: (place: TopicPartition, lag: number | null) => number | null): Reading[] => {
    const { partitions, progress } = consumer() ?? NONE
    return topics.flatMap((topic) =>
      partitions.numbers.map((partition) => ({
        labels: { topic, partition },
        value: read({ topic, partition }, progress.lag(topic, partition)),
      })),
    )
  }
  const labelNames = ['topic', 'partition']
  addGauge(registry, {
    name: 'catenary_lag_records',
    help: 'Records that are in a partition of this process and not done, by topic and partition.',
    labelNames,
    read: () => each((_, lag) => lag),
  })
  addGauge(registry, {
    name: 'catenary_lag_seconds',
    help:
      'How long ago the record was written that this process is at, by topic and partition: the first of those at hand, else the ' +
      'last that was done. 0 when all are done.',
    labelNames,
    read: () => each(secondsOf),
  })
  addGauge(registry, {
    name: 'catenary_partitions',
    help: 'Partition numbers of this process: given by the group, and open (brought back and at work).',
    labelNames: ['state'],
    read: () => [
      { labels: { state: 'given' }, value: (consumer() ?? NONE).partitions.numbers.length },
      { labels: { state: 'open' }, value: (consumer() ?? NONE).partitions.ready.length },
    ],
  })
  return {
    fetched: move,
    read: move,
    keep(numbers) {
      for (const number of readTo.keys()) if (!numbers.includes(number)) readTo.delete(number)
    },
  }
}

const NONE: MeasuredConsumer = { partitions: { numbers: [], ready: [] }, progress: { lag: () => null } }
