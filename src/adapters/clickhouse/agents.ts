import type { ClickHouseClient } from '@clickhouse/client'
import type { AgentSummary } from '../../core/index.ts'
import type { ListQuery, Page } from '../../ports/index.ts'
import { writeCursor } from './cursor.ts'
import { CHAIN_FILTERS, conditionsOf } from './list-filters.ts'
import { afterCursor, pageOf } from './list-page.ts'
import { select } from './select.ts'
import { allOf, equal } from './text-conditions.ts'

interface Stored extends Pick<AgentSummary, 'tenant' | 'id' | 'score' | 'severity'> {
  readonly chains: number | string
  readonly open: number | string
  readonly first: number | string
  readonly last: number | string
}

/** Put together from the chains: there are far fewer of them than steps, and an agent has no row of its own. */
export async function agentPage(client: ClickHouseClient, query: ListQuery): Promise<Page<AgentSummary>> {
  const { tenant, agent, since, until, limit, cursor, ...ofChain } = query
  const chains = conditionsOf({ ...ofChain, limit }, 'last_at', { filters: CHAIN_FILTERS })
  const whose = conditionsOf({ tenant, limit }, 'last_at', { filters: {} })
  const agents = conditionsOf({ agent, since, until, limit }, 'last_seen', { filters: { agent: equal('id') } })
  const after = afterCursor('agents', { time: 'last_seen', id: 'id' }, cursor)
  const rows = await select<Stored>(
    client,
    `SELECT tenant, id, chains, open, score, severity,
      toUnixTimestamp64Milli(first_seen) AS first, toUnixTimestamp64Milli(last_seen) AS last
    FROM (
      SELECT tenant, id, count() AS chains, countIf(is_open) AS open, max(chain_score) AS score,
        max(chain_severity) AS severity, min(first_at) AS first_seen, max(last_at) AS last_seen, max(is_asked) AS is_wanted
      FROM (
        SELECT tenant, arrayJoin(agent_ids) AS id, status = 'open' AS is_open, score AS chain_score,
          severity AS chain_severity, first_at, last_at, ${allOf(chains.conditions)} AS is_asked
        FROM chains FINAL WHERE ${allOf(whose.conditions)}
      )
      GROUP BY tenant, id
    )
    WHERE is_wanted AND ${allOf([...agents.conditions, ...after.conditions])}
    ORDER BY last_seen DESC, id, tenant LIMIT {limit:UInt32}`,
    { ...chains.params, ...whose.params, ...agents.params, ...after.params, limit: limit + 1 },
  )
  return pageOf(rows, limit, agentOf, ({ last, id, tenant: of }) => writeCursor('agents', [Number(last), id, of]))
}

const agentOf = ({ tenant, id, chains, open, score, severity, first, last }: Stored): AgentSummary => ({
  tenant,
  id,
  chains: Number(chains),
  open: Number(open),
  score,
  severity,
  firstAt: Number(first),
  lastAt: Number(last),
})
