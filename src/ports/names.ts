import type { Page } from './page.ts'

/** What can be searched for by words of its name. */
export const NAME_KINDS = ['tool', 'resource', 'agent', 'credential'] as const
export type NameKind = (typeof NAME_KINDS)[number]

/** What one thing is called in the steps of a tenant, and when it was first and last seen there: milliseconds since the epoch. */
export interface Name {
  readonly tenant: string
  readonly kind: NameKind
  readonly name: string
  readonly firstAt: number
  readonly lastAt: number
}

export interface NameQuery {
  readonly tenant?: string | undefined
  /** Each stands somewhere in the name, within a word too, in small letters or capitals. At least one. */
  readonly words: readonly string[]
  /** Of these kinds; of all when left out. */
  readonly kinds?: readonly NameKind[] | undefined
  readonly limit: number
  /** Opaque; from the page before. Throws `CatenaryError` `CAT_USAGE` when it is none. */
  readonly cursor?: string | undefined
}

/** How many names there are of each kind, whatever the page shows. */
export type NameCounts = Readonly<Record<NameKind, number>>

/** Finds what things are called, by words. Throws what `ChainStore` throws when the store is away. */
export interface NameSearch {
  /** Last seen first, then by name, kind and tenant. */
  names(query: NameQuery): Promise<Page<Name>>
  nameCounts(query: Pick<NameQuery, 'tenant' | 'words' | 'kinds'>): Promise<NameCounts>
}
