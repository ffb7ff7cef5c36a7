import { setTimeout as delay } from 'node:timers/promises'
import kafkajs, { type Admin, type ITopicConfig } from 'kafkajs'
import { CatenaryError } from '../../core/index.ts'
import { coPartitionedTopics, inputTopics, type TopicNames } from './keys.ts'

/** A topic as the brokers have it. */
export interface TopicState {
  readonly topic: string
  readonly role: 'input' | 'internal' | 'output'
  /** 0 for a topic that is not there. */
  readonly partitions: number
  readonly replicationFactor: number
  /** Partitions without a leader, or with fewer replicas in sync than there should be. */
  readonly impaired: number
}

/** How topics are made. */
export interface TopicPlan {
  /** Of the inputs and the threads, and of the outputs. */
  readonly partitions: number
  readonly replicationFactor: number
  readonly retentionMs: number
}

/** Twice the largest event of the contract: a record has a key, headers and a wrapping besides. */
const MAX_MESSAGE_BYTES = 2 * 1_048_576
/** A dead letter is a whole record, with headers that say why. */
const MAX_DEAD_LETTER_BYTES = 3 * 1_048_576

/** Every topic of the settings, in the order of the contract, as it is. No topic is made by asking. */
export async function describeTopics(admin: Admin, names: TopicNames): Promise<readonly TopicState[]> {
  const there = new Set(await admin.listTopics())
  const known = allTopics(names).filter((topic) => there.has(topic))
  const { topics } = known.length === 0 ? { topics: [] } : await admin.fetchTopicMetadata({ topics: known })
  return allTopics(names).map((topic) => {
    const partitions = topics.find(({ name }) => name === topic)?.partitions ?? []
    return {
      topic,
      role: roleOf(topic, names),
      partitions: partitions.length,
      replicationFactor: Math.max(0, ...partitions.map(({ replicas }) => replicas.length)),
      impaired: partitions.filter(({ leader, replicas, isr }) => leader < 0 || isr.length < replicas.length).length,
    }
  })
}

const allTopics = (names: TopicNames): readonly string[] => [
  ...coPartitionedTopics(names),
  names.alertsTopic,
  names.deadLettersTopic,
]

function roleOf(topic: string, names: TopicNames): TopicState['role'] {
  if (inputTopics(names).includes(topic)) return 'input'
  return topic === names.threadsTopic ? 'internal' : 'output'
}

/**
 * Makes the topics that are not there and leaves the others as they are; gives those it made. Topics that must be equally
 * many get the count of those that are there. Throws `CAT_CONFIG`, before anything is made, where that count is not the one
 * asked for (`isAsked`) or those that are there differ. `dryRun` has the brokers check and make nothing.
 */
export async function createTopics(
  admin: Admin,
  names: TopicNames,
  plan: TopicPlan,
  { isAsked, dryRun }: { readonly isAsked: boolean; readonly dryRun: boolean },
): Promise<readonly ITopicConfig[]> {
  const states = await describeTopics(admin, names)
  const there = coPartitioned(states, names).filter(({ partitions }) => partitions > 0)
  const count = equalCount(there)
  if (count !== null && isAsked && count !== plan.partitions)
    throw new CatenaryError(
      'CAT_CONFIG',
      `${there.map(({ topic }) => topic).join(', ')} have ${count} partitions, and --partitions asks for ${plan.partitions}. The inputs and the threads must have equally many: leave --partitions out, or delete those topics first`,
    )
  const full = { ...plan, partitions: count ?? plan.partitions }
  const topics = states
    .filter(({ partitions }) => partitions === 0)
    .map(({ topic }) => topicConfig(topic, full, topic === names.deadLettersTopic))
  if (topics.length === 0) return topics
  await admin.createTopics({ topics, validateOnly: dryRun, waitForLeaders: false })
  if (!dryRun) await waitForLeaders(admin, topics)
  return topics
}

const LEADERS_MS = 30_000

/**
 * Waits until topics that were just made can be written and read. kafkajs has this as an option of `createTopics`, which
 * fails when a broker has not heard of the topic yet. Throws `CAT_SOURCE_UNAVAILABLE` after half a minute.
 */
