import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import type { Kafka } from 'kafkajs'
import type { Logger } from 'pino'
import type { DecodeOptions } from '../../schemas/event.ts'
import { claimsOf } from '../adapters/clickhouse/claims.ts'
import { checkTopicsOf } from '../adapters/kafka/check-topics.ts'
import { connectKafka } from '../adapters/kafka/connect.ts'
import { coPartitionedTopics } from '../adapters/kafka/keys.ts'
import { createOutlet } from '../adapters/kafka/outlet.ts'
import { partitioner } from '../adapters/kafka/partition-of.ts'
import type { Config } from '../config/index.ts'
import { type Arrival, type Claims, isFenced, type Silencing } from '../ports/index.ts'
import type { Verdict } from '../runtime/pipeline.ts'
import { createSilencing } from '../runtime/silencing.ts'
import type { Service, ServiceParts } from '../service.ts'
import { type Around, apiOf } from './api-of.ts'
import { BUILT_IN, logAside } from './catalogue.ts'
import { ClusterConsumer } from './cluster/consumer.ts'
import { type ClusterForwarding, clusterForwarding } from './cluster/forwarding.ts'
import { httpIngest } from './cluster/http-ingest.ts'
import { openPartition, type Partition, type PartitionParts } from './cluster/partition.ts'
import { messagesOf } from './cluster/records.ts'
import { deferred } from './deferred.ts'
import { type OpenDestination, openDestinations, routing } from './forwarding/forwarding.ts'
import { guardStore } from './guarded-store.ts'
import { listen } from './listen.ts'
import { createLogger } from './logger.ts'
import type { ConsumerMetrics } from './metrics/consumer.ts'
import { createClusterMetrics } from './metrics/index.ts'
import { connectStore, keyOf, openStoreOn, placeOf, type Store } from './open-store.ts'
import { type OpenTrace, openTrace, traceStore } from './open-trace.ts'
import { closeReceivers, type OpenReceiver, openReceivers } from './security-events.ts'
import { startTicking } from './ticking.ts'
import { enginePartsOf, rawKeeper, storeListener } from './work.ts'

/**
 * One process of a cluster: reads Kafka as a member of the group, answers over HTTP, or both, as `roles` says. Throws
 * `CAT_CONFIG` where the topics are not as they must be, `CAT_SOURCE_UNAVAILABLE` and `CAT_STORE_UNAVAILABLE`.
 */
export async function startCluster(config: Config, parts: Omit<ServiceParts, 'store'>): Promise<Service> {
  const logger = parts.logger ?? createLogger(config.log.level)
  const kafka = connectKafka(config.kafka, logger)
  const count = await checkTopicsOf(kafka, config.kafka)
  const destinations = openDestinations(config, parts.version)
  const receivers = await openReceivers(config)
  const client = await connectStore(config)
  const store = await openStoreOn(client, config)
  let trace: OpenTrace | null = null
  try {
    const key = await keyOf(config)
    trace = await openTrace(config, parts.version, logger)
    return await new Node({
      config,
      kafka,
      count,
      store,
      claims: claimsOf(client),
      destinations,
      receivers,
      key,
      logger,
      trace,
      parts,
    }).start()
  } catch (error) {
    await Promise.allSettled([store.close(), trace?.close()])
    throw error
  }
}

interface NodeParts {
  readonly config: Config
  readonly kafka: Kafka
  readonly count: number
  readonly store: Store
  readonly claims: Claims
  readonly destinations: readonly OpenDestination[]
  readonly receivers: readonly OpenReceiver[]
  readonly key: Uint8Array
  readonly logger: Logger
  readonly trace: OpenTrace
  readonly parts: Omit<ServiceParts, 'store'>
}

class Node {
  readonly #all: NodeParts
  readonly #clock: () => number
  readonly #decode: DecodeOptions
  #isClosing = false
  readonly #breaking = deferred()
  readonly #silencing: Silencing
  #forwarding: ClusterForwarding | null = null

  constructor(all: NodeParts) {
    this.#all = all
    this.#clock = all.parts.clock ?? Date.now
    this.#silencing = createSilencing({ store: all.store, clock: this.#clock })
    this.#decode = { content: { key: all.key, retain: all.config.content.retain } }
  }

