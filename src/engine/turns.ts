import type { Attribution } from '../core/index.ts'

const TURNS_A_COMMIT = 4_096

/** Numbers decisions, so that who hears of two of them in the wrong order knows which is the later. Grows over restarts. */
export class Turns {
  #turn = 0
  #last = 0

  /** Decisions from here on go out with a commit of that sequence. */
  begin(sequence: number): void {
    this.#turn = Math.max(this.#turn, sequence * TURNS_A_COMMIT)
    this.#last = this.#turn + TURNS_A_COMMIT - 1
  }

  take(): number {
    this.#turn = Math.min(this.#turn + 1, this.#last)
    return this.#turn
  }
}

/** Whether one decision about an event came after another. */
export const isLater = (one: Attribution, other: Attribution): boolean => (one.turn ?? 0) > (other.turn ?? 0)
