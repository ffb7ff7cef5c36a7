import type { AgentEvent, Attribution, Millis } from '../core/index.ts'
import type { Origin } from '../ports/index.ts'
import { type Order, rankOf } from './order.ts'

/** How an event came: where from, when, and whether in time. */
export interface Arrived {
  readonly origin: Origin | null
  /** Milliseconds on the arrival clock. */
  readonly arrivedAt: Millis
  readonly late: boolean
  readonly clockSkew: boolean
}

const NO_THREADS: readonly string[] = []

const LATE = 1
const SKEWED = 2
const OUT = 4
const ALL = 7
const SLOT = 3

/**
 * An event with the chain it was given to. Every track that shows the event shares it, so a move is seen by all. There is
 * one for every step in memory: what its event says is not said twice, and its marks share one number.
 */
export class Placed implements Order, Arrived {
  readonly event: AgentEvent
  attribution: Attribution
  /** Its place in its chain when it was last folded there. */
  index = 0
  /** The keys of the threads that show it. Never changed in place: steps share their lists. */
  threads: readonly string[] = NO_THREADS
  readonly origin: Origin | null
  /** Arrival after `at`: mostly a small number, which takes no object of its own. */
  readonly #lag: number
  /** The marks, and above them one more than the place in the outbox. */
  #marks: number

  constructor(event: AgentEvent, attribution: Attribution, { origin, arrivedAt, late, clockSkew }: Arrived) {
    this.event = event
    this.attribution = attribution
    this.origin = origin
    this.#lag = arrivedAt - event.at
    this.#marks = (late ? LATE : 0) | (clockSkew ? SKEWED : 0)
  }

  get at(): Millis {
    return this.event.at
  }

  get arrivedAt(): Millis {
    return this.at + this.#lag
  }

  /** Where it waits in the outbox; -1: it does not. */
  get slot(): number {
    return (this.#marks >> SLOT) - 1
  }

  set slot(slot: number) {
    this.#marks = (this.#marks & ALL) | ((slot + 1) << SLOT)
  }

  get ns(): number {
    return this.event.ns
  }

  get rank(): number {
    return rankOf(this.event)
  }

  get id(): string {
    return this.event.id
  }

  get source(): string {
    return this.event.source
  }

  get late(): boolean {
    return (this.#marks & LATE) !== 0
  }

  get clockSkew(): boolean {
    return (this.#marks & SKEWED) !== 0
  }

  /** Whether it was handed out at the place it has, so that leaving it has to be told. */
  get isOut(): boolean {
    return (this.#marks & OUT) !== 0
  }

  set isOut(isOut: boolean) {
    this.#marks = isOut ? this.#marks | OUT : this.#marks & ~OUT
  }

  /** Notes a thread that shows it; `listWith` gives a list with that thread added, one to share where there is. */
  showIn(key: string, listWith: (keys: readonly string[]) => readonly string[] = (keys) => keys.concat(key)): void {
    if (!this.threads.includes(key)) this.threads = listWith(this.threads)
  }

  /** What `placedBack` takes. */
  toJSON(): PackedPlaced {
    const { event, attribution, index, threads, origin, arrivedAt, late, clockSkew, isOut } = this
    return { event, attribution, index, threads, origin, arrivedAt, late, clockSkew, isOut }
  }
}

/** A placed event as plain JSON. */
export type PackedPlaced = Arrived & Pick<Placed, 'event' | 'attribution' | 'index' | 'threads' | 'isOut'>

export function placedBack(packed: PackedPlaced): Placed {
  const placed = new Placed(packed.event, packed.attribution, packed)
  placed.index = packed.index
  placed.threads = packed.threads
  placed.isOut = packed.isOut
  return placed
}
