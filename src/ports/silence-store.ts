import type { Silence } from '../core/index.ts'
import type { Page } from './page.ts'

/** What a list of silences is narrowed by; what is left out narrows nothing. */
export interface SilenceQuery {
  readonly tenant?: string | undefined
  /** In force at a time (milliseconds since the epoch), or with `is` false not. */
  readonly activeAt?: { readonly at: number; readonly is: boolean } | undefined
  readonly limit: number
  /** As in `ListQuery`. */
  readonly cursor?: string | undefined
}

/** Where silences are kept. What resolved, every later read of any process sees. Throws what `ChainStore` throws when the store is away. */
export interface SilenceStore {
  /** Newest first, those that are over too. */
  silences(query: SilenceQuery): Promise<Page<Silence>>
  silence(tenant: string, id: string): Promise<Silence | null>
  /** One that is removed replaces it as it was made, and never the other way round. */
  saveSilence(silence: Silence): Promise<void>
}
