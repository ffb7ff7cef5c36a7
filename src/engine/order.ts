import type { AgentEvent } from '../core/index.ts'

/** A place in event time: comparable without the event. */
export interface Order {
  readonly at: number
  readonly ns: number
  /** Settles equal times by cause: what a task is given comes before what it does, its end after. */
  readonly rank: number
  readonly id: string
  readonly source: string
}

const RANK_LINK = 0
const RANK_START = 1
const RANK_GIVES = 2
const RANK_ACTS = 3
const RANK_ENDS = 4

/** Where an event stands among others of its time. */
export function rankOf(event: AgentEvent): number {
  switch (event.kind) {
    case 'workflow':
      return event.workflow.action === 'start' ? RANK_START : RANK_ENDS
    case 'credential':
      return event.credential.action === 'issue' ||
        event.credential.action === 'assume_role' ||
        event.credential.action === 'exchange'
        ? RANK_GIVES
        : RANK_ACTS
    case 'oauth':
      return event.oauth.action === 'consent' || event.oauth.action === 'grant' ? RANK_GIVES : RANK_ACTS
    case 'approval':
      return RANK_GIVES
    default:
      return RANK_ACTS
  }
}

/** The order of an event. Sources with whole-second times give many equal times, so ties are broken by cause, id, source. */
export const orderOf = (event: AgentEvent, isLink = false): Order => ({
  at: event.at,
  ns: event.ns,
  rank: isLink ? RANK_LINK : rankOf(event),
  id: event.id,
  source: event.source,
})

/** Total and the same whatever the order of arrival. Ids compare by length first, so that `e2` stands before `e10`. */
export function compareOrder(a: Order, b: Order): number {
  if (a.at !== b.at) return a.at - b.at
  if (a.ns !== b.ns) return a.ns - b.ns
  if (a.rank !== b.rank) return a.rank - b.rank
  if (a.id.length !== b.id.length) return a.id.length - b.id.length
  if (a.id !== b.id) return a.id < b.id ? -1 : 1
  return a.source < b.source ? -1 : a.source > b.source ? 1 : 0
}
