import type { AgentEvent, Attribution, Link, ToolCallEvent } from '../core/index.ts'
import { type ChainBook, openBook } from './chain-book.ts'
import type { Fold } from './fold.ts'
import { compareOrder, orderOf } from './order.ts'
import type { Placed } from './placed.ts'
import type { Readers } from './readers.ts'
import { Track } from './track.ts'

/** A chain in memory: its fold, its book, the halves of its calls, and the chains it gives authority to. */
export interface HotChain {
  readonly track: Track
  /** How a step came to it that named it: one for all of them. */
  readonly reported: Attribution
  readonly book: ChainBook
  /** By call id, the events that are one step, in order of time. */
  calls: ReadonlyMap<string, readonly ToolCallEvent[]>
  children: ReadonlySet<string>
}

export const newChain = (tenant: string, workflowId: string, readers: Readers): HotChain => ({
  track: new Track({ kind: 'chain', tenant, subject: workflowId }, readers),
  reported: { workflowId, grade: 'reported', rule: 'reported' },
  book: openBook(tenant, workflowId),
  calls: NO_CALLS,
  children: NO_CHILDREN,
})

/** Most chains have none: an empty map for each would be a tenth of what a short chain takes. */
const NO_CALLS: ReadonlyMap<string, readonly ToolCallEvent[]> = new Map()
const NO_CHILDREN: ReadonlySet<string> = new Set()

/** Notes a chain that this one gives authority to. */
export function adopt(chain: HotChain, child: string): void {
  if (chain.children === NO_CHILDREN) chain.children = new Set([child])
  else (chain.children as Set<string>).add(child)
}

/** Notes the halves of a call. */
export function noteCall(chain: HotChain, callId: string, parts: readonly ToolCallEvent[]): void {
  if (chain.calls === NO_CALLS) chain.calls = new Map([[callId, parts]])
  else (chain.calls as Map<string, readonly ToolCallEvent[]>).set(callId, parts)
}

/** Forgets a call. */
export function dropCall({ calls }: HotChain, callId: string): void {
  if (calls !== NO_CALLS) (calls as Map<string, readonly ToolCallEvent[]>).delete(callId)
}

/**
 * Joins the events of one call id into one step: it stands where the last of them stands and has its outcome; fields
 * that only an earlier one has are kept.
 */
export function joinCall(parts: readonly ToolCallEvent[]): ToolCallEvent {
  const first = parts[0] as ToolCallEvent
  let joined = first
  for (let i = 1; i < parts.length; i += 1) joined = joinHalf(first, joined, parts[i] as ToolCallEvent)
  return joined
}

function joinHalf(first: ToolCallEvent, before: ToolCallEvent, later: ToolCallEvent): ToolCallEvent {
  const joined: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(before)) joined[name] = value
  for (const [name, value] of Object.entries(later)) if (value !== undefined) joined[name] = value
  joined['id'] = first.id
  if (first.step_id !== undefined) joined['step_id'] = first.step_id
  joined['attributes'] = {
    ...before.attributes,
    ...later.attributes,
    called_at: first.time,
    result_event_id: later.id,
  }
  joined['tool_call'] = { ...before.tool_call, ...later.tool_call }
  return joined as unknown as ToolCallEvent
}

/** Adds an event to the halves of its call. Null: the event is a repeat of a half already there. */
export function addHalf(parts: readonly ToolCallEvent[], event: ToolCallEvent): readonly ToolCallEvent[] | null {
  if (parts.length === 0) return [event]
  if (parts.some(({ id, source }) => id === event.id && source === event.source)) return null
  return [...parts, event].sort((a, b) => compareOrder(orderOf(a), orderOf(b)))
}

/** The unsealed step that an event is, or is a half of; null when there is none. */
export function stepOfHalf({ track, calls }: HotChain, event: AgentEvent): Placed | null {
  const callId = event.kind === 'tool_call' ? event.tool_call.call_id : undefined
  const parts = callId === undefined ? undefined : calls.get(callId)
  const isHalf = parts?.some(({ id, source }) => id === event.id && source === event.source) === true
  const entry = track.entries[track.indexOf(orderOf(isHalf && parts !== undefined ? joinCall(parts) : event))]
  return entry === undefined || entry.link !== null ? null : entry.placed
}

/** The chains that an event says work was passed to. */
export const childOf = (event: AgentEvent): string | null =>
  event.kind === 'handoff' ? (event.handoff.to_workflow_id ?? null) : null

export const isEnd = (event: AgentEvent): boolean => event.kind === 'workflow' && event.workflow.action !== 'start'

/** A fact that a parent owes a child, with what was known before it. */
export interface Owed {
  readonly to: string
  readonly placed: Placed
  readonly what: Link['what']
  readonly before: Fold
}

/** The facts a parent owes its children, from position `from` of its unsealed steps on. */
export function* owedBy({ track, children }: HotChain, from: number): Generator<Owed> {
  let at = from
  for (const { placed, link, hidden } of track.entries.slice(from)) {
    const { event } = placed
    const to = childOf(event)
    if (hidden && link !== null) yield { to: link.from, placed, what: 'start', before: track.foldBefore(at) }
    else if (link === null) {
      if (to !== null) yield { to, placed, what: 'handoff', before: track.foldBefore(at) }
      if (isEnd(event) && children.size > 0) {
        const before = track.foldBefore(at)
        for (const child of children) yield { to: child, placed, what: 'end', before }
      }
    }
    at += 1
  }
}
