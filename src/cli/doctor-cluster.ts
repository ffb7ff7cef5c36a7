import type { ClickHouseClient } from '@clickhouse/client'
import type { Admin } from 'kafkajs'
import { kafkaError } from '../adapters/kafka/kafka-error.ts'
import { checkTopics, describeTopics, type TopicState } from '../adapters/kafka/kafka-topics.ts'
import { coPartitionedTopics } from '../adapters/kafka/keys.ts'
import type { Config } from '../config/index.ts'
import { CatenaryError } from '../core/index.ts'
import { EXIT } from './io.ts'
import { counted } from './print-analysis.ts'
import { kafkaFor } from './with-kafka.ts'

/** What one look found. `code`: the exit code that a failure asks for. */
export interface Finding {
  readonly check: string
  readonly status: 'ok' | 'warn' | 'fail'
  readonly detail: string
  readonly code?: number
}

const MAX_SKEW_MS = 1_000

/** What cluster mode needs beyond the store: brokers, topics, the consumer group. Stops where the next look would say no more. */
export async function* kafkaFindings({ kafka: settings }: Config): AsyncGenerator<Finding> {
  let admin: Admin | null = null
  try {
    admin = kafkaFor(settings).admin()
    yield safety(settings)
    yield await brokersOf(admin)
    const states = await describeTopics(admin, settings)
    yield topicsFinding(states, settings)
    if (states.every(({ partitions }) => partitions > 0)) yield await lagOf(admin, settings)
  } catch (error) {
    const told = kafkaError(error, 'be looked at')
    if (!(told instanceof CatenaryError)) throw told
    const code = told.code === 'CAT_SOURCE_UNAVAILABLE' ? EXIT.away : EXIT.usage
    yield { check: 'kafka', status: 'fail', detail: told.message, code }
  } finally {
    await admin?.disconnect()
  }
}

type KafkaSettings = Config['kafka']

function safety({ ssl, sslRejectUnauthorized, saslMechanism }: KafkaSettings): Finding {
  const check = 'kafka login'
  const how = `${saslMechanism ?? 'no login'}, ${ssl ? 'TLS' : 'no TLS'}`
  if (ssl && !sslRejectUnauthorized)
    return {
      check,
      status: 'warn',
      detail: `${how}, and any certificate will do; set kafka.sslCaFile, and kafka.sslRejectUnauthorized to true`,
    }
  if (!ssl && (saslMechanism === 'plain' || saslMechanism === 'oauthbearer'))
    return { check, status: 'warn', detail: `${how}: the secret can be read on the way; set kafka.ssl to true` }
  return { check, status: 'ok', detail: how }
}

async function brokersOf(admin: Admin): Promise<Finding> {
  await admin.connect()
  const { brokers, clusterId } = await admin.describeCluster()
  const names = brokers.map(({ host, port }) => `${host}:${port}`).join(', ')
  return {
    check: 'kafka',
    status: 'ok',
    detail: `${counted(brokers.length, 'broker')} (${names}), cluster ${clusterId}`,
  }
}

function topicsFinding(states: readonly TopicState[], settings: KafkaSettings): Finding {
  const check = 'topics'
  try {
    const partitions = checkTopics(states, settings)
    const impaired = states.filter((state) => state.impaired > 0).map(({ topic }) => topic)
    if (impaired.length > 0)
      return {
        check,
        status: 'warn',
        detail: `without a leader, or with a replica that lags: ${impaired.join(', ')}; see the brokers’ logs`,
      }
    return {
      check,
      status: 'ok',
      detail: `all ${states.length} are there; inputs and threads have ${partitions} partitions each`,
    }
  } catch (error) {
    if (!(error instanceof CatenaryError)) throw error
    return { check, status: 'fail', detail: error.message }
  }
}

/** How far the group is behind: records of the inputs and the threads that it has not committed. */
async function lagOf(admin: Admin, settings: KafkaSettings): Promise<Finding> {
  const check = 'consumers'
  const topics = [...coPartitionedTopics(settings)]
  const committed = await admin.fetchOffsets({ groupId: settings.groupId, topics })
  let lag = 0n
  for (const { topic, partitions } of committed) {
    const ends = await admin.fetchTopicOffsets(topic)
    for (const { partition, high, low } of ends) {
      const offset = BigInt(partitions.find((one) => one.partition === partition)?.offset ?? -1)
      lag += BigInt(high) - (offset < 0n ? BigInt(low) : offset)
    }
  }
  const { groups } = await admin.describeGroups([settings.groupId])
  const members = groups[0]?.members.length ?? 0
  const behind = lag === 0n ? 'nothing left to read' : `${lag} records behind`
  const detail = `group ${settings.groupId}: ${counted(members, 'member')}, ${behind}`
  if (members > 0) return { check, status: 'ok', detail }
  return { check, status: 'warn', detail: `${detail}; start one with: CATENARY_ROLES=consumer catenary serve` }
}

/**
 * How far the clock of ClickHouse is from the one here. Each stamps rows and judges lateness by its own, so they should
 * agree to a second. Throws what the client throws.
 */
export async function clockSkew(client: ClickHouseClient, clock: () => number = Date.now): Promise<Finding> {
  const check = 'clock skew'
  const asked = clock()
  const result = await client.query({ query: 'SELECT toUnixTimestamp64Milli(now64(3)) AS ms', format: 'JSONEachRow' })
  const [row] = await result.json<{ ms: string | number }>()
  const answered = clock()
  const there = Number(row?.ms)
  // The answer was made somewhere between the question and its arrival.
  const skew = there < asked ? there - asked : Math.max(0, there - answered)
  const detail = `ClickHouse is ${Math.abs(skew)} ms ${skew < 0 ? 'behind' : 'ahead'}`
  if (Math.abs(skew) <= MAX_SKEW_MS)
    return { check, status: 'ok', detail: skew === 0 ? 'none that can be seen' : detail }
  return { check, status: 'warn', detail: `${detail}; set both clocks by NTP, or times of arrival and lag are wrong` }
}
