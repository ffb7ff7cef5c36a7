import type { Link } from '../core/index.ts'
import { type Fold, type Found, NOTHING_FOUND } from './fold.ts'
import type { Order } from './order.ts'
import type { Placed } from './placed.ts'

/** What another chain told, and where that stands. */
export interface Told {
  readonly order: Order
  readonly link: Link
  /** Facts that only feed other chains; detectors do not see them. */
  readonly hidden: boolean
}

/** A step of a track: what stands there and what was told with it. Most have nothing told or found. */
export class Entry {
  readonly placed: Placed
  /** The fold after it; null where it is not kept. */
  after: Fold | null = null
  /** 0 at the first step of the track, then one more for each step that is its own. */
  index = 0
  #rare: { readonly told: Told | null; readonly found: readonly Found[] } | null

  constructor(placed: Placed, told: Told | null) {
    this.placed = placed
    this.#rare = told === null ? null : { told, found: NOTHING_FOUND }
  }

  get order(): Order {
    return this.#rare?.told?.order ?? this.placed
  }

  get link(): Link | null {
    return this.#rare?.told?.link ?? null
  }

  get hidden(): boolean {
    return this.#rare?.told?.hidden ?? false
  }

  get found(): readonly Found[] {
    return this.#rare?.found ?? NOTHING_FOUND
  }

  set found(found: readonly Found[]) {
    if (this.#rare === null && found.length === 0) return
    this.#rare = { told: this.#rare?.told ?? null, found }
  }
}
