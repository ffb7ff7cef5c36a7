/** Rows by identity, where a later commit's row replaces an earlier one's, and an earlier one's changes nothing. */
export class Shelf<Row> {
  readonly #rows = new Map<string, { readonly sequence: number; readonly row: Row }>()

  /** False when a row of a later commit stands there already. */
  put(key: string, row: Row, sequence: number): boolean {
    const there = this.#rows.get(key)
    if (there !== undefined && there.sequence > sequence) return false
    this.#rows.set(key, { sequence, row })
    return true
  }

  get(key: string): Row | undefined {
    return this.#rows.get(key)?.row
  }

  rows(): readonly Row[] {
    return [...this.#rows.values()].map(({ row }) => row)
  }
}

/** One text of several, told apart whatever they contain. */
export const keyOf = (...parts: readonly (string | number)[]): string => JSON.stringify(parts)
