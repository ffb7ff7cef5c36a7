import type { AgentEvent, Attribution, Coverage, Millis, ToolCallEvent } from '../core/index.ts'
import type { EdgeRow } from '../ports/index.ts'
import { enter, leave } from './chain-book.ts'
import { edgesInto } from './edges.ts'
import { leaveGuests } from './guests.ts'
import { addHalf, dropCall, type HotChain, joinCall, noteCall, stepOfHalf } from './hot-chain.ts'
import type { Lineage } from './lineage.ts'
import type { Links } from './links.ts'
import type { Outbox } from './outbox.ts'
import type { Limits } from './parts.ts'
import { type Arrived, Placed } from './placed.ts'
import { groupOfPart, type Placing } from './placing.ts'
import type { Roster } from './roster.ts'
import type { Threads } from './threads.ts'
import type { Waiting } from './waiting.ts'

export interface StepsParts {
  readonly tenant: string
  readonly limits: Limits
  readonly roster: Roster
  readonly placing: Placing
  readonly lineage: Lineage
  readonly outbox: Outbox
  readonly threads: Threads
  readonly links: Links
  readonly waiting: Waiting
  readonly dirtyChains: Set<HotChain>
  /** All chains and threads are folded here. */
  readonly isSole: boolean
}

/** Puts the steps of one tenant into their chains, moves them between chains, and takes them out. */
export class Steps {
  readonly #parts: StepsParts
  #edges: EdgeRow[] = []

  constructor(parts: StepsParts) {
    this.#parts = parts
  }

  /** The edges that came up since the last time. */
  takeEdges(): readonly EdgeRow[] {
    const edges = this.#edges
    this.#edges = []
    return edges
  }

