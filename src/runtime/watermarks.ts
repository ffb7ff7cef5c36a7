import type { Millis } from '../core/index.ts'
import type { TimeNotice } from '../ports/index.ts'

/** How far one input of a partition is read. */
export interface InputProgress {
  /** The latest event time read of it; -Infinity before the first. */
  readonly maxAt: Millis
  /** All there is was read, and nothing has come for the time-out. */
  readonly isIdle: boolean
}

/** A fact may take this many hops: asked of the session, then of the credential, placed in a chain, told to its credential, back to the chain, told to a grant. */
export const HOPS = 6

/**
 * Event time where facts pass between partitions: a partition may judge absence up to a time only when every partition has
 * read its inputs so far, sent what that made, heard what that made elsewhere, and so on for as many hops as a fact may take.
 * An input that lags holds time back; an idle one does not.
 */
export class Watermarks {
  readonly #self: number
  readonly #count: number
  readonly #latenessMs: Millis
  readonly #storedAt: Millis
  readonly #heard = new Map<number, TimeNotice>()

  /** `storedAt`: the latest event time that the store has; where all was read before this owner came, it is the latest there is. */
  constructor(self: number, count: number, latenessMs: Millis, storedAt: Millis = Number.NEGATIVE_INFINITY) {
    this.#self = self
    this.#count = count
    this.#latenessMs = latenessMs
    this.#storedAt = storedAt
  }

  hear(notice: TimeNotice): void {
    this.#heard.set(notice.from, notice)
  }

  /** What to tell the others, once all that was read so far is stored and sent. */
  notice(inputs: readonly InputProgress[]): TimeNotice {
    const maxAt = Math.max(this.#storedAt, ...inputs.map((input) => input.maxAt))
    const busy = inputs.filter(({ isIdle }) => !isIdle).map((input) => input.maxAt)
    const own = busy.length === 0 ? null : Math.min(...busy) - this.#latenessMs
    const levels: (Millis | null)[] = [own]
    for (let level = 1; level <= HOPS; level += 1) levels.push(this.#atLevel(level - 1, levels))
    const notice = { from: this.#self, maxAt: Number.isFinite(maxAt) ? maxAt : null, levels }
    this.#heard.set(this.#self, notice)
    return notice
  }

  /**
   * Up to when absence may be judged. `idleMs`: how long everything has been idle; time goes on with the clock then. -Infinity
   * while some partition was not heard of.
   */
  judge(idleMs: Millis): Millis {
    if (this.#heard.size < this.#count) return Number.NEGATIVE_INFINITY
    const held = this.#atLevel(HOPS, [])
    if (held !== null) return held
    const latest = Math.max(...[...this.#heard.values()].map(({ maxAt }) => maxAt ?? Number.NEGATIVE_INFINITY))
    return latest - this.#latenessMs + idleMs
  }

  /** Whether nothing holds time back anywhere. */
  get isIdle(): boolean {
    return this.#heard.size >= this.#count && this.#atLevel(HOPS, []) === null
  }

  #atLevel(level: number, ours: readonly (Millis | null)[]): Millis | null {
    let least: Millis | null = null
    for (let from = 0; from < this.#count; from += 1) {
      const levels = from === this.#self && level < ours.length ? ours : this.#heard.get(from)?.levels
      const at = levels === undefined ? Number.NEGATIVE_INFINITY : (levels[level] ?? null)
      if (at !== null && (least === null || at < least)) least = at
    }
    return least
  }
}
