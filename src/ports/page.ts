/** Newest first by the time the bounds speak of, then id. `cursor` is null on the last page. */
export interface Page<T> {
  readonly items: readonly T[]
  readonly cursor: string | null
}
