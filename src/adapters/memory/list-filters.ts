import {
  type AgentEvent,
  type Alert,
  type ChainSummary,
  type Coverage,
  type CredentialSummary,
  isAtLeast,
  type Triage,
  triageOf,
} from '../../core/index.ts'
import type { ListQuery, RejectedRow } from '../../ports/index.ts'
import { keyOf } from './shelf.ts'
import type { Shelves } from './shelves.ts'
import { ofChain } from './step-shelf.ts'

type Filter = Exclude<keyof ListQuery, 'tenant' | 'since' | 'until' | 'limit' | 'cursor'>
type Asked = Required<{ [Name in Filter]: NonNullable<ListQuery[Name]> }>
/** The condition of each filter a list knows. */
export type Filters<Item> = { readonly [Name in Filter]?: (item: Item, asked: Asked[Name]) => boolean }

/** What filters look up beside the item: which chains and events a tool or a detector touched. */
export interface Surroundings {
  /** Whether the tool was called in the chain; with `eventId`, by that event. */
  usesTool(tool: string, tenant: string, workflowId: string, eventId?: string): boolean
  /** The last revision of every alert. */
  readonly alerts: readonly Alert[]
  readonly chains: readonly ChainSummary[]
  /** Where people stand with an alert. */
  triageOf(alert: Alert): Triage
}

/** What stands now, indexed once for a whole list. */
export function surroundingsOf(shelves: Shelves): Surroundings {
  return {
    alerts: shelves.lastRevisions(),
    chains: shelves.chains(),
    triageOf: (alert) => triageOf(alert, shelves.triage.last(alert.tenant, alert.id)),
    usesTool: (tool, tenant, workflowId, eventId) =>
      shelves.steps
        .find([ofChain(tenant, workflowId)])
        .some(({ step: { event } }) => toolOf(event) === tool && (eventId === undefined || event.id === eventId)),
  }
}

const toolOf = (event: AgentEvent): string | null => (event.kind === 'tool_call' ? event.tool_call.name : null)

/** Whether an item is asked for. An item cannot have what its list does not know, so it does not match. */
export function matches<Item extends { readonly tenant: string }>(
  item: Item,
  time: number,
  { query, filters }: { readonly query: ListQuery; readonly filters: Filters<Item> },
): boolean {
  const { tenant, since, until, limit: _limit, cursor: _cursor, ...rest } = query
  if (tenant !== undefined && item.tenant !== tenant) return false
  if ((since !== undefined && time < since) || (until !== undefined && time >= until)) return false
  return Object.entries(rest).every(([name, asked]) => {
    const filter = filters[name as Filter] as ((item: Item, asked: unknown) => boolean) | undefined
    return asked === undefined || filter?.(item, asked) === true
  })
}

const SHARED: Filters<ChainSummary | Alert> = {
  agent: ({ agentIds }, id) => agentIds.includes(id),
  principal: ({ principal }, id) => principal?.id === id,
  credential: ({ credentialIds }, id) => credentialIds.includes(id),
  status: ({ status }, asked) => status === asked,
  minSeverity: ({ severity }, asked) => isAtLeast(severity, asked),
  minScore: ({ score }, asked) => score >= asked,
}

export const chainFilters = ({ usesTool, alerts }: Surroundings): Filters<ChainSummary> => ({
  ...SHARED,
  workflow: ({ workflowId }, id) => workflowId === id,
  tool: ({ tenant, workflowId }, tool) => usesTool(tool, tenant, workflowId),
  detector: ({ tenant, workflowId }, id) =>
    alerts.some((alert) => alert.tenant === tenant && alert.workflowId === workflowId && alert.detectors.includes(id)),
})

/** An alert has the steps that its evidence cites. */
export const alertFilters = ({ usesTool, triageOf: standing }: Surroundings): Filters<Alert> => ({
  ...SHARED,
  triage: (alert, asked) => standing(alert).status === asked,
  assignee: (alert, asked) => standing(alert).assignee === asked,
  workflow: ({ workflowIds }, id) => workflowIds.includes(id),
  detector: ({ detectors }, id) => detectors.includes(id),
  alertIds: ({ id }, asked) => asked.includes(id),
  tool: ({ tenant, evidence }, tool) =>
    evidence.some(({ workflowId, eventId }) => usesTool(tool, tenant, workflowId, eventId)),
})

const OF_CHAIN = ['principal', 'tool', 'detector', 'minSeverity', 'minScore'] as const

/** What a credential does not say itself is asked of the chains that hold it. */
export const credentialFilters = (around: Surroundings): Filters<CredentialSummary> => ({
  ...viaChains<CredentialSummary>(
    around,
    OF_CHAIN,
    (chain, { tenant, id }) => chain.tenant === tenant && chain.credentialIds.includes(id),
  ),
  agent: ({ agentIds }, id) => agentIds.includes(id),
  credential: ({ id }, asked) => id === asked,
  workflow: ({ workflowIds }, id) => workflowIds.includes(id),
})

export const coverageFilters = (around: Surroundings): Filters<Coverage> => ({
  ...viaChains<Coverage>(
    around,
    [...OF_CHAIN, 'agent', 'credential'],
    (chain, { tenant, workflowId }) => keyOf(chain.tenant, chain.workflowId) === keyOf(tenant, workflowId ?? ''),
  ),
  what: ({ what }, asked) => what === asked,
  workflow: ({ workflowId }, id) => workflowId === id,
  detector: ({ detector }, id) => detector === id,
})

export const rejectedFilters: Filters<RejectedRow> = { what: ({ reason }, asked) => reason === asked }

function viaChains<Item>(
  around: Surroundings,
  names: readonly Filter[],
  isOf: (chain: ChainSummary, item: Item) => boolean,
): Filters<Item> {
  const filters = chainFilters(around)
  return Object.fromEntries(
    names.map((name) => [
      name,
      (item: Item, asked: never) => around.chains.some((chain) => isOf(chain, item) && filters[name]?.(chain, asked)),
    ]),
  )
}