export async function waitForLeaders(
  admin: Admin,
  wanted: readonly Pick<ITopicConfig, 'topic' | 'numPartitions'>[],
): Promise<void> {
  const deadline = performance.now() + LEADERS_MS
  while (!(await haveLeaders(admin, wanted))) {
    if (performance.now() > deadline)
      throw new CatenaryError(
        'CAT_SOURCE_UNAVAILABLE',
        `the topics were made, and their partitions have no leaders after ${LEADERS_MS / 1_000} s; see the brokers’ logs`,
        { retry: 'later' },
      )
    await delay(50)
  }
}

async function haveLeaders(
  admin: Admin,
  wanted: readonly Pick<ITopicConfig, 'topic' | 'numPartitions'>[],
): Promise<boolean> {
  try {
    const { topics } = await admin.fetchTopicMetadata({ topics: wanted.map(({ topic }) => topic) })
    return wanted.every(({ topic, numPartitions = 1 }) => {
      const partitions = topics.find(({ name }) => name === topic)?.partitions ?? []
      return partitions.length >= numPartitions && partitions.every(({ leader }) => leader >= 0)
    })
  } catch (error) {
    const { type } = error as { readonly type?: string }
    if (type === 'UNKNOWN_TOPIC_OR_PARTITION' || type === 'LEADER_NOT_AVAILABLE') return false
    throw error
  }
}

const topicConfig = (topic: string, plan: TopicPlan, isDeadLetters: boolean): ITopicConfig => ({
  topic,
  numPartitions: plan.partitions,
  replicationFactor: plan.replicationFactor,
  configEntries: [
    { name: 'retention.ms', value: String(plan.retentionMs) },
    { name: 'max.message.bytes', value: String(isDeadLetters ? MAX_DEAD_LETTER_BYTES : MAX_MESSAGE_BYTES) },
    // One replica may be away and nothing that was acknowledged is lost.
    ...(plan.replicationFactor > 2 ? [{ name: 'min.insync.replicas', value: '2' }] : []),
  ],
})

/** How long a topic keeps records, in milliseconds, by topic; -1 for ever. */
export async function retentionOf(admin: Admin, topics: readonly string[]): Promise<ReadonlyMap<string, number>> {
  if (topics.length === 0) return new Map()
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: topics.map((name) => ({
      type: kafkajs.ConfigResourceTypes.TOPIC,
      name,
      configNames: ['retention.ms'],
    })),
  })
  return new Map(
    resources.map(({ resourceName, configEntries }) => [resourceName, Number(configEntries[0]?.configValue ?? -1)]),
  )
}

const coPartitioned = (states: readonly TopicState[], names: TopicNames): readonly TopicState[] =>
  states.filter(({ topic }) => coPartitionedTopics(names).includes(topic))

/** The one partition count of topics; null for no topics. Throws `CAT_CONFIG` where there are several. */
function equalCount(states: readonly TopicState[]): number | null {
  const counts = new Set(states.map(({ partitions }) => partitions))
  if (counts.size <= 1) return [...counts][0] ?? null
  const told = states.map(({ topic, partitions }) => `${topic} ${partitions}`).join(', ')
  throw new CatenaryError(
    'CAT_CONFIG',
    `the inputs and the threads must have equally many partitions, and have: ${told}. Add partitions to those that have fewer (kafka-topics.sh --alter --partitions ${Math.max(...counts)} --topic …) while nothing is produced, or delete them and run: catenary topics create`,
  )
}

/**
 * What a consumer asks before it reads: that every topic is there, and that the inputs and the threads have equally many
 * partitions. Gives that count. Throws `CAT_CONFIG` that says what to do.
 */
export function checkTopics(states: readonly TopicState[], names: TopicNames): number {
  const missing = states.filter(({ partitions }) => partitions === 0).map(({ topic }) => topic)
  if (missing.length > 0)
    throw new CatenaryError(
      'CAT_CONFIG',
      `${missing.length === 1 ? 'a topic is' : 'topics are'} missing: ${missing.join(', ')}. Make ${missing.length === 1 ? 'it' : 'them'} with: catenary topics create; if they have other names, set kafka.toolCallsTopic and its like`,
    )
  return equalCount(coPartitioned(states, names)) ?? 0
}
