import type { ClickHouseClient } from '@clickhouse/client'
import { trackIdOf } from '../../core/index.ts'
import type { Need, Part, Resume } from '../../ports/index.ts'
import { COMMITTED_TABLES } from './save.ts'
import { type Params, select } from './select.ts'

/** The owner's key of a chain: the parts of a made-up one have their group's. */
const CHAIN_KEY = "concat(tenant, '/', replaceRegexpOne(workflow_id, '@[0-9]{4}-[^@]*$', ''))"
/** That of a thread: its tenant is written first, and as it is. */
const THREAD_KEY =
  "concat(tenant, '/', substringIndex(thread, '/', 1), '/', replaceRegexpOne(thread, '^[^/]*/[^/]*/', ''))"

/** Narrows to one partition by an owner's key. */
const inPart = (part: Part | undefined, key: string): string =>
  part === undefined ? 'true' : `kafkaMurmurHash(${key}) % {count:UInt32} = {number:UInt32}`

const paramsOf = (part: Part | undefined): Params => (part === undefined ? {} : { ...part })

/** Where an earlier process stopped; see `ChainStore.resume`. */
export async function resume(client: ClickHouseClient, part?: Part): Promise<Resume> {
  const sequences = COMMITTED_TABLES.map((table) => `SELECT max(sequence) AS sequence FROM ${table}`)
  const [[last], [latest], [beat], open] = await Promise.all([
    select<{ sequence: number | string }>(
      client,
      `SELECT max(sequence) AS sequence FROM (${sequences.join(' UNION ALL ')})`,
    ),
    select<{ at: number | string | null }>(
      client,
      'SELECT toUnixTimestamp64Milli(maxOrNull(time)) AS at FROM steps WHERE NOT clock_skew',
    ),
    select<{ at: number | string | null }>(
      client,
      'SELECT toUnixTimestamp64Milli(maxOrNull(time)) AS at FROM heartbeats',
    ),
    select<{ tenant: string; subject: string }>(
      client,
      `SELECT tenant, workflow_id AS subject FROM chains FINAL
        WHERE status = 'open' AND ${inPart(part, CHAIN_KEY)} ORDER BY tenant, workflow_id`,
      paramsOf(part),
    ),
  ])
  return {
    sequence: Number(last?.sequence ?? 0),
    maxAt: millisOrNull(latest?.at),
    maxBeatAt: millisOrNull(beat?.at),
    open: open.map((one) => ({ kind: 'chain' as const, ...one })),
  }
}

const millisOrNull = (at: number | string | null | undefined): number | null => (at == null ? null : Number(at))

/** See `ChainStore.openThreads`. */
export async function openThreads(client: ClickHouseClient, part?: Part): Promise<readonly Need[]> {
  const rows = await select<{ tenant: string; thread: string }>(
    client,
    `SELECT DISTINCT tenant, thread FROM
      (SELECT tenant, arrayJoin(threads) AS thread FROM steps FINAL
        WHERE (tenant, workflow_id) IN (SELECT tenant, workflow_id FROM chains FINAL WHERE status = 'open'))
      WHERE ${inPart(part, THREAD_KEY)} ORDER BY tenant, thread`,
    paramsOf(part),
  )
  return rows.map(({ thread }) => trackIdOf(thread))
}
