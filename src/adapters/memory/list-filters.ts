import {
  type AgentEvent,
  type Alert,
  anyFits,
  type ChainSummary,
  type Coverage,
  type CredentialSummary,
  credentialOf,
  fits,
  isAtLeast,
  parentCredentialOf,
  type TextMatch,
  type Triage,
  triageOf,
} from '../../core/index.ts'
import type { ListQuery, RejectedRow, StepRow, TenantMatch } from '../../ports/index.ts'
import { keyOf } from './shelf.ts'
import type { Shelves } from './shelves.ts'
import { resourceOf, toolOf } from './step-names.ts'
import { ofChain } from './step-shelf.ts'

type Filter = Exclude<keyof ListQuery, 'tenant' | 'since' | 'until' | 'limit' | 'cursor' | 'matching'>
type Asked = Required<{ [Name in Filter]: NonNullable<ListQuery[Name]> }>
/** The condition of each filter a list knows. */
export type Filters<Item> = { readonly [Name in Filter]?: (item: Item, asked: Asked[Name]) => boolean }

/** What filters look up beside the item: which chains and events a tool or a detector touched. */
export interface Surroundings {
  /** Whether a step of the chain is one of those; with `eventId`, the step of that event. */
  hasStep(is: (event: AgentEvent) => boolean, tenant: string, workflowId: string, eventId?: string): boolean
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
    hasStep: (is, tenant, workflowId, eventId) =>
      shelves.steps
        .find([ofChain(tenant, workflowId)])
        .some(({ step: { event } }) => is(event) && (eventId === undefined || event.id === eventId)),
  }
}

const ofTool =
  (asked: TextMatch) =>
  (event: AgentEvent): boolean =>
    anyFits(
      asked,
      [toolOf(event)].flatMap((name) => name ?? []),
    )

const ofResource =
  (asked: TextMatch) =>
  (event: AgentEvent): boolean =>
    anyFits(
      asked,
      [resourceOf(event)].flatMap((id) => id ?? []),
    )

/** Whether an item is asked for. An item cannot have what its list does not know, so it does not match. */
export function matches<Item extends { readonly tenant: string }>(
  item: Item,
  time: number,
  { query, filters }: { readonly query: ListQuery; readonly filters: Filters<Item> },
): boolean {
  const { tenant, since, until, limit: _limit, cursor: _cursor, matching, ...rest } = query
  if (tenant !== undefined && item.tenant !== tenant) return false
  if ((since !== undefined && time < since) || (until !== undefined && time >= until)) return false
  if (matching !== undefined && matching.any.some((one) => hasAll(item, one, filters)) !== matching.is) return false
  return passes(item, rest, filters)
}

const hasAll = <Item extends { readonly tenant: string }>(
  item: Item,
  { tenant, ...match }: TenantMatch,
  filters: Filters<Item>,
): boolean => item.tenant === tenant && passes(item, match, filters)

const passes = <Item>(item: Item, asked: object, filters: Filters<Item>): boolean =>
  Object.entries(asked).every(([name, value]) => {
    const filter = filters[name as Filter] as ((item: Item, asked: unknown) => boolean) | undefined
    return value === undefined || filter?.(item, value) === true
  })

const SHARED: Filters<ChainSummary | Alert> = {
  agent: ({ agentIds }, asked) => anyFits(asked, agentIds),
  principal: ({ principal }, asked) => principal !== null && fits(asked, principal.id),
  credential: ({ credentialIds }, asked) => anyFits(asked, credentialIds),
  status: ({ status }, asked) => status === asked,
  minSeverity: ({ severity }, asked) => isAtLeast(severity, asked),
  maxSeverity: ({ severity }, asked) => isAtLeast(asked, severity),
  minScore: ({ score }, asked) => score >= asked,
}

export const chainFilters = ({ hasStep, alerts }: Surroundings): Filters<ChainSummary> => ({
  ...SHARED,
  workflow: ({ workflowId }, asked) => fits(asked, workflowId),
  tool: ({ tenant, workflowId }, asked) => hasStep(ofTool(asked), tenant, workflowId),
  resource: ({ tenant, workflowId }, asked) => hasStep(ofResource(asked), tenant, workflowId),
  detector: ({ tenant, workflowId }, asked) =>
    alerts.some(
      (alert) => alert.tenant === tenant && alert.workflowId === workflowId && anyFits(asked, alert.detectors),
    ),
})

/** An alert has the steps that its evidence cites. */
export const alertFilters = ({ hasStep, triageOf: standing }: Surroundings): Filters<Alert> => ({
  ...SHARED,
  triage: (alert, asked) => standing(alert).status === asked,
  assignee: (alert, asked) => standing(alert).assignee === asked,
  workflow: ({ workflowIds }, asked) => anyFits(asked, workflowIds),
  detector: ({ detectors }, asked) => anyFits(asked, detectors),
  alertIds: ({ id }, asked) => asked.includes(id),
  tool: ({ tenant, evidence }, asked) =>
    evidence.some(({ workflowId, eventId }) => hasStep(ofTool(asked), tenant, workflowId, eventId)),
  resource: ({ tenant, evidence }, asked) =>
    evidence.some(({ workflowId, eventId }) => hasStep(ofResource(asked), tenant, workflowId, eventId)),
})

const OF_CHAIN = ['principal', 'tool', 'resource', 'detector', 'minSeverity', 'maxSeverity', 'minScore'] as const

/** What a credential does not say itself is asked of the chains that hold it. */
export const credentialFilters = (around: Surroundings): Filters<CredentialSummary> => ({
  ...viaChains<CredentialSummary>(
    around,
    OF_CHAIN,
    (chain, { tenant, id }) => chain.tenant === tenant && chain.credentialIds.includes(id),
  ),
  agent: ({ agentIds }, asked) => anyFits(asked, agentIds),
  credential: ({ id }, asked) => fits(asked, id),
  workflow: ({ workflowIds }, asked) => anyFits(asked, workflowIds),
})

export const coverageFilters = (around: Surroundings): Filters<Coverage> => ({
  ...viaChains<Coverage>(
    around,
    [...OF_CHAIN, 'agent', 'credential'],
    (chain, { tenant, workflowId }) => keyOf(chain.tenant, chain.workflowId) === keyOf(tenant, workflowId ?? ''),
  ),
  what: ({ what }, asked) => what === asked,
  workflow: ({ workflowId }, asked) => workflowId !== null && fits(asked, workflowId),
  detector: ({ detector }, asked) => detector !== null && fits(asked, detector),
})

export const rejectedFilters: Filters<RejectedRow> = { what: ({ reason }, asked) => reason === asked }

interface OwnedStep {
  readonly tenant: string
  readonly row: StepRow
}

export const stepFilters: Filters<OwnedStep> = {
  agent: ({ row }, asked) => anyFits(asked, row.step.event.agent === undefined ? [] : [row.step.event.agent.id]),
  principal: ({ row }, asked) =>
    anyFits(asked, row.step.event.principal === undefined ? [] : [row.step.event.principal.id]),
  credential: ({ row: { step } }, asked) =>
    anyFits(
      asked,
      [credentialOf(step.event), parentCredentialOf(step.event)].flatMap((id) => id ?? []),
    ),
  tool: ({ row }, asked) => ofTool(asked)(row.step.event),
  resource: ({ row }, asked) => ofResource(asked)(row.step.event),
  workflow: ({ row }, asked) => fits(asked, row.step.attribution.workflowId),
}

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
