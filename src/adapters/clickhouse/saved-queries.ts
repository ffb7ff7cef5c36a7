import { randomUUID } from 'node:crypto'
import type { ClickHouseClient } from '@clickhouse/client'
import type { ListQuery, QueryStore, SavedQuery } from '../../ports/index.ts'
import { insert } from './insert.ts'
import { boundsOf } from './list-filters.ts'
import { type List, listPage } from './list-page.ts'
import { timeValue } from './row-values.ts'
import { select } from './select.ts'

const itemOf = ({ query }: { readonly query: string }): SavedQuery => JSON.parse(query) as SavedQuery

const QUERIES: List<SavedQuery, { readonly query: string }, Pick<ListQuery, 'tenant' | 'limit' | 'cursor'>> = {
  table: 'saved_queries',
  time: 'changed_at',
  id: 'name',
  columns: 'query',
  always: () => 'is_removed = 0',
  conditions: ({ tenant }, time) => boundsOf({ tenant }, time),
  itemOf,
}

/** See `QueryStore`. */
export const savedQueriesOf = (client: ClickHouseClient): QueryStore => ({
  savedQueries: (query) => listPage(client, QUERIES, query),
  async savedQuery(tenant, name) {
    const query = 'SELECT query FROM saved_queries FINAL WHERE tenant = {tenant:String} AND name = {name:String}'
    const [row] = await select<{ query: string }>(client, query, { tenant, name })
    return row === undefined ? null : itemOf(row)
  },
  saveQuery: (query) =>
    insert(client, {
      table: 'saved_queries',
      token: randomUUID(),
      rows: [
        {
          tenant: query.tenant,
          name: query.name,
          version: query.version,
          is_removed: query.isRemoved ? 1 : 0,
          changed_at: timeValue(query.changedAt),
          query: JSON.stringify(query),
        },
      ],
    }),
})
