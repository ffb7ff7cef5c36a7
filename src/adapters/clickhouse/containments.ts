import { randomUUID } from 'node:crypto'
import type { ClickHouseClient } from '@clickhouse/client'
import { type ContainmentStore, idsNamed, type Order, type OrderQuery } from '../../ports/index.ts'
import { insert } from './insert.ts'
import { boundsOf, filtersOf } from './list-filters.ts'
import { type List, listPage } from './list-page.ts'
import { timeValue } from './row-values.ts'
import { select } from './select.ts'
import { among, equal } from './text-conditions.ts'

const itemOf = ({ containment }: { readonly containment: string }): Order => JSON.parse(containment) as Order

const FILTERS = {
  action: equal('action'),
  agent: among('agent_ids'),
  credential: among('credential_ids'),
  grant: among('grant_ids'),
}

const ORDERS: List<Order, { readonly containment: string }, OrderQuery> = {
  table: 'containments',
  time: 'ordered_at',
  id: 'containment_id',
  columns: 'containment',
  conditions: ({ tenant, since, until, limit: _limit, cursor: _cursor, ...asked }, time, scope) => {
    const within = boundsOf({ tenant, since, until }, time)
    const narrowed = filtersOf(asked, FILTERS, { scope })
    return {
      conditions: [...within.conditions, ...narrowed.conditions],
      params: { ...within.params, ...narrowed.params },
    }
  },
  itemOf,
}

/** See `ContainmentStore`. */
export const containmentStoreOf = (client: ClickHouseClient): ContainmentStore => ({
  orders: (query) => listPage(client, ORDERS, query),
  async order(tenant, id) {
    const query =
      'SELECT containment FROM containments FINAL WHERE tenant = {tenant:String} AND containment_id = {id:String}'
    const [row] = await select<{ containment: string }>(client, query, { tenant, id })
    return row === undefined ? null : itemOf(row)
  },
  saveOrder: (order) =>
    insert(client, {
      table: 'containments',
      token: randomUUID(),
      rows: [
        {
          tenant: order.tenant,
          containment_id: order.id,
          action: order.action,
          ordered_at: timeValue(order.at),
          agent_ids: idsNamed(order, 'agent'),
          credential_ids: idsNamed(order, 'credential'),
          grant_ids: idsNamed(order, 'grant'),
          containment: JSON.stringify(order),
        },
      ],
    }),
})
