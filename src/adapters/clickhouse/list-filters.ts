import type { ListQuery } from '../../ports/index.ts'
import { boundValue } from './row-values.ts'
import { SEVERITY_NUMBER } from './rows.ts'
import type { Params } from './select.ts'
import { ASSIGNED, standingAs } from './triage.ts'

type Filter = Exclude<keyof ListQuery, 'tenant' | 'since' | 'until' | 'limit' | 'cursor'>

/** The condition of each filter a list knows. An item cannot have what its list does not know, so it does not match. */
export type Filters = Readonly<Partial<Record<Filter, string>>>

/** Only the last revision of an alert counts. */
export const LAST_REVISION =
  '(tenant, alert_id, revision) IN (SELECT tenant, alert_id, max(revision) FROM alerts GROUP BY tenant, alert_id)'

const STEP_OF_TOOL = (columns: string): string =>
  `SELECT tenant, ${columns} FROM steps FINAL WHERE tool = {tool:String}`

const SHARED = {
  agent: 'has(agent_ids, {agent:String})',
  principal: "principal_id = {principal:String} AND principal_type != ''",
  credential: 'has(credential_ids, {credential:String})',
  status: 'status = {status:String}',
  minSeverity: 'toInt8(severity) >= {minSeverity:Int8}',
  minScore: 'score >= {minScore:Float64}',
} as const

export const CHAIN_FILTERS: Filters = {
  ...SHARED,
  workflow: 'workflow_id = {workflow:String}',
  tool: `(tenant, workflow_id) IN (${STEP_OF_TOOL('workflow_id')})`,
  detector: `(tenant, workflow_id) IN (SELECT tenant, workflow_id FROM alerts FINAL WHERE has(detectors, {detector:String}) AND ${LAST_REVISION})`,
}

/** An alert has the steps that its evidence cites. */
export const ALERT_FILTERS: Filters = {
  ...SHARED,
  triage: standingAs(LAST_REVISION),
  assignee: ASSIGNED,
  workflow: 'has(workflow_ids, {workflow:String})',
  detector: 'has(detectors, {detector:String})',
  alertIds: 'alert_id IN {alertIds:Array(String)}',
  tool: `(tenant, alert_id, revision) IN (
    SELECT tenant, alert_id, revision FROM alerts FINAL ARRAY JOIN evidence
    WHERE (tenant, evidence.workflow_id, evidence.event_id) IN (${STEP_OF_TOOL('workflow_id, event_id')}))`,
}

const chainsWith = (condition: string | undefined, columns: string): string =>
  `SELECT tenant, ${columns} FROM chains FINAL WHERE ${condition}`

/** What a credential does not say itself is asked of the chains that hold it. */
const heldByChain = (filter: Filter): string =>
  `(tenant, credential_id) IN (${chainsWith(CHAIN_FILTERS[filter], 'arrayJoin(credential_ids)')})`

export const CREDENTIAL_FILTERS: Filters = {
  agent: 'has(agent_ids, {agent:String})',
  credential: 'credential_id = {credential:String}',
  workflow: 'has(workflow_ids, {workflow:String})',
  principal: heldByChain('principal'),
  tool: heldByChain('tool'),
  detector: heldByChain('detector'),
  minSeverity: heldByChain('minSeverity'),
  minScore: heldByChain('minScore'),
}

const ofChain = (filter: Filter): string =>
  `workflow_id IS NOT NULL AND (tenant, assumeNotNull(workflow_id)) IN (${chainsWith(CHAIN_FILTERS[filter], 'workflow_id')})`

export const COVERAGE_FILTERS: Filters = {
  what: 'what = {what:String}',
  workflow: 'workflow_id = {workflow:String}',
  detector: 'detector = {detector:String}',
  agent: ofChain('agent'),
  principal: ofChain('principal'),
  credential: ofChain('credential'),
  tool: ofChain('tool'),
  minSeverity: ofChain('minSeverity'),
  minScore: ofChain('minScore'),
}

export const REJECTED_FILTERS: Filters = { what: 'reason = {what:String}' }

/** Everything in `query` that narrows, as conditions and the values bound in them. `time`: the column bounds speak of. */
export function conditionsOf(
  query: ListQuery,
  time: string,
  filters: Filters,
): { conditions: string[]; params: Params } {
  const { tenant, since, until, limit: _limit, cursor: _cursor, ...rest } = query
  const conditions: string[] = []
  const params: Record<string, Params[string]> = {}
  const add = (name: string, value: Params[string], condition: string): void => {
    conditions.push(condition)
    params[name] = value
  }
  if (tenant !== undefined) add('tenant', tenant, 'tenant = {tenant:String}')
  if (since !== undefined) add('since', boundValue(since), `${time} >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')`)
  if (until !== undefined) add('until', boundValue(until), `${time} < fromUnixTimestamp64Milli({until:Int64}, 'UTC')`)
  for (const [name, value] of Object.entries(rest) as [Filter, Params[string] | undefined][]) {
    if (value === undefined) continue
    const condition = filters[name]
    if (condition === undefined) conditions.push('false')
    else add(name, name === 'minSeverity' ? SEVERITY_NUMBER[value as 'info'] : value, condition)
  }
  return { conditions, params }
}
