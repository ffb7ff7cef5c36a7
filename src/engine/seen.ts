import type { Limits } from './parts.ts'

/** Identities folded lately: two generations, so that it is bounded and forgets the oldest half at once. */
export class Seen {
  readonly #generation: number
  #young = new Map<string, Set<string>>()
  #old = new Map<string, Set<string>>()
  #count = 0

  constructor({ maxSeen }: Pick<Limits, 'maxSeen'>) {
    this.#generation = Math.ceil(maxSeen / 2)
  }

  /** Takes an id for new again. */
  forget(source: string, id: string): void {
    this.#old.get(source)?.delete(id)
    if (this.#young.get(source)?.delete(id) === true) this.#count -= 1
  }

  /** False when the id was added for the source before and is still remembered. */
  add(source: string, id: string): boolean {
    let ids = this.#young.get(source)
    if (ids === undefined) {
      ids = new Set()
      this.#young.set(source, ids)
    }
    if (this.#old.size > 0 && this.#old.get(source)?.has(id) === true) return false
    const { size } = ids
    ids.add(id)
    if (ids.size === size) return false
    if (this.#count >= this.#generation) {
      ids.delete(id)
      this.#old = this.#young
      this.#young = new Map()
      this.#count = 0
      return this.add(source, id)
    }
    this.#count += 1
    return true
  }
}
