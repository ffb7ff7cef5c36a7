import type { Page } from './page.ts'

/** A list with its filters, under a name of one tenant. */
export interface SavedQuery {
  readonly tenant: string
  readonly name: string
  readonly description: string
  /** The list that it asks: `chains`. */
  readonly list: string
  /** The parameters as the list takes them. */
  readonly parameters: Readonly<Record<string, string>>
  /** From 1; one more with each change, removals too. A higher one replaces a lower. */
  readonly version: number
  /** Milliseconds since the epoch. */
  readonly changedAt: number
  /** Kind and id of the caller. */
  readonly changedBy: string
  readonly isRemoved: boolean
}

/** Where saved queries are kept. Throws what `ChainStore` throws when the store is away. */
export interface QueryStore {
  /** Those that are not removed, last changed first. */
  savedQueries(query: {
    readonly tenant?: string | undefined
    readonly limit: number
    readonly cursor?: string | undefined
  }): Promise<Page<SavedQuery>>
  /** Removed or not; null for one that never was. */
  savedQuery(tenant: string, name: string): Promise<SavedQuery | null>
  saveQuery(query: SavedQuery): Promise<void>
}