  async start(): Promise<Service> {
    const { config, kafka, store, logger, trace } = this.#all
    const { catalogue = BUILT_IN } = this.#all.parts
    logAside(catalogue, logger)
    const engineParts = enginePartsOf(config, catalogue)
    let consumer: ClusterConsumer | null = null
    const metrics = createClusterMetrics(
      { clock: this.#clock, version: this.#all.parts.version, aside: catalogue.aside },
      { count: this.#all.count, topics: coPartitionedTopics(config.kafka), consumer: () => consumer },
    )
    const outlet = createOutlet(kafka, logger, () => metrics.consumer.brokersFailed('send'))
    const guarded = guardStore(store, logger, storeListener(metrics))
    if (config.roles.includes('consumer')) consumer = this.#consumer(traceStore(guarded.store, trace), outlet, metrics)
    const rawOf = rawKeeper(this.#all.key, config.content.retain)
    const take = httpIngest({ names: config.kafka, outlet, store: guarded.store, clock: this.#clock, rawOf })
    const ingest = async (arrivals: readonly Arrival[]): Promise<readonly Verdict[]> => {
      const verdicts = await take(arrivals)
      metrics.refused(arrivals.flatMap((arrival) => (arrival.ok ? [] : [arrival])))
      return verdicts
    }
    const work = {
      engineParts,
      metrics,
      health: guarded.health,
      ingest,
      keepsWire: true,
      waitsFor: () => consumer?.waitsFor ?? null,
      pipeline: { queued: 0, onCommit: () => () => undefined },
    }
    const api = apiOf(work, this.#around)
    const { url, port } = await listen(api, config.api, this.#all.parts.isAnyPort ?? false)
    logger.info({ url, place: placeOf(config), roles: config.roles }, 'service started')
    this.#forwarding = consumer === null ? null : this.#forward(consumer, metrics)
    await consumer?.start()
    const ticking = startTicking(async () => consumer?.tick(), config.engine.tickMs)
    let stopping: Promise<void> | null = null
    const stop = async (): Promise<void> => {
      this.#isClosing = true
      logger.info('service stopping')
      await ticking.stop()
      await consumer?.stop()
      await this.#forwarding?.close()
      await api.close()
      await outlet.close()
      await closeReceivers(this.#all.receivers)
      await store.close()
      await trace.close()
      logger.info('service stopped')
    }
    return {
      url,
      port,
      reader: store,
      decode: this.#decode,
      ingest,
      finish: async () => undefined,
      onCommit: () => () => undefined,
      broken: this.#breaking.promise,
      close() {
        stopping ??= stop()
        return stopping
      },
    }
  }

  get #around(): Around {
    const { config, store, receivers, logger, parts } = this.#all
    return {
      config,
      store,
      receivers,
      silencing: this.#silencing,
      decode: this.#decode,
      logger,
      clock: this.#clock,
      version: parts.version,
      isClosing: () => this.#isClosing,
    }
  }

  #forward({ partitions }: ClusterConsumer, metrics: ReturnType<typeof createClusterMetrics>): ClusterForwarding {
    const { destinations, receivers, store, count, logger } = this.#all
    return clusterForwarding({
      destinations,
      receivers,
      outbox: store.outbox,
      store,
      silencing: this.#silencing,
      metrics: metrics.deliveries,
      logger,
      clock: this.#clock,
      partitionOf: partitioner(count),
      given: partitions,
    })
  }

  #consumer(
    store: PartitionParts['store'],
    outlet: ReturnType<typeof createOutlet>,
    metrics: ReturnType<typeof createClusterMetrics>,
  ): ClusterConsumer {
    const { config, kafka, count, logger, trace } = this.#all
    return new ClusterConsumer({
      kafka,
      settings: config.kafka,
      count,
      latenessMs: config.engine.latenessMs,
      outlet,
      decode: this.#decode,
      clock: this.#clock,
      logger,
      trace,
      metrics: metrics.consumer,
      onCame: (number, arrivals, atOf) => metrics.parts.find(number)?.came(arrivals, atOf),
      onRead: ({ verdicts }) => metrics.ingested(verdicts),
      broken: this.#breaking.reject,
      open: this.#opener(store, outlet, metrics),
    })
  }

  /** Opens partitions, each with its part of the metrics. */
  #opener(
    store: PartitionParts['store'],
    outlet: ReturnType<typeof createOutlet>,
    metrics: ReturnType<typeof createClusterMetrics>,
  ): (number: number) => Promise<Partition> {
    const { config, count, key, trace } = this.#all
    const claims = counted(this.#all.claims, metrics)
    const partitionOf = partitioner(count)
    const owner = `${config.kafka.clientId}@${hostname()}/${randomUUID()}`
    return async (number) => {
      const began = performance.now()
      const part = metrics.parts.begin(number)
      const partition = await openPartition({
        number,
        count,
        partitionOf,
        owner,
        store: { ...store, save: countingFenced(store.save, metrics.consumer) },
        claims,
        engineParts: enginePartsOf(config, this.#all.parts.catalogue ?? BUILT_IN),
        pipelineParts: {
          clock: this.#clock,
          maxBatch: config.store.batchRows,
          rawOf: rawKeeper(key, config.content.retain),
          deliveriesOf: routing(config),
          onBatch: metrics.batched,
          trace,
          onResume: (open) => part.resumed(open),
        },
        post: async (commit, claim) => {
          const began = performance.now()
          const messages = messagesOf(commit, claim, { names: config.kafka, partitionOf })
          await trace.span({ name: 'send', kind: 'producer', attributes: KAFKA }, () => outlet.send(messages))
          metrics.consumer.sent(commit.facts ?? [], (performance.now() - began) / 1_000)
          metrics.committed(commit)
          part.committed(commit)
        },
      })
      part.opened(partition)
      this.#forwarding?.opened(partition)
      metrics.rebuilt((performance.now() - began) / 1_000)
      return partition
    }
  }
}

const KAFKA = { 'messaging.system': 'kafka', 'messaging.operation.type': 'send' }

/** The same, which counts what a later claim held back in the store. */
const countingFenced =
  (save: PartitionParts['store']['save'], consumer: Pick<ConsumerMetrics, 'fenced'>): typeof save =>
  async (commit, fence) => {
    try {
      await save(commit, fence)
    } catch (error) {
      if (isFenced(error)) consumer.fenced()
      throw error
    }
  }

/** The same claims; what failed, and a commit that one of them held back, are counted. */
function counted(
  claims: Claims,
  { storeFailed, consumer }: Pick<ReturnType<typeof createClusterMetrics>, 'storeFailed' | 'consumer'>,
): Claims {
  const known = <T>(asked: Promise<T>): Promise<T> =>
    asked.catch((error: unknown) => {
      storeFailed('claim')
      throw error
    })
  return {
    claim: (partition, owner) => known(claims.claim(partition, owner)),
    async holds(claim) {
      const isHeld = await known(claims.holds(claim))
      if (!isHeld) consumer.fenced()
      return isHeld
    },
  }
}
