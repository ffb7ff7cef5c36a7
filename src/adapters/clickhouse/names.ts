import type { ClickHouseClient } from '@clickhouse/client'
import {
  NAME_KINDS,
  type Name,
  type NameCounts,
  type NameKind,
  type NameQuery,
  type NameSearch,
} from '../../ports/index.ts'
import { readCursor, writeCursor } from './cursor.ts'
import { boundsOf, type Conditions } from './list-filters.ts'
import { pageOf } from './list-page.ts'
import { select } from './select.ts'
import { allOf } from './text-conditions.ts'

interface Stored {
  readonly tenant: string
  readonly kind: NameKind
  readonly name: string
  readonly first: number | string
  readonly last: number | string
}

/** See `NameSearch`. */
export const nameSearchOf = (client: ClickHouseClient): NameSearch => ({
  async names(query) {
    const { conditions, params } = conditionsOf(query)
    const after = afterCursor(query.cursor)
    const rows = await select<Stored>(
      client,
      `SELECT tenant, kind, name, toUnixTimestamp64Milli(min(first_at)) AS first, toUnixTimestamp64Milli(max(last_at)) AS last
      FROM names WHERE ${allOf(conditions)} GROUP BY tenant, kind, name
      HAVING ${allOf(after.conditions)} ORDER BY last DESC, name, kind, tenant LIMIT {limit:UInt32}`,
      { ...params, ...after.params, limit: query.limit + 1 },
    )
    return pageOf(rows, query.limit, nameOf, ({ last, name, kind, tenant }) =>
      writeCursor('names', [Number(last), name, kind, tenant]),
    )
  },
  async nameCounts(query) {
    const { conditions, params } = conditionsOf(query)
    const rows = await select<{ kind: NameKind; many: number | string }>(
      client,
      `SELECT kind, uniqExact(tenant, name) AS many FROM names WHERE ${allOf(conditions)} GROUP BY kind`,
      params,
    )
    const many = new Map(rows.map((row) => [row.kind, Number(row.many)]))
    return Object.fromEntries(NAME_KINDS.map((kind) => [kind, many.get(kind) ?? 0])) as unknown as NameCounts
  },
})

/** The words are looked for as the index has them: in small letters. */
function conditionsOf({ tenant, words, kinds }: Pick<NameQuery, 'tenant' | 'words' | 'kinds'>): Conditions {
  const within = boundsOf({ tenant }, 'last_at')
  const patterns = words.map((word) => `%${word.toLowerCase().replace(/[\\%_]/g, '\\$&')}%`)
  return {
    conditions: [
      ...within.conditions,
      ...(kinds === undefined ? [] : ['kind IN {kinds:Array(String)}']),
      ...patterns.map((_, i) => `lowerUTF8(name) LIKE {word${i}:String}`),
    ],
    params: {
      ...within.params,
      ...(kinds === undefined ? {} : { kinds }),
      ...Object.fromEntries(patterns.map((pattern, i) => [`word${i}`, pattern])),
    },
  }
}

function afterCursor(cursor: string | undefined): Conditions {
  if (cursor === undefined) return { conditions: [], params: {} }
  const [at = 0, name = '', kind = '', tenant = ''] = readCursor('names', ['number', 'text', 'text', 'text'], cursor)
  return {
    conditions: [
      `last < {afterAt:Int64} OR (last = {afterAt:Int64} AND (name, kind, tenant) > ({afterName:String}, {afterKind:String}, {afterTenant:String}))`,
    ],
    params: { afterAt: String(at), afterName: name, afterKind: kind, afterTenant: tenant },
  }
}

const nameOf = ({ first, last, ...rest }: Stored): Name => ({ ...rest, firstAt: Number(first), lastAt: Number(last) })
