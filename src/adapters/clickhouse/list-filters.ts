import type { TextMatch } from '../../core/index.ts'
import type { ListQuery, TenantMatch } from '../../ports/index.ts'
import { boundValue } from './row-values.ts'
import { SEVERITY_NUMBER } from './rows.ts'
import type { Params } from './select.ts'
import { allOf, among, type Bound, type Condition, EXACT, equal, isPrefix, type Scope } from './text-conditions.ts'
import { assignedTo, standingAs } from './triage.ts'

type Filter = Exclude<keyof ListQuery, 'tenant' | 'since' | 'until' | 'limit' | 'cursor' | 'matching'>

/** The condition of each filter a list knows. An item cannot have what its list does not know, so it does not match. */
export type Filters = Readonly<Partial<Record<Filter, Condition>>>

/** Only the last revision of an alert counts. `which`: of alerts that this holds for. */
const lastRevisionOf = (which: string): string =>
  `(tenant, alert_id, revision) IN (SELECT tenant, alert_id, max(revision) FROM alerts WHERE ${which} GROUP BY tenant, alert_id)`

export const LAST_REVISION = lastRevisionOf('true')

/** The last revision of the alerts at hand. */
export const lastRevision = (scope: Scope): string =>
  scope.is === 'exact' ? lastRevisionOf(isAmong(scope, 'alert_id')) : 'true'

const lastRevisionAt = ({ is }: Scope): string => (is === 'exact' ? LAST_REVISION : 'true')

const isAmong = (scope: Scope, column: string): string =>
  scope.is !== 'exact' || scope.among === undefined
    ? 'true'
    : `tenant IN {tenants:Array(String)} AND ${column} IN ${scope.among}`

/** Whether a row has the names that rows of `query`, which is about the same names, have. A set of hashes is filled and asked faster than one of texts. */
const namedIn = (scope: Scope, names: string, query: (names: string) => string): string =>
  scope.is === 'exact'
    ? `(${names}) IN (${query(names)})`
    : `cityHash64(${names}) IN (${query(`cityHash64(${names})`)})`

const standing = ({ is }: Scope): string => (is === 'exact' ? 'FINAL' : '')

/** The rows of a table with a condition; `among`, of what identifies a row, is looked at before rows that replace each other are merged. */
const rowsOf = (table: string, scope: Scope, { among, where }: { among: string; where: string }): string =>
  `${table} ${standing(scope)} ${among === 'true' ? '' : `PREWHERE ${among} `}WHERE ${where}`

const CHAIN = 'tenant, workflow_id'

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
  (at) => {
    const asked = { among: isAmong(at.scope, 'workflow_id'), where: condition(at) }
    return namedIn(at.scope, CHAIN, (names) => `SELECT ${names} FROM ${rowsOf('steps', at.scope, asked)}`)
  }

export const CHAIN_FILTERS = {
  ...SHARED,
  workflow: equal('workflow_id'),
  tool: chainWithStep(tool),
  resource: chainWithStep(resource),
  detector: (at) => {
    const is = allOf([isAmong(at.scope, 'workflow_id'), among('detectors')(at), lastRevisionAt(at.scope)])
    return namedIn(at.scope, CHAIN, (names) => `SELECT ${names} FROM alerts ${standing(at.scope)} WHERE ${is}`)
  },
} as const satisfies Filters

/** An alert has the steps that its evidence cites. */
const alertWithStep =
  (condition: Condition): Condition =>
  (at) => {
    const { scope } = at
    const asked = isAmong(scope, 'alert_id')
    const cited = `SELECT tenant, evidence.workflow_id FROM alerts ARRAY JOIN evidence WHERE ${asked}`
    const steps = { among: scope.is === 'exact' ? `(${CHAIN}) IN (${cited})` : 'true', where: condition(at) }
    const hash = scope.is === 'exact' ? '' : 'cityHash64'
    return `(tenant, alert_id, revision) IN (
    SELECT tenant, alert_id, revision FROM alerts ${standing(scope)} ARRAY JOIN evidence
    WHERE ${asked} AND ${hash}(tenant, evidence.workflow_id, evidence.event_id) IN (
      SELECT ${hash}(tenant, workflow_id, event_id) FROM ${rowsOf('steps', scope, steps)}))`
  }

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

type ChainFilter = keyof typeof CHAIN_FILTERS

/** What chains a filter leaves, in a list of something else. `asked`: of those that matter to it, as SQL. */
const chainsWith = (filter: ChainFilter, at: Bound, { columns, asked }: { columns: string; asked: string }): string => {
  const among = `(SELECT workflow_id FROM chains WHERE ${asked})`
  const scope: Scope = at.scope.is === 'exact' && at.scope.among !== undefined ? { is: 'exact', among } : at.scope
  const of = { among: isAmong(scope, 'workflow_id'), where: CHAIN_FILTERS[filter]({ ...at, scope }) }
  return `SELECT ${columns} FROM ${rowsOf('chains', scope, of)}`
}

/** What a credential does not say itself is asked of the chains that hold it. */
const heldByChain =
  (filter: ChainFilter): Condition =>
  (at) => {
    const { scope } = at
    const asked = scope.is === 'exact' && scope.among !== undefined ? `hasAny(credential_ids, ${scope.among})` : 'true'
    return namedIn(scope, 'tenant, credential_id', (names) =>
      chainsWith(filter, at, { columns: names.replace('credential_id', 'arrayJoin(credential_ids)'), asked }),
    )
  }

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
  (at) => {
    const asked = `workflow_id IN (SELECT assumeNotNull(workflow_id) FROM coverage WHERE workflow_id IS NOT NULL AND ${isAmong(at.scope, 'id')})`
    return `workflow_id IS NOT NULL AND (tenant, assumeNotNull(workflow_id)) IN (${chainsWith(filter, at, { columns: CHAIN, asked })})`
  }

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
export function conditionsOf(
  query: ListQuery,
  time: string,
  { filters, scope = EXACT }: { readonly filters: Filters; readonly scope?: Scope },
): Conditions {
  const { tenant, since, until, limit: _limit, cursor: _cursor, matching, ...rest } = query
  const within = boundsOf({ tenant, since, until }, time)
  const narrowed = filtersOf(rest, filters, { scope })
  const matched = matching === undefined ? null : matchedBy(matching, filters, scope)
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
  { prefix = '', scope = EXACT }: { readonly prefix?: string; readonly scope?: Scope } = {},
): Conditions {
  const conditions: string[] = []
  const params: Record<string, Params[string]> = {}
  for (const [filter, value] of Object.entries(asked)) {
    if (value === undefined) continue
    const name = `${prefix}${filter}`
    const condition = filters[filter]
    if (condition === undefined) conditions.push('false')
    else {
      conditions.push(condition({ name, isPrefix: isPrefix(value), scope }))
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
function matchedBy({ any, is }: NonNullable<ListQuery['matching']>, filters: Filters, asked: Scope): Conditions {
  // What is rough lets more through, and the contrary of it less than it should.
  const scope = is ? asked : EXACT
  const each = any.map(({ tenant, ...match }: TenantMatch, i) => {
    const { conditions, params } = filtersOf(match, filters, { prefix: `m${i}_`, scope })
    const condition = allOf([`tenant = {m${i}_tenant:String}`, ...conditions])
    return { condition, params: { ...params, [`m${i}_tenant`]: tenant } }
  })
  const one = each.length === 0 ? 'false' : each.map(({ condition }) => `(${condition})`).join(' OR ')
  return {
    conditions: [is ? one : `NOT (${one})`],
    params: Object.assign({}, ...each.map(({ params }) => params)) as Params,
  }
}
