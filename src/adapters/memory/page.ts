import { CatenaryError } from '../../core/index.ts'
import type { Page } from '../../ports/index.ts'
import { compareText } from './order.ts'

/** What an item of a list is sorted by, most important first. */
export type SortKey = readonly (string | number)[]

export interface Listing<Item> {
  /** The list's name in cursors. */
  readonly name: string
  readonly items: readonly Item[]
  readonly keyOf: (item: Item) => SortKey
  readonly compare: (a: SortKey, b: SortKey) => number
}

/** One page. Throws `CatenaryError` `CAT_USAGE` for a cursor that is none of this list. */
export function pageOf<Item>(
  { name, items, keyOf, compare }: Listing<Item>,
  { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
): Page<Item> {
  const keyed = items.map((item) => ({ item, key: keyOf(item) })).sort((a, b) => compare(a.key, b.key))
  const after = cursor === undefined ? null : readCursor(name, cursor)
  const rest = after === null ? keyed : keyed.filter(({ key }) => compare(key, after) > 0)
  const shown = rest.slice(0, limit)
  const last = shown.at(-1)
  return {
    items: shown.map(({ item }) => item),
    cursor: last !== undefined && rest.length > limit ? writeCursor(name, last.key) : null,
  }
}

const writeCursor = (name: string, key: SortKey): string =>
  Buffer.from(JSON.stringify([name, ...key])).toString('base64url')

function readCursor(name: string, cursor: string): SortKey {
  const [list, ...key] = parse(cursor)
  const isKey = key.length > 0 && key.every((part) => typeof part === 'string' || typeof part === 'number')
  if (list === name && isKey) return key as SortKey
  throw new CatenaryError(
    'CAT_USAGE',
    'The cursor is none of this list. Take it from the `cursor` of the page before, unchanged, or leave it out to begin again.',
  )
}

function parse(cursor: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
    return Array.isArray(value) ? value : []
  } catch {
    return []
  }
}

/** Newest first by what the key begins with; of one time by id, then by tenant. */
export const newestFirst = (a: SortKey, b: SortKey): number =>
  Number(b[0]) - Number(a[0]) || compareText(String(a[1]), String(b[1])) || compareText(String(a[2]), String(b[2]))
