import { createClient } from '@clickhouse/client'
import { Kafka, logLevel } from 'kafkajs'

/** What a bare consumer is to do: read and parse, and insert as well where a store is named. */
export interface BareJob {
  readonly brokers: readonly string[]
  readonly topics: readonly string[]
  readonly groupId: string
  /** It ends once it has read so many. */
  readonly records: number
  readonly store: {
    readonly url: string
    readonly username: string
    readonly password: string
    readonly database: string
  } | null
}

export interface Spent {
  readonly events: number
  /** From the first batch to the last commit. */
  readonly wallS: number
  readonly cpuS: number
}

const TABLE = 'bare_events'
const COLUMNS =
  'id String, time String, source String, kind LowCardinality(String), workflow_id String, agent_id String, body String'

interface Parsed {
  readonly id: string
  readonly time: string
  readonly source: string
  readonly kind: string
  readonly workflow_id?: string
  readonly agent?: { readonly id?: string }
}

/** The least that a consumer with the same guarantee does: reads, parses, stores, and then commits the offsets of a batch. */
export async function consumeBare({ brokers, topics, groupId, records, store }: BareJob): Promise<Spent> {
  const kafka = new Kafka({ clientId: 'bare', brokers: [...brokers], logLevel: logLevel.NOTHING })
  const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: 100, maxBytesPerPartition: 1_048_576 })
  const client = store === null ? null : createClient({ ...store, compression: { request: true } })
  await client?.command({
    query: `CREATE TABLE IF NOT EXISTS ${TABLE} (${COLUMNS}) ENGINE = MergeTree ORDER BY (workflow_id, time)`,
  })
  await consumer.connect()
  await consumer.subscribe({ topics: [...topics], fromBeginning: true })
  let [events, began, cpu] = [0, 0, process.cpuUsage()]
  try {
    await new Promise<void>((done, failed) => {
      consumer
        .run({
          autoCommit: false,
          eachBatchAutoResolve: false,
          partitionsConsumedConcurrently: 64,
          eachBatch: async ({ batch: { topic, partition, messages }, resolveOffset }) => {
            if (began === 0) [began, cpu] = [performance.now(), process.cpuUsage()]
            const parsed = messages.map(({ value }) => ({
              body: String(value),
              event: JSON.parse(String(value)) as Parsed,
            }))
            if (client !== null) await client.insert({ table: TABLE, values: parsed.map(rowOf), format: 'JSONEachRow' })
            const last = messages.at(-1)
            if (last === undefined) return
            resolveOffset(last.offset)
            await consumer.commitOffsets([{ topic, partition, offset: String(BigInt(last.offset) + 1n) }])
            events += parsed.length
            if (events >= records) done()
          },
        })
        .catch(failed)
    })
    const { user, system } = process.cpuUsage(cpu)
    return { events, wallS: (performance.now() - began) / 1_000, cpuS: (user + system) / 1e6 }
  } finally {
    await consumer.disconnect()
    await client?.close()
  }
}

const rowOf = ({ body, event }: { readonly body: string; readonly event: Parsed }): object => ({
  id: event.id,
  time: event.time,
  source: event.source,
  kind: event.kind,
  workflow_id: event.workflow_id ?? '',
  agent_id: event.agent?.id ?? '',
  body,
})
