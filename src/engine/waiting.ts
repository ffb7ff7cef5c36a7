import { inUseBy } from './lineage.ts'
import type { Placed } from './placed.ts'
import { sessionKeys } from './placing.ts'

const MAX_WAITING = 256

/** Events that named no workflow, kept where a later binding of their session or credential can find them. Bounded. */
export class Waiting {
  readonly #byKey = new Map<string, Set<Placed>>()

  add(placed: Placed): void {
    const credential = inUseBy(placed.event)
    for (const key of sessionKeys(placed.event)) this.#put(key, placed)
    if (credential !== null) this.#put(credentialKey(credential), placed)
  }

  /** Takes out every event that waits for a key. */
  take(key: string): readonly Placed[] {
    const list = this.#byKey.get(key)
    if (list === undefined) return []
    this.#byKey.delete(key)
    return [...list]
  }

  get isEmpty(): boolean {
    return this.#byKey.size === 0
  }

  /** Lets go of events before a time: their places are sealed. */
  forget(before: number): void {
    for (const [key, list] of this.#byKey) {
      for (const placed of list) if (placed.at < before) list.delete(placed)
      if (list.size === 0) this.#byKey.delete(key)
    }
  }

  #put(key: string, placed: Placed): void {
    const list = this.#byKey.get(key)
    if (list === undefined) {
      this.#byKey.set(key, new Set([placed]))
      return
    }
    list.add(placed)
    const [oldest] = list
    if (list.size > MAX_WAITING && oldest !== undefined) list.delete(oldest)
  }
}

/** Under what a credential's events wait. Session keys hold a NUL, so the two never meet. */
export const credentialKey = (id: string): string => `credential ${id}`
