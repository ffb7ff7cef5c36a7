const GENERATION = 500_000

/** Identities folded lately: two generations, so that it is bounded and forgets the oldest half at once. */
export class Seen {
  #young = new Set<string>()
  #old = new Set<string>()

  /** False when the identity was added before and is still remembered. */
  add(identity: string): boolean {
    if (this.#young.has(identity) || this.#old.has(identity)) return false
    if (this.#young.size >= GENERATION) {
      this.#old = this.#young
      this.#young = new Set()
    }
    this.#young.add(identity)
    return true
  }
}
