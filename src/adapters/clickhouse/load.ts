import type { ClickHouseClient } from '@clickhouse/client'
import type { Alert, ChainSummary, CredentialSummary, Finding } from '../../core/index.ts'
import { trackKey } from '../../core/index.ts'
import type {
  CheckpointRow,
  CredentialRow,
  FindingRow,
  HeartbeatRow,
  LinkRow,
  Need,
  PartOfGroup,
  StepRow,
  Stored,
} from '../../ports/index.ts'
import { chunksOf } from './chunks.ts'
import { type Params, select } from './select.ts'
import { allSteps } from './step-pages.ts'

/** What is stored of what was asked for; see `ChainStore.load`. */
export async function load(client: ClickHouseClient, needs: readonly Need[], readers?: string): Promise<Stored> {
  // What several wait for: each of these has to be waited for below, or its failure would be nobody's.
  const known = knownChains(client, needs)
  const knownThreads = threadsKnown(client, needs)
  const held = readers === undefined ? Promise.resolve([]) : checkpointsOf(client, needs, readers)
  const ask = <T>(kinds: readonly Need['kind'][], find: Find<T>): Promise<readonly T[]> => findAll(needs, kinds, find)
  const askThreads = async <T>(find: Find<T>): Promise<readonly T[]> => findAll(await knownThreads, THREADS, find)
  const askChains = async <T>(find: Find<T>): Promise<readonly T[]> => findAll(await known, ['chain'], find)
  const [
    ofChains,
    ofThreads,
    ofEvents,
    links,
    chains,
    parts,
    credentials,
    findings,
    ofTracks,
    alerts,
    sessions,
    beats,
    ofAgents,
    checkpoints,
  ] = await Promise.all([
    askChains((params) => allSteps(client, 'workflow_id IN {keys:Array(String)}', params)),
    askThreads(async (params) => stepsOfThreads(client, await held, params)),
    ask(['event'], (params) =>
      allSteps(client, '(event_id IN {keys:Array(String)} OR result_event_id IN {keys:Array(String)})', params),
    ),
    askChains((params) => linksOf(client, params)),
    askChains((params) => chainsOf(client, params)),
    ask(['group'], (params) => partsOf(client, params)),
    ask(['credential', 'kin'], (params) => credentialsOf(client, params)),
    askChains((params) => findingsOf(client, 'workflow_id IN {keys:Array(String)}', params)),
    askThreads((params) => findingsOf(client, 'track IN {threads:Array(String)}', params)),
    askChains((params) => alertsOf(client, params)),
    ask(['session'], (params) => sessionsOf(client, params)),
    ask(['heartbeat'], (params) => heartbeatsOf(client, 'event_id IN {keys:Array(String)}', params)),
    ask(['agent'], async (params) => beatsOfAgents(client, await held, params)),
    held,
  ])
  return {
    steps: inOrder([...ofChains, ...ofThreads, ...ofEvents]),
    links,
    chains,
    parts,
    credentials,
    findings: distinct([...findings, ...ofTracks], standingOf),
    alerts,
    checkpoints,
    sessions: inOrder(sessions),
    heartbeats: distinct([...beats, ...ofAgents], ({ event }) =>
      JSON.stringify([event.tenant, event.source, event.id]),
    ),
  }
}

const KNOWS_CHAIN = ['steps', 'links', 'chains']

/** Most chains that are asked for are new: one look at the keys spares all the other questions about them. */
function knownChains(client: ClickHouseClient, needs: readonly Need[]): Promise<readonly Need[]> {
  const each = KNOWS_CHAIN.map(
    (table) =>
      `SELECT tenant, workflow_id AS subject FROM ${table} WHERE tenant = {tenant:String} AND workflow_id IN {keys:Array(String)}`,
  )
  const query = `SELECT DISTINCT 'chain' AS kind, tenant, subject FROM (${each.join(' UNION ALL ')})`
  return findAll(needs, ['chain'], (params) => select<Need>(client, query, params))
}

const THREADS: readonly Need['kind'][] = ['credential', 'grant', 'agent']

/** Most credentials that are asked for are new too, and steps are not kept by credential. Each that has a step has a row. */
async function threadsKnown(client: ClickHouseClient, needs: readonly Need[]): Promise<readonly Need[]> {
  const query = `SELECT DISTINCT 'credential' AS kind, tenant, credential_id AS subject FROM credentials
    WHERE tenant = {tenant:String} AND credential_id IN {keys:Array(String)}`
  const credentials = await findAll(needs, ['credential'], (params) => select<Need>(client, query, params))
  return [...credentials, ...needs.filter(({ kind }) => kind !== 'credential')]
}

type Find<T> = (params: Params) => Promise<readonly T[]>

