import type { ClickHouseClient } from '@clickhouse/client'
import type { AuthorityQuery, HeldAuthority, HolderKind, Page } from '../../ports/index.ts'
import { readCursor, writeCursor } from './cursor.ts'
import { boundsOf, type Conditions, filtersOf } from './list-filters.ts'
import { pageOf } from './list-page.ts'
import { boundValue } from './row-values.ts'
import { select } from './select.ts'
import { allOf, equal } from './text-conditions.ts'

const LIST = 'authority'
const MAX_NAMES = 10_000
const MAX_USES = 500

const NAMES = 'arrayConcat(arrayMap(s -> toString(s), scopes), permissions)'
const GRANT = "if(grant_id = '', toString(client_id), grant_id)"
/** Whom a step that gives authority gives it to. */
const HOLDERS = `arrayFilter(h -> h.2 != '', [('agent', toString(agent_id)), ('credential', credential_id), ('grant', ${GRANT})])`
/** A call is of the grants whose threads show it. */
const OF_THREADS =
  "arrayMap(t -> ('grant', substring(t, position(t, '/', 7) + 1)), arrayFilter(t -> startsWith(t, 'grant/'), threads))"

const ENDS = "('revoke', 'expire', 'deny', 'read', 'token_use')"
const GIVES = `is_gone = 0 AND outcome NOT IN ('denied', 'failure') AND ((kind = 'workflow' AND action = 'start')
  OR (kind IN ('credential', 'oauth') AND action NOT IN ${ENDS})) AND (notEmpty(scopes) OR notEmpty(permissions))`
const USES = `is_gone = 0 AND outcome = 'success' AND (kind = 'tool_call' OR (kind = 'oauth' AND action = 'token_use'))
  AND (notEmpty(scopes) OR notEmpty(permissions))`
const BY = `multiIf(kind = 'credential', concat('credential ', credential_id), kind = 'oauth', concat('grant ', ${GRANT}), 'task')`

/** Who holds nothing any more: credentials that were revoked or have expired, and grants taken back since they were given. */
const ENDED = `
  SELECT tenant, 'credential' AS kind, credential_id AS holder, toInt64(9000000000000000) AS ended_at
  FROM credentials FINAL
  WHERE revoked_at IS NOT NULL OR (expires_at IS NOT NULL AND expires_at <= fromUnixTimestamp64Milli({at:Int64}, 'UTC'))
  UNION ALL
  SELECT tenant, 'grant', ${GRANT}, toUnixTimestamp64Milli(max(time)) FROM steps
  WHERE is_gone = 0 AND kind = 'oauth' AND action = 'revoke' AND outcome = 'success' AND credential_id = ''
  GROUP BY tenant, ${GRANT}`

interface Stored {
  readonly tenant: string
  readonly kind: HolderKind
  readonly holder: string
  readonly name: string
  readonly given_by: string
  readonly first: number | string
  readonly mild: number
}

/** Put together from the steps: there is no row of its own for what somebody holds, and rows that come twice change nothing. */
export async function authorityPage(client: ClickHouseClient, query: AuthorityQuery): Promise<Page<HeldAuthority>> {
  const { limit, cursor } = query
  const risky = await riskyNames(client, query)
  const { conditions, params } = narrowed(query)
  const after = afterCursor(cursor)
  const rows = await select<Stored>(
    client,
    `SELECT tenant, kind, holder, name, given_by, first, mild FROM (
      SELECT tenant, h.1 AS kind, h.2 AS holder, name, argMin(by, time) AS given_by, toUnixTimestamp64Milli(max(time)) AS last_given,
        toUnixTimestamp64Milli(min(time)) AS first, toUInt8(NOT has({risky:Array(String)}, name)) AS mild
      FROM (SELECT tenant, time, ${BY} AS by, arrayJoin(${HOLDERS}) AS h, arrayJoin(${NAMES}) AS name FROM steps
        WHERE ${allOf([GIVES, ...conditions.ofStep])})
      GROUP BY tenant, kind, holder, name
    ) AS given
    LEFT JOIN (${ENDED}) AS ended USING (tenant, kind, holder)
    WHERE ended_at <= last_given AND ${allOf([...conditions.ofRow, ...after.conditions])}
    ORDER BY mild, first, kind, holder, name, tenant LIMIT {limit:UInt32}
    SETTINGS join_use_nulls = 0`,
    { ...params, ...after.params, risky, at: boundValue(query.at), limit: limit + 1 },
  )
  const { items, cursor: next } = pageOf(
    rows,
    limit,
    (row) => row,
    ({ mild, first, kind, holder, name, tenant }) =>
      writeCursor(LIST, [mild, Number(first), kind, holder, name, tenant]),
  )
  const uses = await usesOf(client, items)
  return { items: items.map((row) => heldOf(row, uses)), cursor: next }
}

