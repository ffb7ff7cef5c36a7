import type { AgentEvent, Link, ToolCallEvent } from '../core/index.ts'
import type { ChainBook } from './chain-book.ts'
import { compareOrder, orderOf } from './order.ts'
import type { Entry, Placed, Track } from './track.ts'

/** A chain in memory: its fold, its book, the halves of its calls, and the chains it gives authority to. */
export interface HotChain {
  readonly track: Track
  readonly book: ChainBook
  /** By call id, the events that are one step, in order of time. */
  readonly calls: Map<string, ToolCallEvent[]>
  readonly children: Set<string>
}

/**
 * Joins the events of one call id into one step: it stands where the last of them stands and has its outcome; fields
 * that only an earlier one has are kept.
 */
export function joinCall(parts: readonly ToolCallEvent[]): ToolCallEvent {
  const [first, ...rest] = parts as readonly [ToolCallEvent, ...ToolCallEvent[]]
  let joined = first
  for (const later of rest) {
    const given = Object.fromEntries(Object.entries(later).filter(([, value]) => value !== undefined))
    joined = Object.assign({}, joined, given, {
      id: first.id,
      ...(first.step_id === undefined ? {} : { step_id: first.step_id }),
      attributes: { ...joined.attributes, ...later.attributes, called_at: first.time, result_event_id: later.id },
      tool_call: { ...joined.tool_call, ...later.tool_call },
    })
  }
  return joined
}

/** Adds an event to the halves of its call. Null: the event is a repeat of a half already there. */
export function addHalf(parts: readonly ToolCallEvent[], event: ToolCallEvent): readonly ToolCallEvent[] | null {
  if (parts.some(({ id, source }) => id === event.id && source === event.source)) return null
  return [...parts, event].sort((a, b) => compareOrder(orderOf(a), orderOf(b)))
}

/** The chains that an event says work was passed to. */
export const childOf = (event: AgentEvent): string | null =>
  event.kind === 'handoff' ? (event.handoff.to_workflow_id ?? null) : null

/** The facts a parent owes its children, each with the giver's authority at that place. */
export function* linksOf(
  chain: HotChain,
): Generator<{ to: string; placed: Placed; what: Link['what']; before: Entry | null }> {
  let before: Entry | null = null
  for (const entry of chain.track.entries) {
    const { event } = entry.placed
    if (entry.hidden && entry.link !== null) yield { to: entry.link.from, placed: entry.placed, what: 'start', before }
    else if (entry.link === null) {
      const to = childOf(event)
      if (to !== null) yield { to, placed: entry.placed, what: 'handoff', before }
      if (event.kind === 'workflow' && event.workflow.action !== 'start')
        for (const child of chain.children) yield { to: child, placed: entry.placed, what: 'end', before }
    }
    before = entry
  }
}
