import type { ClickHouseClient } from '@clickhouse/client'
import type { ListQuery, Page } from '../../ports/index.ts'
import { chunksOf } from './chunks.ts'
import { readCursor, writeCursor } from './cursor.ts'
import type { Conditions } from './list-filters.ts'
import { select } from './select.ts'
import { allOf, ROUGH, type Scope } from './text-conditions.ts'

/** One list of the reader: where its items are, how they are sorted and narrowed, and what they are read from. */
export interface List<Item, Stored, Query extends Paged = ListQuery> {
  /** The table; also the name in cursors. */
  readonly table: string
  readonly time: string
  /** Tells items of one time and tenant apart. */
  readonly id: string
  readonly columns: string
  readonly conditions: (query: Query, time: string, scope: Scope) => Conditions
  readonly always?: (scope: Scope) => string
  readonly itemOf: (row: Stored) => Item
}

type Paged = Pick<ListQuery, 'limit' | 'cursor'>

interface Key {
  readonly key_at: number | string
  readonly key_id: string
  readonly key_tenant: string
}

/** Looked up at once at most, however many of them turned out to count for nothing. */
const MAX_LOOK = 500

/**
 * One page, newest first, then by id, then by tenant. Where its items stand is looked up first, in columns that take little to
 * read and among rows that may have been replaced since; what stands of those is then read, and the look goes on from the last of
 * them until the page is full.
 */
export async function listPage<Item, Stored extends object, Query extends Paged>(
  client: ClickHouseClient,
  list: List<Item, Stored, Query>,
  query: Query,
): Promise<Page<Item>> {
  const { table, time, id, always, conditions } = list
  const key = `toUnixTimestamp64Milli(${time}) AS key_at, ${id} AS key_id, tenant AS key_tenant`
  const order = `ORDER BY ${time} DESC, ${id}, tenant`
  const rough = conditions(query, time, ROUGH)
  const exact = conditions(query, time, FOUND)
  const rows: (Stored & Key)[] = []
  let look = Math.min(query.limit + 1, MAX_LOOK)
  let after = afterCursor(table, { time, id }, query.cursor)
  for (;;) {
    const places = await select<Key>(
      client,
      `SELECT ${key} FROM ${table} WHERE ${allOf([...rough.conditions, ...after.conditions])} ${order} LIMIT {look:UInt32}`,
      { ...rough.params, ...after.params, look },
    )
    const [found = []] = chunksOf(places, ({ key_id }) => key_id)
    const last = found.at(-1)
    if (last === undefined) break
    const all = [always?.(FOUND) ?? 'true', ...exact.conditions, ...after.conditions, untilKey(time, id)]
    const standing = await select<Stored & Key>(
      client,
      `SELECT ${list.columns}, ${key} FROM ${table} FINAL
      PREWHERE tenant IN {tenants:Array(String)} AND ${id} IN {found:Array(String)} WHERE ${allOf(all)} ${order}`,
      {
        ...exact.params,
        ...after.params,
        ...untilParams(last),
        found: [...new Set(found.map(({ key_id }) => key_id))],
        tenants: [...new Set(found.map(({ key_tenant }) => key_tenant))],
      },
    )
    rows.push(...standing)
    if (rows.length > query.limit || (found.length === places.length && places.length < look)) break
    after = { conditions: [afterKey(time, id)], params: keyParams([last.key_at, last.key_id, last.key_tenant]) }
    look = Math.min(2 * look, MAX_LOOK)
  }
  return pageOf(rows, query.limit, list.itemOf, ({ key_at, key_id, key_tenant }) =>
    writeCursor(table, [Number(key_at), key_id, key_tenant]),
  )
}

const FOUND: Scope = { is: 'exact', among: '{found:Array(String)}' }

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

const untilKey = (time: string, id: string): string =>
  `${time} > fromUnixTimestamp64Milli({untilAt:Int64}, 'UTC') OR (${time} = fromUnixTimestamp64Milli({untilAt:Int64}, 'UTC')
   AND (${id}, tenant) <= ({untilId:String}, {untilTenant:String}))`

const untilParams = ({ key_at, key_id, key_tenant }: Key) => ({
  untilAt: String(key_at),
  untilId: key_id,
  untilTenant: key_tenant,
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
