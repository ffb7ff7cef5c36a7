import type { Sent } from './episode.ts'

/** Events that are on their way, the earliest arrival first; equal arrivals in the order they were put in. */
export class Arrivals {
  readonly #heap: { readonly sent: Sent; readonly order: number }[] = []
  #put = 0

  put(sent: Sent): void {
    const heap = this.#heap
    heap.push({ sent, order: this.#put })
    this.#put += 1
    let at = heap.length - 1
    while (at > 0) {
      const above = (at - 1) >> 1
      if (!this.#before(at, above)) return
      this.#swap(at, above)
      at = above
    }
  }

  /** Takes out the next one that arrives before a time, in milliseconds since the epoch; null when none does. */
  takeBefore(time: number): Sent | null {
    const heap = this.#heap
    const first = heap[0]
    if (first === undefined || first.sent.arrivesAt >= time) return null
    const last = heap.pop()
    if (last !== undefined && heap.length > 0) {
      heap[0] = last
      this.#sink()
    }
    return first.sent
  }

  #sink(): void {
    let at = 0
    for (;;) {
      let least = at
      for (const below of [2 * at + 1, 2 * at + 2])
        if (below < this.#heap.length && this.#before(below, least)) least = below
      if (least === at) return
      this.#swap(at, least)
      at = least
    }
  }

  #before(a: number, b: number): boolean {
    const [one, other] = [this.#heap[a], this.#heap[b]]
    if (one === undefined || other === undefined) return false
    return (
      one.sent.arrivesAt - other.sent.arrivesAt < 0 ||
      (one.sent.arrivesAt === other.sent.arrivesAt && one.order < other.order)
    )
  }

  #swap(a: number, b: number): void {
    const [one, other] = [this.#heap[a], this.#heap[b]]
    if (one === undefined || other === undefined) return
    this.#heap[a] = other
    this.#heap[b] = one
  }
}
