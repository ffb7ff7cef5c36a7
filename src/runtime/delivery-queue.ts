import type { Delivery } from '../ports/index.ts'

interface Waiting {
  readonly delivery: Delivery
  /** Not to be tried before this, in milliseconds since the epoch. */
  readonly notBefore: number
}

export const keyOf = ({ tenant, alertId, revision }: Delivery): string => JSON.stringify([tenant, alertId, revision])

/**
 * What waits for one destination, in the order in which it was told, up to a bound. Of one chain, and of one alert, nothing is
 * given out while something before it waits.
 */
export class DeliveryQueue {
  readonly #bound: number
  #waiting = new Map<string, Waiting>()
  #hasMore = false
  #isSealed: boolean = true

  constructor(bound: number) {
    this.#bound = bound
  }

  get size(): number {
    return this.#waiting.size
  }

  /** There is, or may be, more in the outbox than is held here. */
  get hasMore(): boolean {
    return this.#hasMore
  }

  /** Since when the oldest waits, in milliseconds since the epoch; null where nothing does. */
  get oldestAt(): number | null {
    let oldest: number | null = null
    for (const { delivery } of this.#waiting.values()) oldest = Math.min(oldest ?? delivery.queuedAt, delivery.queuedAt)
    return oldest
  }

  add(delivery: Delivery): void {
    const key = keyOf(delivery)
    if (this.#waiting.has(key)) return
    // What is told later must not overtake what has no room here.
    if (this.#isSealed || this.#hasMore || this.#waiting.size >= this.#bound) this.#hasMore = true
    else this.#waiting.set(key, { delivery, notBefore: 0 })
  }

  /** The outbox is about to be read: what is told from now on counts as more than is held. */
  seal(): void {
    this.#hasMore = false
    this.#isSealed = true
  }

  /** Holds what was read of the outbox, and nothing else; what was held back stays so. */
  replace(deliveries: readonly Delivery[]): void {
    const before = this.#waiting
    this.#waiting = new Map()
    this.#isSealed = false
    for (const delivery of deliveries.slice(0, this.#bound)) {
      const key = keyOf(delivery)
      this.#waiting.set(key, { delivery, notBefore: before.get(key)?.notBefore ?? 0 })
    }
    if (deliveries.length > this.#bound) this.#hasMore = true
  }

  /** Up to `most` that may be sent at `now`, no two of one chain or one alert. They stay until they are removed or held. */
  ready(most: number, now: number): readonly Delivery[] {
    const taken: Delivery[] = []
    const blocked = new Set<string>()
    for (const { delivery, notBefore } of this.#waiting.values()) {
      if (taken.length === most) break
      const lanes = lanesOf(delivery)
      if (notBefore <= now && !lanes.some((lane) => blocked.has(lane))) taken.push(delivery)
      for (const lane of lanes) blocked.add(lane)
    }
    return taken
  }

  /** When the next one may be sent that is held back now; null for none. */
  nextAt(now: number): number | null {
    let next: number | null = null
    for (const { notBefore } of this.#waiting.values())
      if (notBefore > now) next = Math.min(next ?? notBefore, notBefore)
    return next
  }

  remove(delivery: Delivery): void {
    this.#waiting.delete(keyOf(delivery))
  }

  /** Keeps its place, and is not given out before a time. */
  hold(delivery: Delivery, notBefore: number): void {
    this.#waiting.set(keyOf(delivery), { delivery, notBefore })
  }
}

const lanesOf = ({ tenant, workflowId, alertId }: Delivery): readonly string[] => [
  JSON.stringify(['chain', tenant, workflowId]),
  JSON.stringify(['alert', tenant, alertId]),
]
