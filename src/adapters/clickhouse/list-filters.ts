import type { TextMatch } from '../../core/index.ts'
import type { ListQuery, TenantMatch } from '../../ports/index.ts'
import { boundValue } from './row-values.ts'
import { SEVERITY_NUMBER } from './rows.ts'
import type { Params } from './select.ts'
import { allOf, among, type Condition, equal, isPrefix } from './text-conditions.ts'
import { assignedTo, standingAs } from './triage.ts'

type Filter = Exclude<keyof ListQuery, 'tenant' | 'since' | 'until' | 'limit' | 'cursor' | 'matching'>

/** The condition of each filter a list knows. An item cannot have what its list does not know, so it does not match. */
export type Filters = Readonly<Partial<Record<Filter, Condition>>>

/** Only the last revision of an alert counts. */
export const LAST_REVISION =
  '(tenant, alert_id, revision) IN (SELECT tenant, alert_id, max(revision) FROM alerts GROUP BY tenant, alert_id)'

const stepsWith = (columns: string, condition: string): string =>
  `SELECT tenant, ${columns} FROM steps FINAL WHERE ${condition}`

const tool = equal('tool')
const resource = equal('resource_id')

const SHARED = {
  agent: among('agent_ids'),
  principal: (at) => `${equal('principal_id')(at)} AND principal_type != ''`,
  credential: among('credential_ids'),
  status: equal('status'),
  minSeverity: ({ name }) => `toInt8(severity) >= {${name}:Int8}`,
  maxSeverity: ({ name }) => `toInt8(severity) <= {${name}:Int8}`,
  minScore: ({ name }) => `score >= {${name}:Float64}`,
} as const satisfies Filters

const chainWithStep =
  (condition: Condition): Condition =>
  (at) =>
    `(tenant, workflow_id) IN (${stepsWith('workflow_id', condition(at))})`

export const CHAIN_FILTERS = {
  ...SHARED,
  workflow: equal('workflow_id'),
  tool: chainWithStep(tool),
  resource: chainWithStep(resource),
  detector: (at) =>
    `(tenant, workflow_id) IN (SELECT tenant, workflow_id FROM alerts FINAL WHERE ${among('detectors')(at)} AND ${LAST_REVISION})`,
} as const satisfies Filters

/** An alert has the steps that its evidence cites. */
const alertWithStep =
  (condition: Condition): Condition =>
  (at) =>
    `(tenant, alert_id, revision) IN (
    SELECT tenant, alert_id, revision FROM alerts FINAL ARRAY JOIN evidence
    WHERE (tenant, evidence.workflow_id, evidence.event_id) IN (${stepsWith('workflow_id, event_id', condition(at))}))`

export const ALERT_FILTERS: Filters = {
  ...SHARED,
  triage: ({ name }) => standingAs(LAST_REVISION, name),
  assignee: ({ name }) => assignedTo(name),
  workflow: among('workflow_ids'),
  detector: among('detectors'),
  alertIds: ({ name }) => `alert_id IN {${name}:Array(String)}`,
  tool: alertWithStep(tool),
  resource: alertWithStep(resource),
}

const chainsWith = (condition: string, columns: string): string =>
  `SELECT tenant, ${columns} FROM chains FINAL WHERE ${condition}`

type ChainFilter = keyof typeof CHAIN_FILTERS

/** What a credential does not say itself is asked of the chains that hold it. */
const heldByChain =
  (filter: ChainFilter): Condition =>
  (at) =>
    `(tenant, credential_id) IN (${chainsWith(CHAIN_FILTERS[filter](at), 'arrayJoin(credential_ids)')})`

export const CREDENTIAL_FILTERS: Filters = {
  agent: among('agent_ids'),
  credential: equal('credential_id'),
  workflow: among('workflow_ids'),
  principal: heldByChain('principal'),
  tool: heldByChain('tool'),
  resource: heldByChain('resource'),
  detector: heldByChain('detector'),
  minSeverity: heldByChain('minSeverity'),
  maxSeverity: heldByChain('maxSeverity'),
  minScore: heldByChain('minScore'),
}