/** Asks tenant by tenant, as many keys at a time as one query takes. */
async function findAll<T>(
  needs: readonly Need[],
  kinds: readonly Need['kind'][],
  find: Find<T>,
): Promise<readonly T[]> {
  const byTenant = new Map<string, Need[]>()
  for (const need of needs) {
    if (!kinds.includes(need.kind)) continue
    const there = byTenant.get(need.tenant)
    if (there === undefined) byTenant.set(need.tenant, [need])
    else there.push(need)
  }
  const found: T[] = []
  for (const [tenant, asked] of byTenant)
    for (const chunk of chunksOf(distinct(asked, trackKey), trackKey)) {
      const keys = chunk.map(({ subject }) => subject)
      for (const one of await find({ tenant, keys, threads: chunk.map(trackKey) })) found.push(one)
    }
  return found
}

/** The first bound keeps the index in play: a group's parts sort after its own name. */
const PART_OF_GROUP = `workflow_id >= arrayMin({keys:Array(String)}) AND (
  workflow_id IN {keys:Array(String)} OR arrayExists(key -> startsWith(workflow_id, concat(key, '@')), {keys:Array(String)}))`

async function partsOf(client: ClickHouseClient, params: Params): Promise<readonly PartOfGroup[]> {
  const query = `SELECT tenant, workflow_id AS workflowId,
      toUnixTimestamp64Milli(min(time)) AS first, toUnixTimestamp64Milli(max(time)) AS last
    FROM steps FINAL WHERE tenant = {tenant:String} AND (${PART_OF_GROUP}) GROUP BY tenant, workflow_id ORDER BY workflow_id`
  const rows = await select<{ tenant: string; workflowId: string; first: number | string; last: number | string }>(
    client,
    query,
    params,
  )
  return rows.map(({ first, last, ...part }) => ({ ...part, firstAt: Number(first), lastAt: Number(last) }))
}

async function chainsOf(client: ClickHouseClient, params: Params): Promise<readonly ChainSummary[]> {
  const query = `SELECT chain FROM chains FINAL
    WHERE tenant = {tenant:String} AND workflow_id IN {keys:Array(String)} ORDER BY workflow_id`
  const rows = await select<{ chain: string }>(client, query, params)
  return rows.map(({ chain }) => JSON.parse(chain) as ChainSummary)
}

async function linksOf(client: ClickHouseClient, params: Params): Promise<readonly LinkRow[]> {
  const query = `SELECT link FROM links FINAL WHERE tenant = {tenant:String} AND workflow_id IN {keys:Array(String)}
    ORDER BY time, workflow_id, from_workflow_id, relation, what, source, event_id`
  return (await select<{ link: string }>(client, query, params)).map(({ link }) => JSON.parse(link) as LinkRow)
}

async function credentialsOf(client: ClickHouseClient, params: Params): Promise<readonly CredentialRow[]> {
  const query = `SELECT credential, state FROM credentials FINAL
    WHERE tenant = {tenant:String} AND credential_id IN {keys:Array(String)} ORDER BY credential_id`
  const rows = await select<{ credential: string; state: string }>(client, query, params)
  return rows.map(({ credential, state }) => ({ ...(JSON.parse(credential) as CredentialSummary), state }))
}

async function findingsOf(client: ClickHouseClient, where: string, params: Params): Promise<readonly FindingRow[]> {
  const query = `SELECT reason, finding FROM findings FINAL
    WHERE tenant = {tenant:String} AND status = 'open' AND ${where} ORDER BY at, finding_id`
  const rows = await select<{ reason: string | null; finding: string }>(client, query, params)
  return rows.map(({ reason, finding }) => ({ finding: JSON.parse(finding) as Finding, status: 'open', reason }))
}

async function alertsOf(client: ClickHouseClient, params: Params): Promise<readonly Alert[]> {
  const query = `SELECT alert FROM alerts FINAL WHERE tenant = {tenant:String} AND workflow_id IN {keys:Array(String)}
    ORDER BY alert_id, revision DESC LIMIT 1 BY alert_id`
  return (await select<{ alert: string }>(client, query, params)).map(({ alert }) => JSON.parse(alert) as Alert)
}

const CHECKPOINT = 'tenant, thread, toUnixTimestamp64Milli(until) AS until, readers, state'

type StoredCheckpoint = Omit<CheckpointRow, 'until'> & { readonly until: number | string }

const rowOfStored = (row: StoredCheckpoint): CheckpointRow => ({ ...row, until: Number(row.until) })

/** The checkpoints of the readers asked for. */
function checkpointsOf(
  client: ClickHouseClient,
  needs: readonly Need[],
  readers: string,
): Promise<readonly CheckpointRow[]> {
  const query = `SELECT ${CHECKPOINT} FROM checkpoints FINAL
    WHERE tenant = {tenant:String} AND thread IN {threads:Array(String)} AND readers = {readers:String} ORDER BY thread`
  return findAll(needs, ['agent'], async (params) =>
    (await select<StoredCheckpoint>(client, query, { ...params, readers })).map(rowOfStored),
  )
}

