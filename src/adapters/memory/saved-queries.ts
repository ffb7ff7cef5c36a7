import type { QueryStore, SavedQuery } from '../../ports/index.ts'
import { newestFirst, pageOf } from './page.ts'
import { keyOf, Shelf } from './shelf.ts'

/** See `QueryStore`. */
export function queryStore(): QueryStore {
  const queries = new Shelf<SavedQuery>()
  return {
    savedQueries: async ({ tenant, ...page }) => {
      const items = queries.rows().filter((one) => !one.isRemoved && (tenant === undefined || one.tenant === tenant))
      const key = (one: SavedQuery) => [one.changedAt, one.name, one.tenant]
      return pageOf({ name: 'saved_queries', items, keyOf: key, compare: newestFirst }, page)
    },
    savedQuery: async (tenant, name) => queries.get(keyOf(tenant, name)) ?? null,
    saveQuery: async (query) => void queries.put(keyOf(query.tenant, query.name), query, query.version),
  }
}