const ofChain =
  (filter: ChainFilter): Condition =>
  (at) =>
    `workflow_id IS NOT NULL AND (tenant, assumeNotNull(workflow_id)) IN (${chainsWith(CHAIN_FILTERS[filter](at), 'workflow_id')})`

export const COVERAGE_FILTERS: Filters = {
  what: equal('what'),
  workflow: equal('workflow_id'),
  detector: equal('detector'),
  agent: ofChain('agent'),
  principal: ofChain('principal'),
  credential: ofChain('credential'),
  tool: ofChain('tool'),
  resource: ofChain('resource'),
  minSeverity: ofChain('minSeverity'),
  maxSeverity: ofChain('maxSeverity'),
  minScore: ofChain('minScore'),
}

export const REJECTED_FILTERS: Filters = { what: equal('reason') }

/** Conditions of a `WHERE`, all of which have to hold, and the values bound in them. */
export interface Conditions {
  readonly conditions: readonly string[]
  readonly params: Params
}

/** Everything in `query` that narrows. `time`: the column bounds speak of. */
export function conditionsOf(query: ListQuery, time: string, filters: Filters): Conditions {
  const { tenant, since, until, limit: _limit, cursor: _cursor, matching, ...rest } = query
  const within = boundsOf({ tenant, since, until }, time)
  const narrowed = filtersOf(rest, filters)
  const matched = matching === undefined ? null : matchedBy(matching, filters)
  return {
    conditions: [...within.conditions, ...narrowed.conditions, ...(matched?.conditions ?? [])],
    params: { ...within.params, ...narrowed.params, ...matched?.params },
  }
}

/** The tenant and the bounds of time that a list has in common with every other. */
export function boundsOf({ tenant, since, until }: Pick<ListQuery, 'tenant' | 'since' | 'until'>, time: string) {
  const conditions: string[] = []
  const params: Record<string, Params[string]> = {}
  const add = (name: string, value: Params[string], condition: string): void => {
    conditions.push(condition)
    params[name] = value
  }
  if (tenant !== undefined) add('tenant', tenant, 'tenant = {tenant:String}')
  if (since !== undefined) add('since', boundValue(since), `${time} >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')`)
  if (until !== undefined) add('until', boundValue(until), `${time} < fromUnixTimestamp64Milli({until:Int64}, 'UTC')`)
  return { conditions, params }
}

/** What is asked of a list by its filters. `prefix`: of the names that values are bound under. */
export function filtersOf(
  asked: Readonly<Record<string, TextMatch | Params[string] | undefined>>,
  filters: Readonly<Partial<Record<string, Condition>>>,
  prefix = '',
): Conditions {
  const conditions: string[] = []
  const params: Record<string, Params[string]> = {}
  for (const [filter, value] of Object.entries(asked)) {
    if (value === undefined) continue
    const name = `${prefix}${filter}`
    const condition = filters[filter]
    if (condition === undefined) conditions.push('false')
    else {
      conditions.push(condition({ name, isPrefix: isPrefix(value) }))
      params[name] = paramOf(filter, value)
    }
  }
  return { conditions, params }
}

function paramOf(filter: string, value: TextMatch | Params[string]): Params[string] {
  if (filter === 'minSeverity' || filter === 'maxSeverity') return SEVERITY_NUMBER[value as 'info']
  return isPrefix(value) ? value.prefix : value
}

/** One condition over several matches, each with names of its own for what it binds. */
function matchedBy({ any, is }: NonNullable<ListQuery['matching']>, filters: Filters): Conditions {
  const each = any.map(({ tenant, ...match }: TenantMatch, i) => {
    const { conditions, params } = filtersOf(match, filters, `m${i}_`)
    const condition = allOf([`tenant = {m${i}_tenant:String}`, ...conditions])
    return { condition, params: { ...params, [`m${i}_tenant`]: tenant } }
  })
  const one = each.length === 0 ? 'false' : each.map(({ condition }) => `(${condition})`).join(' OR ')
  return {
    conditions: [is ? one : `NOT (${one})`],
    params: Object.assign({}, ...each.map(({ params }) => params)) as Params,
  }
}
