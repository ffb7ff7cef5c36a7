import { type CredentialSummary, fits, trackKey } from '../../core/index.ts'
import type { ChainReader, CredentialRow, ListQuery, Page, StepQuery, StepRow } from '../../ports/index.ts'
import { agentsIn } from './agents.ts'
import { authorityPage } from './authority.ts'
import {
  alertFilters,
  chainFilters,
  coverageFilters,
  credentialFilters,
  type Filters,
  matches,
  rejectedFilters,
  stepFilters,
  surroundingsOf,
} from './list-filters.ts'
import { compareText } from './order.ts'
import { newestFirst, pageOf, type SortKey } from './page.ts'
import { keyOf } from './shelf.ts'
import type { Shelves } from './shelves.ts'
import { ofChain, ofName, ofThread } from './step-shelf.ts'

const MAX_FAMILY = 1_000

/** What was saved, as it stands. */
export function readerOf(shelves: Shelves): Omit<ChainReader, 'ping'> {
  const around = () => surroundingsOf(shelves)
  const revisions = (tenant: string, id: string) =>
    shelves.alerts
      .rows()
      .filter((alert) => alert.tenant === tenant && alert.id === id)
      .sort((a, b) => a.revision - b.revision)
  return {
    chains: async (query) =>
      list('chains', shelves.chains(), {
        query,
        filters: chainFilters(around()),
        keyOf: ({ lastAt, workflowId, tenant }) => [lastAt, workflowId, tenant],
      }),
    chain: async (tenant, workflowId) => shelves.chain(tenant, workflowId),
    chainsOf: async (tenant, ids) => [...new Set(ids)].flatMap((id) => shelves.chain(tenant, id) ?? []),
    steps: async (tenant, workflowId, query) =>
      stepPage('steps', shelves.steps.find([ofChain(tenant, workflowId)]), query),
    stepsOfThread: async (tenant, { kind, id }, query) =>
      stepPage(
        `${kind}-steps`,
        shelves.steps.find([
          ofName(tenant, { kind, id }),
          ...(kind === 'agent' ? [] : [ofThread(tenant, trackKey({ kind, tenant, subject: id }))]),
        ]),
        query,
      ),
    stepsBy: async (query) => {
      const filters = { query, filters: stepFilters }
      const items = shelves.steps
        .all()
        .map((row) => ({ row, tenant: row.step.event.tenant }))
        .filter((one) => matches(one, one.row.step.event.at, filters))
        .map(({ row }) => row)
      return pageOf({ name: 'all-steps', items, keyOf: keyOfKept, compare: asKept }, query)
    },
    edges: async (tenant, workflowId) =>
      shelves.edges
        .rows()
        .filter((row) => row.tenant === tenant && row.workflowId === workflowId)
        .sort((a, b) => compareText(a.from, b.from) || compareText(a.to, b.to) || compareText(a.type, b.type)),
    findings: async (tenant, workflowId) =>
      shelves.findings
        .rows()
        .filter(({ finding }) => finding.tenant === tenant && finding.workflowId === workflowId)
        .sort(({ finding: a }, { finding: b }) => a.at - b.at || compareText(a.id, b.id)),
    alerts: async (query) =>
      list('alerts', shelves.lastRevisions(), {
        query,
        filters: alertFilters(around()),
        keyOf: ({ lastAt, id, tenant }) => [lastAt, id, tenant],
      }),
    alert: async (tenant, id) => revisions(tenant, id).at(-1) ?? null,
    alertHistory: async (tenant, id) => revisions(tenant, id),
    ...otherLists(shelves),
  }
}

function otherLists(
  shelves: Shelves,
): Pick<
  ChainReader,
  | 'agents'
  | 'authority'
  | 'credentials'
  | 'credential'
  | 'credentialsOf'
  | 'lineage'
  | 'checkpoint'
  | 'coverage'
  | 'rejected'
