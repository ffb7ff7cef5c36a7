import type { ClickHouseClient } from '@clickhouse/client'
import type { ListQuery, Page } from '../../ports/index.ts'
import { readCursor, writeCursor } from './cursor.ts'
import type { Conditions } from './list-filters.ts'
import { select } from './select.ts'
import { allOf } from './text-conditions.ts'

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
  const after = afterCursor(table, { time, id }, query.cursor)
  const all = allOf([list.always ?? 'true', ...conditions, ...after.conditions])
  const rows = await select<Stored & Key>(
    client,
    `SELECT ${columns}, toUnixTimestamp64Milli(${time}) AS key_at, ${id} AS key_id, tenant AS key_tenant
    FROM ${table} FINAL WHERE ${all}
    ORDER BY ${time} DESC, ${id}, tenant LIMIT {limit:UInt32}`,
    { ...params, ...after.params, limit: query.limit + 1 },
  )
  return pageOf(rows, query.limit, list.itemOf, ({ key_at, key_id, key_tenant }) =>
    writeCursor(table, [Number(key_at), key_id, key_tenant]),
  )
}

/** What comes after the place that a cursor of the list names; everything without one. Throws `CAT_USAGE` for one of another list. */
export function afterCursor(
  list: string,
  { time, id }: { readonly time: string; readonly id: string },
  cursor: string | undefined,
): Conditions {
  if (cursor === undefined) return { conditions: [], params: {} }
  const key = readCursor(list, ['number', 'text', 'text'], cursor)
  return { conditions: [afterKey(time, id)], params: keyParams(key) }
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
