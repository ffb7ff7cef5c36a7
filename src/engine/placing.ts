import type { AgentEvent, Attribution } from '../core/index.ts'
import { inUseBy, type Lineage } from './lineage.ts'
import { compareOrder, type Order, orderOf } from './order.ts'
import { isoOf } from './parts.ts'

/** A workflow that a session was seen with, and on whose behalf. */
interface Binding {
  readonly workflowId: string
  readonly order: Order
}

/** A stretch of a made-up chain between two idle gaps. */
export interface Part {
  workflowId: string
  readonly times: number[]
}

const MAX_TIMES = 512
const NONE: readonly string[] = []

/** Decides which chain an event without a workflow id belongs to; a function of what is known, not of who came first. */
export class Placing {
  readonly #sessions = new Map<string, Binding>()
  readonly #groups = new Map<string, Part[]>()
  readonly #lineage: Lineage
  readonly #idleMs: number

  constructor(lineage: Lineage, idleMs: number) {
    this.#lineage = lineage
    this.#idleMs = idleMs
  }

  /** Takes in what an event with a workflow says of its session. Returns the session keys whose workflow changed. */
  learn(event: AgentEvent): readonly string[] {
    if (event.workflow_id === undefined || event.session_id === undefined) return NONE
    const order = orderOf(event)
    const changed: string[] = []
    for (const key of sessionKeys(event)) {
      if (this.bind(key, event.workflow_id, order) === 'another') changed.push(key)
    }
    return changed
  }

  /** Takes in that a session was seen with a workflow: `earlier` than known, and maybe `another` workflow than was known. */
  bind(key: string, workflowId: string, order: Order): 'known' | 'earlier' | 'another' {
    const there = this.#sessions.get(key)
    if (there !== undefined && compareOrder(there.order, order) <= 0) return 'known'
    this.#sessions.set(key, { workflowId, order })
    return there?.workflowId === workflowId ? 'earlier' : 'another'
  }

  /** What the session of an event was seen with, as far as it is known. */
  bindingsOf(event: AgentEvent): readonly (Binding & { readonly key: string })[] {
    return sessionKeys(event).flatMap((key) => {
      const binding = this.#sessions.get(key)
      return binding === undefined ? [] : [{ key, ...binding }]
    })
  }

