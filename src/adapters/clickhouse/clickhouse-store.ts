import type { ClickHouseClient } from '@clickhouse/client'
import type { Alert, ChainSummary, CredentialSummary, Edge, Finding } from '../../core/index.ts'
import type { ChainReader, ChainStore, EdgeRow, FindingRow, Store } from '../../ports/index.ts'
import { agentPage } from './agents.ts'
import { accessStoreOf } from './api-keys.ts'
import { auditStoreOf } from './audit.ts'
import { authorityPage } from './authority.ts'
import { chunksOf } from './chunks.ts'
import { containmentStoreOf } from './containments.ts'
import { lineageOf } from './lineage.ts'
import { listPage } from './list-page.ts'
import { ALERTS, CHAINS, COVERAGE, CREDENTIALS, REJECTED } from './lists.ts'
import { checkpoint, load } from './load.ts'
import { type MigrateOptions, migrate } from './migrate.ts'
import { nameSearchOf } from './names.ts'
import { outboxOf } from './outbox.ts'
import { openThreads, resume } from './resume.ts'
import { applyRetention, type Retention } from './retention.ts'
import { saverOf } from './save.ts'
import { savedQueriesOf } from './saved-queries.ts'
import { select } from './select.ts'
import { silenceStoreOf } from './silences.ts'
import { stepsBy, stepsOfChain, stepsOfThread } from './step-pages.ts'
import { triageStoreOf } from './triage.ts'

export interface OpenOptions extends Pick<MigrateOptions, 'migrations' | 'cluster'> {
  /** Else it stays as it was set last. */
  readonly retention?: Retention | undefined
}

/**
 * The store on a connected ClickHouse, embedded or server, its schema brought up to this program's. Owns the client: it is
 * closed with the store, and when opening fails.
 */
export async function openClickHouseStore(
  client: ClickHouseClient,
  { retention, ...options }: OpenOptions = {},
): Promise<Store> {
  try {
    await migrate(client, options)
    if (retention !== undefined) await applyRetention(client, { retention, cluster: options.cluster })
  } catch (error) {
    await client.close()
    throw error
  }
  return readerAndWriter(client)
}

/** The store on a schema that is known to be there. Opens nothing until it is asked. */
export const readerAndWriter = (client: ClickHouseClient): Store => ({
  outbox: outboxOf(client),
  ...accessStoreOf(client),
  ...auditStoreOf(client),
  ...triageStoreOf(client),
  ...silenceStoreOf(client),
  ...savedQueriesOf(client),
  ...containmentStoreOf(client),
  ...nameSearchOf(client),
  ...writerOf(client),
  ...readerOf(client),
})

const writerOf = (client: ClickHouseClient): ChainStore => ({
  save: saverOf(client),
  load: (needs, readers) => load(client, needs, readers),
  resume: (part) => resume(client, part),
  openThreads: (part) => openThreads(client, part),
  close: () => client.close(),
})

function readerOf(client: ClickHouseClient): ChainReader {
  return {
    chains: (query) => listPage(client, CHAINS, query),
    chain: async (tenant, workflowId) => (await chainsOf(client, tenant, [workflowId]))[0] ?? null,
    chainsOf: (tenant, ids) => chainsOf(client, tenant, ids),
    steps: (tenant, workflowId, query) => stepsOfChain(client, { tenant, workflowId }, query),
    stepsOfThread: (tenant, thread, query) => stepsOfThread(client, { tenant, ...thread }, query),
    stepsBy: (query) => stepsBy(client, query),
    edges: (tenant, workflowId) => edgesOf(client, tenant, workflowId),
    findings: (tenant, workflowId) => findingsOf(client, tenant, workflowId),
    alerts: (query) => listPage(client, ALERTS, query),
    alert: async (tenant, alertId) => (await revisionsOf(client, tenant, alertId)).at(-1) ?? null,
    alertHistory: (tenant, alertId) => revisionsOf(client, tenant, alertId),
    agents: (query) => agentPage(client, query),
    authority: (query) => authorityPage(client, query),
    credentials: (query) => listPage(client, CREDENTIALS, query),
    credential: async (tenant, id) => (await credentialsOf(client, tenant, [id]))[0] ?? null,
    credentialsOf: (tenant, ids) => credentialsOf(client, tenant, ids),
    lineage: (tenant, id) => lineageOf(client, tenant, id),
    checkpoint: (tenant, thread) => checkpoint(client, tenant, thread),
    coverage: (query) => listPage(client, COVERAGE, query),
    rejected: (query) => listPage(client, REJECTED, query),
    ping: async () => {
      await select(client, 'SELECT 1')
    },
  }
}

const OF_CHAIN = 'FINAL PREWHERE tenant = {tenant:String} AND workflow_id = {id:String}'

async function chainsOf(
  client: ClickHouseClient,
  tenant: string,
  ids: readonly string[],
): Promise<readonly ChainSummary[]> {
  const query =
    'SELECT chain FROM chains FINAL PREWHERE tenant = {tenant:String} AND workflow_id IN {ids:Array(String)}'
  const rows = await manyOf<{ chain: string }>(client, query, tenant, ids)
  return rows.map(({ chain }) => JSON.parse(chain) as ChainSummary)
}

async function manyOf<Row>(client: ClickHouseClient, query: string, tenant: string, ids: readonly string[]) {
  const rows: Row[] = []
  for (const chunk of chunksOf(new Set(ids), (id) => id))
    rows.push(...(await select<Row>(client, query, { tenant, ids: chunk })))
  return rows
}

interface StoredEdge extends Pick<Edge, 'type' | 'grade' | 'rule' | 'confidence'> {
  readonly from_step: string
  readonly to_step: string
}

async function edgesOf(client: ClickHouseClient, tenant: string, id: string): Promise<readonly EdgeRow[]> {
  const query = `SELECT from_step, to_step, type, grade, rule, confidence FROM edges ${OF_CHAIN} ORDER BY from_step, to_step, type`
  const rows = await select<StoredEdge>(client, query, { tenant, id })
  return rows.map(({ from_step, to_step, ...rest }) => ({
    tenant,
    workflowId: id,
    from: from_step,
    to: to_step,
    ...rest,
  }))
}

async function findingsOf(client: ClickHouseClient, tenant: string, id: string): Promise<readonly FindingRow[]> {
  const query = `SELECT status, reason, finding FROM findings ${OF_CHAIN} ORDER BY at, finding_id`
  const rows = await select<Omit<FindingRow, 'finding'> & { finding: string }>(client, query, { tenant, id })
  return rows.map(({ status, reason, finding }) => ({ finding: JSON.parse(finding) as Finding, status, reason }))
}

async function revisionsOf(client: ClickHouseClient, tenant: string, id: string): Promise<readonly Alert[]> {
  const query = `SELECT alert FROM alerts FINAL PREWHERE tenant = {tenant:String} AND alert_id = {id:String} ORDER BY revision`
  const rows = await select<{ alert: string }>(client, query, { tenant, id })
  return rows.map(({ alert }) => JSON.parse(alert) as Alert)
}

async function credentialsOf(
  client: ClickHouseClient,
  tenant: string,
  ids: readonly string[],
): Promise<readonly CredentialSummary[]> {
  const query =
    'SELECT credential FROM credentials FINAL PREWHERE tenant = {tenant:String} AND credential_id IN {ids:Array(String)}'
  const rows = await manyOf<{ credential: string }>(client, query, tenant, ids)
  return rows.map(({ credential }) => JSON.parse(credential) as CredentialSummary)
}
