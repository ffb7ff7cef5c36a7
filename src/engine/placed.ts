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

/** An event with the chain it was given to. Every track that shows the event shares it, so a move is seen by all. */
export interface Placed extends Order, Arrived {
  readonly event: AgentEvent
  attribution: Attribution
  /** Its place in its chain when it was last folded there. */
  index: number
  /** Whether it was handed out at the place it has, so that leaving it has to be told. */
  isOut: boolean
  /** The keys of the threads that show it. */
  threads: string[]
}

export const placedOf = (event: AgentEvent, attribution: Attribution, arrived: Arrived): Placed => ({
  at: event.at,
  ns: event.ns,
  rank: rankOf(event),
  id: event.id,
  source: event.source,
  event,
  attribution,
  index: 0,
  isOut: false,
  threads: [],
  origin: arrived.origin,
  arrivedAt: arrived.arrivedAt,
  late: arrived.late,
  clockSkew: arrived.clockSkew,
})