  /** Puts an event into the chain of its attribution. */
  insertInto(event: AgentEvent, attribution: Attribution, arrived: Arrived): void {
    const given = attribution.rule === 'own' ? this.#joinGroup(attribution, event.at) : attribution
    const chain = this.#parts.roster.chain(given.workflowId)
    const own = given.rule === 'reported' ? chain.reported : given
    const joined =
      event.kind === 'tool_call' && event.tool_call.call_id !== undefined
        ? this.#joinHalves(chain, event, event.tool_call.call_id)
        : event
    const placed = new Placed(joined, own, arrived)
    enter(chain.book, event)
    if (arrived.late) chain.book.lastCause = `event ${event.id} came late`
    this.#insert(chain, placed)
    if (own.rule !== 'reported' && this.#parts.isSole) this.#parts.waiting.add(placed)
  }

  /**
   * The unsealed step that an event is, in a chain or in the part of a made-up one, whatever that was called when the event was
   * given to it; null when it is in none.
   */
  standing(event: AgentEvent, workflowId: string): Placed | null {
    for (const id of new Set([workflowId, ...this.#parts.placing.wouldJoin(groupOfPart(workflowId), event.at)])) {
      const chain = this.#parts.roster.findChain(id)
      const placed = chain === null ? null : stepOfHalf(chain, event)
      if (placed !== null) return placed
    }
    return null
  }

  /** Gives an event that stays with a chain of its own the part of the group that is its now. */
  regroup(placed: Placed, next: Attribution): void {
    const { attribution, at } = placed
    const group = groupOfPart(attribution.workflowId)
    if (attribution.rule === 'own' && group === next.workflowId) {
      placed.attribution = { ...next, workflowId: attribution.workflowId }
      this.#parts.outbox.put(placed)
      return
    }
    if (attribution.rule === 'own') this.#parts.placing.leave(group, attribution.workflowId, at)
    const { workflowId } = this.#joinGroup(next, at)
    this.move(placed, { ...next, workflowId })
  }

  /** Gives a step another chain here, or its own for another reason. */
  move(placed: Placed, next: Attribution): void {
    const { event, attribution } = placed
    if (next.workflowId === attribution.workflowId) {
      placed.attribution = next
      this.#parts.outbox.put(placed)
      return
    }
    if (!this.leave(placed, next)) return
    placed.attribution = next
    const to = this.#parts.roster.chain(next.workflowId)
    moveCall(this.#parts.roster.findChain(attribution.workflowId), to, event)
    enter(to.book, event)
    to.book.lastCause = `event ${event.id} turned out to belong here`
    this.#parts.threads.moved(placed)
    this.#insert(to, placed)
  }

  /** Takes a step out of its chain here, since it belongs to another. False when it is not there any more. */
  leave(placed: Placed, next: Pick<Attribution, 'workflowId' | 'rule'>): boolean {
    const { event, attribution } = placed
    const from = this.#parts.roster.findChain(attribution.workflowId)
    if (from === null || !from.track.remove(placed)) return false
    this.#parts.threads.left(from, placed)
    leave(from.book, event, from.track)
    if (attribution.rule === 'own' && next.rule !== 'own')
      this.#parts.placing.leave(groupOfPart(attribution.workflowId), attribution.workflowId, placed.at)
    from.book.lastCause = `event ${event.id} turned out to belong to ${next.workflowId}`
    this.#parts.dirtyChains.add(from)
    this.#parts.outbox.take(placed)
    leaveGuests(this.#parts.lineage, event, attribution.workflowId)
    return true
  }

  /** Whether a step is unsealed at its place, and not one with its call by now. */
  stands(placed: Placed): boolean {
    const track = this.#parts.roster.findChain(placed.attribution.workflowId)?.track
    return track?.entries[track.indexOf(placed)]?.placed === placed
  }

  #takeOut(chain: HotChain, placed: Placed): void {
    chain.track.remove(placed)
    this.#parts.threads.left(chain, placed)
    this.#parts.threads.hide(placed)
    this.#parts.outbox.take(placed)
    this.#parts.dirtyChains.add(chain)
  }

  /** Tells others again what a step had them told, and of the alerts of its chain. */
  retell(chain: HotChain, step: Placed): void {
    this.#parts.threads.show(chain, step)
    this.#parts.links.tell(chain, step, false)
    this.#parts.outbox.retell(chain.book.handedOut?.alerts.values() ?? [])
  }

  /** Says what could not be seen. */
  cover(at: Millis, workflowId: string | null, what: Coverage['what'], detail: string): void {
    this.#parts.outbox.cover({ tenant: this.#parts.tenant, at, workflowId, what, detector: null, detail })
  }

  /** The one step that a call's events make; those that stood for it before are taken out. */
  #joinHalves(chain: HotChain, event: ToolCallEvent, callId: string): AgentEvent {
    const before = chain.calls.get(callId)
    const parts = addHalf(before ?? [], event)
    if (parts === null) return event
    noteCall(chain, callId, parts)
    if (before === undefined) {
      if (chain.calls.size > 2 * chain.track.entries.length + 64) forgetCalls(chain)
      return event
    }
    const old = chain.track.entries[chain.track.indexOf(new Placed(joinCall(before), REPORTED, NOWHERE))]
    if (old === undefined) return event
    this.#takeOut(chain, old.placed)
    return joinCall(parts)
  }

  #insert(chain: HotChain, placed: Placed): void {
    const result = chain.track.insert(placed, this.#parts.limits)
    this.#parts.outbox.put(placed)
    if (result === 'too-late')
      this.cover(
        placed.at,
        placed.attribution.workflowId,
        'late',
        `event ${placed.id} came after its place was sealed; it is stored but was not folded`,
      )
    this.#parts.dirtyChains.add(chain)
    const at = result === 'appended' ? chain.track.entries.length - 1 : chain.track.indexOf(placed)
    edgesInto(chain, at, this.#edges)
    if (result === 'inserted') edgesInto(chain, at + 1, this.#edges)
    this.#parts.threads.show(chain, placed)
    this.#parts.links.tell(chain, placed, result === 'appended')
  }

  /** Whether all of a chain's steps can still be given another chain. */
  #isMovable(workflowId: string): boolean {
    return this.#parts.roster.findChain(workflowId)?.track.baseLength === 0
  }

  #joinGroup(attribution: Attribution, at: Millis): Attribution {
    const { workflowId, merged } = this.#parts.placing.join(attribution.workflowId, at, (id) => this.#isMovable(id))
    if (merged !== null) {
      const from = this.#parts.roster.findChain(merged)
      for (const { placed } of [...(from?.track.entries ?? [])])
        this.move(placed, { ...placed.attribution, workflowId })
    }
    return { ...attribution, workflowId }
  }
}

/** The other half of a call finds it where its step went. */
function moveCall(from: HotChain | null, to: HotChain, event: AgentEvent): void {
  const callId = event.kind === 'tool_call' ? event.tool_call.call_id : undefined
  const parts = callId === undefined ? undefined : from?.calls.get(callId)
  if (callId === undefined || parts === undefined || to.calls.has(callId)) return
  if (from !== null) dropCall(from, callId)
  noteCall(to, callId, parts)
}

const REPORTED: Attribution = { workflowId: '', grade: 'reported', rule: 'reported' }
const NOWHERE: Arrived = { origin: null, arrivedAt: 0, late: false, clockSkew: false }

/** Lets go of calls whose step is sealed and complete: nothing can join them any more. */
function forgetCalls(chain: HotChain): void {
  for (const [callId, parts] of chain.calls) {
    const isOpen = parts.length === 1 && parts[0]?.outcome === 'attempted'
    if (!isOpen && chain.track.indexOf(new Placed(joinCall(parts), REPORTED, NOWHERE)) < 0) dropCall(chain, callId)
  }
}