  /** Whether the session of an event is bound to a workflow. */
  isBound(event: AgentEvent): boolean {
    return sessionKeys(event).some((key) => this.#sessions.has(key))
  }

  /** Which chain, by the three rules. A chain of its own is named by `groupOf`; the part of it is chosen by `join`. */
  attribute(event: AgentEvent): Attribution {
    if (event.workflow_id !== undefined) return { workflowId: event.workflow_id, grade: 'reported', rule: 'reported' }
    for (const key of sessionKeys(event)) {
      const bound = this.#sessions.get(key)
      if (bound !== undefined) return { workflowId: bound.workflowId, grade: 'derived', rule: 'session' }
    }
    const credential = inUseBy(event)
    const holders = credential === null ? NONE : this.#lineage.holdersAt(credential, orderOf(event))
    const [only] = holders
    if (only !== undefined && holders.length === 1) return { workflowId: only, grade: 'derived', rule: 'credential' }
    const own: Attribution = { workflowId: this.groupOf(event), grade: 'derived', rule: 'own' }
    return holders.length > 1 ? { ...own, candidates: holders } : own
  }

  /** What a chain of its own hangs on: the root credential, else the grant, the client, the agent. */
  groupOf(event: AgentEvent): string {
    const credential = inUseBy(event)
    if (credential !== null) return `~credential/${this.#lineage.rootOf(credential)}`
    if (event.kind === 'oauth')
      return event.oauth.grant_id === undefined ? `~client/${event.oauth.client_id}` : `~grant/${event.oauth.grant_id}`
    if (event.agent !== undefined) return `~agent/${event.agent.id}`
    return event.session_id === undefined ? `~source/${event.source}` : `~session/${event.session_id}`
  }

  /**
   * Finds the part of a made-up chain that a time belongs to, opening or joining parts as needed. `merged` names a part
   * that the time bridged to, or that is named anew since it begins earlier than was known (where `isMovable` lets it): its
   * events must move into `workflowId`.
   */
  join(
    group: string,
    at: number,
    isMovable: (workflowId: string) => boolean = () => false,
  ): { readonly workflowId: string; readonly merged: string | null } {
    const parts = this.#partsOf(group)
    const [first, second] = this.#near(parts, at)
    if (first === undefined) {
      const part = { workflowId: parts.length === 0 ? group : `${group}@${isoOf(at)}`, times: [at] }
      insertPart(parts, part)
      return { workflowId: part.workflowId, merged: null }
    }
    const begins = first.times[0] ?? at
    note(first.times, at)
    if (second === undefined) {
      const merged = first.workflowId
      if (at >= begins || merged === group || !isMovable(merged)) return { workflowId: merged, merged: null }
      first.workflowId = `${group}@${isoOf(at)}`
      return { workflowId: first.workflowId, merged }
    }
    for (const time of second.times) note(first.times, time)
    parts.splice(parts.indexOf(second), 1)
    return { workflowId: first.workflowId, merged: second.workflowId }
  }

  /** The parts that a time would be given to, by workflow id; empty where it would open a new one. */
  wouldJoin(group: string, at: number): readonly string[] {
    const parts = this.#groups.get(group)
    return parts === undefined ? NONE : this.#near(parts, at).map(({ workflowId }) => workflowId)
  }

  hasGroup(group: string): boolean {
    return this.#groups.has(group)
  }

  /** Takes back a part that was known before, with its first and last time. */
  restorePart(group: string, workflowId: string, firstAt: number, lastAt: number): void {
    const parts = this.#partsOf(group)
    if (!parts.some((part) => part.workflowId === workflowId))
      insertPart(parts, { workflowId, times: [firstAt, lastAt] })
  }

  /** Forgets a time of a made-up chain: its event went elsewhere. */
  leave(group: string, workflowId: string, at: number): void {
    const part = this.#groups.get(group)?.find((one) => one.workflowId === workflowId)
    const index = part?.times.indexOf(at) ?? -1
    if (part === undefined || index < 0) return
    part.times.splice(index, 1)
    if (part.times.length === 0) this.leavePart(group, workflowId)
  }

  /** Forgets a part of a made-up chain, whatever its times: its chain is gone. */
  leavePart(group: string, workflowId: string): void {
    const parts = this.#groups.get(group)
    const at = parts?.findIndex((part) => part.workflowId === workflowId) ?? -1
    if (parts === undefined || at < 0) return
    parts.splice(at, 1)
    if (parts.length === 0) this.#groups.delete(group)
  }

  /** Forgets the sessions that were bound first, down to a bound. Returns how many. */
  shedSessions(most: number): number {
    const excess = Math.max(0, this.#sessions.size - most)
    let left = excess
    for (const key of this.#sessions.keys()) {
      if (left === 0) break
      this.#sessions.delete(key)
      left -= 1
    }
    return excess
  }

  /** Forgets sessions bound before a time and groups that ended before it: the store has them. */
  forget(before: number): void {
    for (const [key, { order }] of this.#sessions) if (order.at < before) this.#sessions.delete(key)
    for (const [group, parts] of this.#groups)
      if (parts.every(({ times }) => (times.at(-1) ?? 0) < before)) this.#groups.delete(group)
  }

  #partsOf(group: string): Part[] {
    let parts = this.#groups.get(group)
    if (parts === undefined) {
      parts = []
      this.#groups.set(group, parts)
    }
    return parts
  }

  #near(parts: readonly Part[], at: number): readonly Part[] {
    return parts.filter(({ times }) => at >= (times[0] ?? 0) - this.#idleMs && at <= (times.at(-1) ?? 0) + this.#idleMs)
  }
}

/** The group of a made-up workflow id: its parts after the first end in `@<start time>`. */
export const groupOfPart = (workflowId: string): string => workflowId.replace(/@\d{4}-[^@]*$/, '')

/** A session is never trusted alone: it counts with the principal or the agent that it was seen with. */
export function sessionKeys(event: AgentEvent): readonly string[] {
  if (event.session_id === undefined) return NONE
  const keys: string[] = []
  if (event.agent !== undefined) keys.push(`${event.session_id}\u0000agent\u0000${event.agent.id}`)
  if (event.principal !== undefined) keys.push(`${event.session_id}\u0000principal\u0000${event.principal.id}`)
  return keys
}

export const sessionOfKey = (key: string): string => key.slice(0, key.indexOf('\u0000'))

function insertPart(parts: Part[], part: Part): void {
  parts.push(part)
  parts.sort((a, b) => (a.times[0] ?? 0) - (b.times[0] ?? 0))
}

/** Keeps times sorted; beyond the bound the inner ones are dropped, since only the ends decide. */
function note(times: number[], at: number): void {
  let i = times.length
  while (i > 0 && (times[i - 1] ?? 0) > at) i -= 1
  times.splice(i, 0, at)
  if (times.length > MAX_TIMES) times.splice(MAX_TIMES >> 1, 1)
}
