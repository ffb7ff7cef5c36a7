import type { Millis } from '../core/index.ts'
import type { Limits } from './parts.ts'

/** Identities folded lately: two generations, so that it is bounded and forgets the oldest half at once. */
export class Seen {
  readonly #generation: number
  #young = new Map<string, Set<string>>()
  #old = new Map<string, Set<string>>()
  #count = 0
  #youngUntil = Number.NEGATIVE_INFINITY
  #oldUntil = Number.NEGATIVE_INFINITY
  #forgottenUntil: Millis

  /** `until`: the latest time of what was folded before and is not remembered here. */
  constructor({ maxSeen }: Pick<Limits, 'maxSeen'>, until: Millis = Number.NEGATIVE_INFINITY) {
    this.#generation = Math.ceil(maxSeen / 2)
    this.#forgottenUntil = until
  }

  /** Whether an event that is not remembered may have been folded before. */
  mayBeForgotten({ source, id, at }: { readonly source: string; readonly id: string; readonly at: Millis }): boolean {
    return at <= this.#forgottenUntil && !this.#has(source, id)
  }

  /** Takes an id for new again. */
  forget(source: string, id: string): void {
    this.#old.get(source)?.delete(id)
    if (this.#young.get(source)?.delete(id) === true) this.#count -= 1
  }

  /** False when the id was added for the source before and is still remembered. `at`: the time of its event. */
  add(source: string, id: string, at: Millis = Number.NEGATIVE_INFINITY): boolean {
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
      this.#grow()
      return this.add(source, id, at)
    }
    this.#count += 1
    if (at > this.#youngUntil) this.#youngUntil = at
    return true
  }

  #grow(): void {
    this.#forgottenUntil = Math.max(this.#forgottenUntil, this.#oldUntil)
    this.#oldUntil = this.#youngUntil
    this.#youngUntil = Number.NEGATIVE_INFINITY
    this.#old = this.#young
    this.#young = new Map()
    this.#count = 0
  }

  #has(source: string, id: string): boolean {
    return this.#young.get(source)?.has(id) === true || this.#old.get(source)?.has(id) === true
  }
}