> {
  const around = () => surroundingsOf(shelves)
  return {
    agents: async (query) => {
      const { agent, since, until, ...ofChain } = query
      const asked = { query: ofChain, filters: chainFilters(around()) }
      return list(
        'agents',
        agentsIn(shelves.chains(), (chain) => matches(chain, chain.lastAt, asked)),
        {
          query: { tenant: query.tenant, agent, since, until, limit: query.limit, cursor: query.cursor },
          filters: { agent: ({ id }, wanted) => fits(wanted, id) },
          keyOf: ({ lastAt, id, tenant }) => [lastAt, id, tenant],
        },
      )
    },
    authority: async (query) => authorityPage(shelves, query),
    credentials: async (query) =>
      list('credentials', shelves.credentials.rows().map(shown), {
        query,
        filters: credentialFilters(around()),
        keyOf: ({ lastAt, id, tenant }) => [lastAt, id, tenant],
      }),
    credential: async (tenant, id) => {
      const row = shelves.credentials.get(keyOf(tenant, id))
      return row === undefined ? null : shown(row)
    },
    credentialsOf: async (tenant, ids) =>
      [...new Set(ids)].flatMap((id) => shelves.credentials.get(keyOf(tenant, id)) ?? []).map(shown),
    lineage: async (tenant, id) => lineageOf(shelves, tenant, id),
    checkpoint: async (tenant, thread) => shelves.checkpoints.get(keyOf(tenant, thread)) ?? null,
    coverage: async (query) => {
      const page = list('coverage', shelves.coverage.rows(), {
        query,
        filters: coverageFilters(around()),
        keyOf: ({ at, id, tenant }) => [at, id, tenant],
      })
      return { ...page, items: page.items.map(({ id: _id, ...coverage }) => coverage) }
    },
    rejected: async (query) =>
      list('rejected', shelves.rejected.rows(), {
        query,
        filters: rejectedFilters,
        keyOf: ({ at, id, tenant }) => [at, id, tenant],
      }),
  }
}

const shown = ({ state: _state, ...credential }: CredentialRow): CredentialSummary => credential

interface Narrowed<Item> {
  readonly query: ListQuery
  readonly filters: Filters<Item>
  readonly keyOf: (item: Item) => readonly [at: number, id: string, tenant: string]
}

function list<Item extends { readonly tenant: string }>(
  name: string,
  items: readonly Item[],
  { query, filters, keyOf: keyOfItem }: Narrowed<Item>,
): Page<Item> {
  const asked = items.filter((item) => matches(item, keyOfItem(item)[0], { query, filters }))
  return pageOf({ name, items: asked, keyOf: keyOfItem, compare: newestFirst }, query)
}

function stepPage(name: string, steps: readonly StepRow[], query: StepQuery): Page<StepRow> {
  const keyOfStep = ({ step: { event, attribution } }: StepRow): SortKey => [
    event.at,
    event.ns,
    attribution.workflowId,
    event.source,
    event.id,
  ]
  return pageOf({ name, items: steps, keyOf: keyOfStep, compare: oldestFirst }, query)
}

const oldestFirst = (a: SortKey, b: SortKey): number =>
  Number(a[0]) - Number(b[0]) ||
  Number(a[1]) - Number(b[1]) ||
  [2, 3, 4].reduce((before, i) => before || compareText(String(a[i]), String(b[i])), 0)

const keyOfKept = ({ step: { event, attribution } }: StepRow): SortKey => [
  event.tenant,
  attribution.workflowId,
  event.at,
  event.ns,
  event.source,
  event.id,
]

const asKept = (a: SortKey, b: SortKey): number =>
  compareText(String(a[0]), String(b[0])) ||
  compareText(String(a[1]), String(b[1])) ||
  Number(a[2]) - Number(b[2]) ||
  Number(a[3]) - Number(b[3]) ||
  compareText(String(a[4]), String(b[4])) ||
  compareText(String(a[5]), String(b[5]))

function lineageOf(shelves: Shelves, tenant: string, id: string): readonly CredentialSummary[] {
  const all = shelves.credentials.rows().filter((row) => row.tenant === tenant)
  const byId = new Map(all.map((row) => [row.id, row]))
  const family = new Set<string>()
  let root = id
  while (!family.has(root)) {
    family.add(root)
    root = byId.get(root)?.parentId ?? root
  }
  // A set grows while it is walked: each generation is followed by the next.
  for (const member of family)
    for (const row of all) if (row.parentId === member && family.size < MAX_FAMILY) family.add(row.id)
  return [...family]
    .flatMap((member) => byId.get(member) ?? [])
    .map(shown)
    .sort((a, b) => a.firstAt - b.firstAt || compareText(a.id, b.id))
}