/** Names are few; which of them are high risk is not for SQL to say. */
async function riskyNames(client: ClickHouseClient, { tenant, judge }: AuthorityQuery): Promise<readonly string[]> {
  const whose = boundsOf({ tenant }, 'time')
  const rows = await select<{ name: string }>(
    client,
    `SELECT DISTINCT arrayJoin(${NAMES}) AS name FROM steps WHERE ${allOf([GIVES, ...whose.conditions])} LIMIT {most:UInt32}`,
    { ...whose.params, most: MAX_NAMES },
  )
  return rows.map(({ name }) => name).filter(judge)
}

const FILTERS = { kind: equal('kind'), holder: equal('holder'), name: equal('name') }

function narrowed({ tenant, kind, holder, name, isHighRisk }: AuthorityQuery) {
  const ofStep = boundsOf({ tenant }, 'time')
  const ofRow = filtersOf({ kind, holder, name }, FILTERS)
  const ofRisk = isHighRisk === undefined ? [] : [`mild = ${isHighRisk ? 0 : 1}`]
  return {
    conditions: { ofStep: ofStep.conditions, ofRow: [...ofRow.conditions, ...ofRisk] },
    params: { ...ofStep.params, ...ofRow.params },
  }
}

function afterCursor(cursor: string | undefined): Conditions {
  if (cursor === undefined) return { conditions: [], params: {} }
  const [mild = 0, first = 0, kind = '', holder = '', name = '', tenant = ''] = readCursor(
    LIST,
    ['number', 'number', 'text', 'text', 'text', 'text'],
    cursor,
  )
  const place =
    '({afterMild:UInt8}, {afterFirst:Int64}, {afterKind:String}, {afterHolder:String}, {afterName:String}, {afterTenant:String})'
  return {
    conditions: [`(mild, first, kind, holder, name, tenant) > ${place}`],
    params: {
      afterMild: mild,
      afterFirst: String(first),
      afterKind: kind,
      afterHolder: holder,
      afterName: name,
      afterTenant: tenant,
    },
  }
}

interface Use {
  readonly tenant: string
  readonly kind: HolderKind
  readonly holder: string
  readonly names: readonly string[]
  readonly times: readonly (number | string)[]
}

/** What the holders of a page used, and when last. */
async function usesOf(client: ClickHouseClient, rows: readonly Stored[]): Promise<ReadonlyMap<string, Use>> {
  if (rows.length === 0) return new Map()
  const of = (kind: HolderKind): readonly string[] => [
    ...new Set(rows.flatMap((row) => (row.kind === kind ? [row.holder] : []))),
  ]
  const found = await select<Use>(
    client,
    `SELECT tenant, kind, holder, groupArray({most:UInt32})(name) AS names, groupArray({most:UInt32})(last) AS times FROM (
      SELECT tenant, h.1 AS kind, h.2 AS holder, name, toUnixTimestamp64Milli(max(time)) AS last
      FROM (SELECT tenant, time, arrayJoin(arrayDistinct(arrayConcat(${HOLDERS}, ${OF_THREADS}))) AS h, arrayJoin(${NAMES}) AS name
        FROM steps WHERE ${USES} AND tenant IN {tenants:Array(String)})
      WHERE (kind = 'agent' AND holder IN {agents:Array(String)}) OR (kind = 'credential' AND holder IN {credentials:Array(String)})
        OR (kind = 'grant' AND holder IN {grants:Array(String)})
      GROUP BY tenant, kind, holder, name ORDER BY last DESC
    ) GROUP BY tenant, kind, holder`,
    {
      tenants: [...new Set(rows.map(({ tenant }) => tenant))],
      agents: of('agent'),
      credentials: of('credential'),
      grants: of('grant'),
      most: MAX_USES,
    },
  )
  return new Map(found.map((use) => [keyOf(use), use]))
}

const keyOf = ({ tenant, kind, holder }: Pick<Stored, 'tenant' | 'kind' | 'holder'>): string =>
  JSON.stringify([tenant, kind, holder])

function heldOf(row: Stored, uses: ReadonlyMap<string, Use>): HeldAuthority {
  const { tenant, kind, holder, name, given_by: by, first, mild } = row
  const { names = [], times = [] } = uses.get(keyOf(row)) ?? {}
  return {
    tenant,
    kind,
    holder,
    name,
    by,
    firstAt: Number(first),
    isHighRisk: mild === 0,
    uses: names.map((one, i) => ({ name: one, at: Number(times[i]) })),
  }
}