/** See `ChainReader.checkpoint`. */
export async function checkpoint(
  client: ClickHouseClient,
  tenant: string,
  thread: string,
): Promise<CheckpointRow | null> {
  const query = `SELECT ${CHECKPOINT} FROM checkpoints FINAL WHERE tenant = {tenant:String} AND thread = {thread:String}`
  return (await select<StoredCheckpoint>(client, query, { tenant, thread })).map(rowOfStored)[0] ?? null
}

/** From when on each thread asked for is wanted, in milliseconds; null where none has a checkpoint. */
function sinceOf(checkpoints: readonly CheckpointRow[], { tenant, threads }: Params): Params | null {
  const until = new Map(checkpoints.flatMap((row) => (row.tenant === tenant ? [[row.thread, row.until] as const] : [])))
  const asked = threads as readonly string[]
  if (!asked.some((thread) => until.has(thread))) return null
  return { since: asked.map((thread) => until.get(thread) ?? Number.MIN_SAFE_INTEGER) }
}

const SHOWN_SINCE = `hasAny(threads, {threads:Array(String)}) AND arrayExists(
  (thread, since) -> has(threads, thread) AND toUnixTimestamp64Milli(time) >= since, {threads:Array(String)}, {since:Array(Int64)})`

/** The steps that threads show, but for those that their checkpoints hold. */
function stepsOfThreads(client: ClickHouseClient, checkpoints: readonly CheckpointRow[], params: Params) {
  const since = sinceOf(checkpoints, params)
  return since === null
    ? allSteps(client, 'hasAny(threads, {threads:Array(String)})', params)
    : allSteps(client, SHOWN_SINCE, { ...params, ...since })
}

const BEATS_SINCE = `agent_id IN {keys:Array(String)} AND arrayExists(
  (agent, since) -> agent_id = agent AND toUnixTimestamp64Milli(time) >= since, {keys:Array(String)}, {since:Array(Int64)})`

/** The heartbeats of agents, but for those that the checkpoints of their threads hold. */
function beatsOfAgents(client: ClickHouseClient, checkpoints: readonly CheckpointRow[], params: Params) {
  const since = sinceOf(checkpoints, params)
  return since === null
    ? heartbeatsOf(client, 'agent_id IN {keys:Array(String)}', params)
    : heartbeatsOf(client, BEATS_SINCE, { ...params, ...since })
}

async function heartbeatsOf(client: ClickHouseClient, where: string, params: Params): Promise<readonly HeartbeatRow[]> {
  const query = `SELECT event, toUnixTimestamp64Milli(arrived_at) AS arrived FROM heartbeats FINAL
    WHERE tenant = {tenant:String} AND ${where} ORDER BY event_id, source`
  const rows = await select<{ event: string; arrived: number | string }>(client, query, params)
  return rows.map(({ event, arrived }) => ({
    event: JSON.parse(event) as HeartbeatRow['event'],
    arrivedAt: Number(arrived),
  }))
}

/** All steps at the earliest time, since which of equals is first is the engine's to say; and those that named no workflow. */
function sessionsOf(client: ClickHouseClient, params: Params): Promise<readonly StepRow[]> {
  const who = 'session_id, workflow_id, agent_id, principal_id'
  const session = 'session_id IN {keys:Array(String)}'
  const reported = `${session} AND attribution_rule = 'reported'`
  const earliest = `(${who}, time) IN (SELECT ${who}, min(time) FROM steps FINAL
    WHERE tenant = {tenant:String} AND ${reported} GROUP BY ${who})`
  return allSteps(client, `${session} AND (attribution_rule != 'reported' OR ${earliest})`, params)
}

/** One that moved may stand in its old chain still, when its owner has not heard of it yet. */
const standingOf = ({ finding }: FindingRow): string => JSON.stringify([finding.tenant, finding.workflowId, finding.id])

function distinct<T>(items: readonly T[], keyOf: (item: T) => string): readonly T[] {
  return [...new Map(items.map((item) => [keyOf(item), item])).values()]
}

/** Each step once, in event-time order. */
const inOrder = (steps: readonly StepRow[]): readonly StepRow[] =>
  [...distinct(steps, placeOf)].sort(
    ({ step: { event: a } }, { step: { event: b } }) => a.at - b.at || a.ns - b.ns || (a.id < b.id ? -1 : 1),
  )

const placeOf = ({ step: { event, attribution } }: StepRow): string =>
  JSON.stringify([event.tenant, attribution.workflowId, event.source, event.id, event.at, event.ns])
