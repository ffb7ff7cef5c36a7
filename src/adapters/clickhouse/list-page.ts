import type { ClickHouseClient } from '@clickhouse/client'
import type { ListQuery, Page } from '../../ports/index.ts'
import { readCursor, writeCursor } from './cursor.ts'
import type { Conditions } from './list-filters.ts'
import { select } from './select.ts'

/** One list of the reader: where its items are, how they are sorted and narrowed, and what they are read from. */
export interface List<Item, Stored, Query extends Paged = ListQuery> {
  /** The table; also the name in cursors. */
  readonly table: string
  readonly time: string
  /** Tells items of one time and tenant apart. */
  readonly id: string
  readonly columns: string
  readonly conditions: (query: Query, time: string) => Conditions
  readonly always?: string
  readonly itemOf: (row: Stored) => Item
}

type Paged = Pick<ListQuery, 'limit' | 'cursor'>

interface Key {
  readonly key_at: number | string
  readonly key_id: string
  readonly key_tenant: string
}

/** One page, newest first, then by id, then by tenant. */
export async function listPage<Item, Stored extends object, Query extends Paged>(
  client: ClickHouseClient,
  list: List<Item, Stored, Query>,
  query: Query,
): Promise<Page<Item>> {
  const { table, time, id, columns } = list
  const { conditions, params } = list.conditions(query, time)
  const after = query.cursor === undefined ? null : readCursor(table, ['number', 'text', 'text'], query.cursor)
  const all = [list.always ?? 'true', ...conditions, ...(after === null ? [] : [afterKey(time, id)])]
  const rows = await select<Stored & Key>(
    client,
    `SELECT ${columns}, toUnixTimestamp64Milli(${time}) AS key_at, ${id} AS key_id, tenant AS key_tenant
    FROM ${table} FINAL WHERE ${all.map((one) => `(${one})`).join(' AND ')}
    ORDER BY ${time} DESC, ${id}, tenant LIMIT {limit:UInt32}`,
    { ...params, ...(after === null ? {} : keyParams(after)), limit: query.limit + 1 },
  )
  return pageOf(rows, query.limit, list.itemOf, ({ key_at, key_id, key_tenant }) =>
    writeCursor(table, [Number(key_at), key_id, key_tenant]),
  )
}

const afterKey = (time: string, id: string): string =>
  `${time} < fromUnixTimestamp64Milli({afterAt:Int64}, 'UTC') OR (${time} = fromUnixTimestamp64Milli({afterAt:Int64}, 'UTC')
   AND (${id}, tenant) > ({afterId:String}, {afterTenant:String}))`

const keyParams = ([at = 0, id = '', tenant = '']: readonly (string | number)[]) => ({
  afterAt: String(at),
  afterId: id,
  afterTenant: tenant,
})

/** A page from one row more than it holds: the extra one only says that there is a next page. */
export function pageOf<Item, Stored>(
  rows: readonly Stored[],
  limit: number,
  itemOf: (row: Stored) => Item,
  cursorOf: (row: Stored) => string,
): Page<Item> {
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  return {
    items: shown.map(itemOf),
    cursor: rows.length > limit && last !== undefined ? cursorOf(last) : null,
  }
}
