import type { AgentEvent, AnyDetector, Attribution, Coverage, Millis, ToolCallEvent, TrackKind } from '../core/index.ts'
import { credentialOf, parentCredentialOf, resultEventIdOf } from '../core/index.ts'
import type { CredentialRow, EdgeRow } from '../ports/index.ts'
import { enter, leave } from './chain-book.ts'
import { summaryOf } from './credential-summary.ts'
import { edgesInto } from './edges.ts'
import { leaveGuests, noteGuests } from './guests.ts'
import { addHalf, type HotChain, isEnd, joinCall } from './hot-chain.ts'
import { inUseBy, Lineage } from './lineage.ts'
import { Links } from './links.ts'
import { Outbox } from './outbox.ts'
import type { Limits } from './parts.ts'
import { type Arrived, type Placed, placedOf } from './placed.ts'
import { groupOfPart, Placing } from './placing.ts'
import { closesAt, Publisher } from './publisher.ts'
import type { Readers } from './readers.ts'
import { Roster, type ThreadKind } from './roster.ts'
import { Seen } from './seen.ts'
import { grantsOf, issuedBy, threadIdsOf } from './thread-ids.ts'
import type { Track } from './track.ts'
import { credentialKey, Waiting } from './waiting.ts'

/** What all tenants share. */
export interface Shared {
  readonly limits: Limits
  readonly readers: Readonly<Record<TrackKind, Readers>>
  readonly kinds: ReadonlySet<TrackKind>
  readonly detectors: ReadonlyMap<string, AnyDetector>
}

/** The fold of one tenant's events. Nothing ever crosses tenants, so nothing here names one but what goes out. */
export class TenantFold {
  readonly tenant: string
  readonly shared: Shared
  readonly roster: Roster
  readonly lineage = new Lineage()
  readonly placing: Placing
  readonly links: Links
  readonly publisher: Publisher
  readonly outbox = new Outbox()
  readonly seen = new Seen()
  readonly waiting = new Waiting()
  readonly dirtyChains = new Set<HotChain>()
  readonly dirtyThreads = new Set<Track>()
  /** What the store was asked for and need not be asked for again, as `askedKey`. */
  readonly asked = new Set<string>()
  readonly #dirtyCredentials = new Set<string>()
  #edges: EdgeRow[] = []

  constructor(tenant: string, shared: Shared) {
    this.tenant = tenant
    this.shared = shared
    this.roster = new Roster(tenant, shared.readers)
    this.placing = new Placing(this.lineage, shared.limits.idleMs)
    this.links = new Links(this.roster, shared.limits, this.dirtyChains)
    this.publisher = new Publisher(shared.detectors)
  }

  /** False: the same (source, id) was folded before; nothing changed. */
  isNew(event: AgentEvent): boolean {
    // A step read back from the store stands for both halves of its call.
    const half = resultEventIdOf(event)
    if (half !== null) this.seen.add(event.source, half)
    return this.seen.add(event.source, event.id)
  }

  /** Gives an event its place and folds it; then gives those that waited for what it says theirs. */
  take(event: AgentEvent, arrived: Arrived): void {
    const credentials = this.lineage.learn(event)
    const sessions = this.placing.learn(event)
    this.#place(event, arrived)
    if (this.waiting.isEmpty) return
    for (const id of credentials)
      for (const member of this.lineage.familyOf(id)) this.#reconsider(credentialKey(member))
    for (const key of sessions) this.#reconsider(key)
  }

  /** Puts a step into every thread that it concerns. */
  #toThreads(chain: HotChain, placed: Placed): void {
    const { event } = placed
    for (const { kind, subject } of threadIdsOf(event, this.shared.kinds, this.lineage))
      this.#intoThread(kind, subject, placed)
    for (const id of [credentialOf(event), inUseBy(event), parentCredentialOf(event)])
      if (id !== null) this.#dirtyCredentials.add(id)
    if (!this.shared.kinds.has('credential')) return
    const issued = issuedBy(event)
    if (issued !== null && !chain.book.issued.includes(issued)) {
      chain.book.issued.push(issued)
      for (const end of chain.book.ends) {
        this.#intoThread('credential', issued, end)
        this.outbox.put(end)
      }
    }
    if (isEnd(event)) {
      chain.book.ends.push(placed)
      for (const id of chain.book.issued) this.#intoThread('credential', id, placed)
    }
    if (event.kind === 'oauth' && event.oauth.credential_id !== undefined)
      this.#backfillGrant(grantsOf(event, this.lineage), event.oauth.credential_id)
  }

  #intoThread(kind: ThreadKind, subject: string, placed: Placed): void {
    const thread = this.roster.thread(kind, subject)
    thread.insert(placed, this.shared.limits)
    if (!placed.threads.includes(thread.key)) placed.threads.push(thread.key)
    this.dirtyThreads.add(thread)
  }

  /** What changed of credentials and edges since the last time. */
  empty(): { readonly credentials: readonly CredentialRow[]; readonly edges: readonly EdgeRow[] } {
    const credentials = [...this.#dirtyCredentials].flatMap((id) => {
      const known = this.lineage.known(id)
      if (known === null) return []
      noteGuests(known, this.roster.findThread('credential', id))
      return [{ ...summaryOf(this.tenant, known), state: JSON.stringify(known) }]
    })
    const edges = this.#edges
    this.#dirtyCredentials.clear()
    this.#edges = []
    return { credentials, edges }
  }

  /** Puts away what is idle. True when something left memory that only the store has now. */
  tidy(watermark: Millis, isBacked: boolean): boolean {
    const { limits } = this.shared
    const { chains, credentials, put } = this.roster.tidy(
      watermark,
      isBacked,
      (chain) => closesAt(chain, limits) <= watermark,
    )
    for (const id of put) this.lineage.pack(id)
    for (const id of credentials) this.lineage.drop(id)
    this.waiting.forget(watermark)
    if (isBacked) this.placing.forget(watermark - limits.idleMs)
    else for (const id of this.roster.shed(limits.maxPacked)) this.cover(watermark, id, 'evicted', EVICTED)
    for (const workflowId of chains) this.publisher.forget(workflowId)
    this.asked.clear()
    return isBacked
  }

  cover(at: Millis, workflowId: string | null, what: Coverage['what'], detail: string): void {
    this.outbox.cover({ tenant: this.tenant, at, workflowId, what, detector: null, detail })
  }

  #place(event: AgentEvent, arrived: Arrived): void {
    const attribution = this.placing.attribute(event)
    const own = attribution.rule === 'own' ? this.#joinGroup(attribution, event.at) : attribution
    const chain = this.roster.chain(own.workflowId)
    const joined =
      event.kind === 'tool_call' && event.tool_call.call_id !== undefined
        ? this.#joinHalves(chain, event, event.tool_call.call_id)
        : event
    const placed = placedOf(joined, own, arrived)
    enter(chain.book, event)
    if (arrived.late) chain.book.lastCause = `event ${event.id} came late`
    this.#insert(chain, placed)
    if (own.rule !== 'reported') this.waiting.add(placed)
  }

  /** The one step that a call's events make; those that stood for it before are taken out. */
  #joinHalves(chain: HotChain, event: ToolCallEvent, callId: string): AgentEvent {
    const before = chain.calls.get(callId)
    const parts = addHalf(before ?? [], event)
    if (parts === null) return event
    chain.calls.set(callId, parts)
    if (before === undefined) {
      if (chain.calls.size > 2 * chain.track.entries.length + 64) forgetCalls(chain)
      return event
    }
    const old = chain.track.entries[chain.track.indexOf(placedOf(joinCall(before), REPORTED, NOWHERE))]
    if (old === undefined) return event
    this.#takeOut(chain, old.placed)
    return joinCall(parts)
  }

  #insert(chain: HotChain, placed: Placed): void {
    const result = chain.track.insert(placed, this.shared.limits)
    this.outbox.put(placed)
    if (result === 'too-late')
      this.cover(
        placed.at,
        placed.attribution.workflowId,
        'late',
        `event ${placed.id} came after its place was sealed; it is stored but was not folded`,
      )
    this.dirtyChains.add(chain)
    this.#edges.push(...edgesInto(chain, placed))
    if (result === 'inserted') {
      const next = chain.track.entries[chain.track.indexOf(placed) + 1]
      if (next !== undefined) this.#edges.push(...edgesInto(chain, next.placed))
    }
    this.#toThreads(chain, placed)
    this.links.tell(chain, placed, result === 'appended')
  }

  #takeOut(chain: HotChain, placed: Placed): void {
    chain.track.remove(placed)
    for (const { kind, subject } of threadIdsOf(placed.event, this.shared.kinds, this.lineage)) {
      const thread = this.roster.findThread(kind, subject)
      if (thread?.remove(placed) === true) this.dirtyThreads.add(thread)
    }
    this.outbox.take(placed)
    this.dirtyChains.add(chain)
  }

  /** What a credential did before it was known to work under a grant is told to the grant's thread too. */
  #backfillGrant(grants: readonly string[], credential: string): void {
    if (!this.shared.kinds.has('grant')) return
    const known = this.lineage.known(credential)
    for (const grant of grants) {
      if (known === null || known.backfilled.includes(grant)) continue
      known.backfilled = [...known.backfilled, grant]
      for (const { placed } of this.roster.findThread('credential', credential)?.entries ?? []) {
        if (credentialOf(placed.event) !== credential) continue
        this.#intoThread('grant', grant, placed)
        this.outbox.put(placed)
      }
    }
  }

  #joinGroup(attribution: Attribution, at: Millis): Attribution {
    const { workflowId, merged } = this.placing.join(attribution.workflowId, at)
    if (merged !== null) {
      const from = this.roster.findChain(merged)
      for (const { placed } of [...(from?.track.entries ?? [])])
        this.#move(placed, { ...placed.attribution, workflowId })
    }
    return { ...attribution, workflowId }
  }

  #reconsider(key: string): void {
    for (const placed of this.waiting.take(key)) {
      if (!this.#stands(placed)) continue
      const next = this.placing.attribute(placed.event)
      if (next.rule === 'own') this.#regroup(placed, next)
      else this.#move(placed, next)
      this.waiting.add(placed)
    }
  }

  /** Whether a step is unsealed at its place, and not one with its call by now. */
  #stands(placed: Placed): boolean {
    const track = this.roster.findChain(placed.attribution.workflowId)?.track
    return track?.entries[track.indexOf(placed)]?.placed === placed
  }

  #regroup(placed: Placed, next: Attribution): void {
    const { attribution, at } = placed
    const group = groupOfPart(attribution.workflowId)
    if (attribution.rule === 'own' && group === next.workflowId) {
      placed.attribution = { ...next, workflowId: attribution.workflowId }
      this.outbox.put(placed)
      return
    }
    if (attribution.rule === 'own') this.placing.leave(group, attribution.workflowId, at)
    const { workflowId } = this.placing.join(next.workflowId, at)
    this.#move(placed, { ...next, workflowId })
  }

  #move(placed: Placed, next: Attribution): void {
    const { event, attribution } = placed
    if (next.workflowId === attribution.workflowId) {
      placed.attribution = next
      this.outbox.put(placed)
      return
    }
    const from = this.roster.findChain(attribution.workflowId)
    if (from === null || !from.track.remove(placed)) return
    leave(from.book, event, from.track)
    if (attribution.rule === 'own' && next.rule !== 'own')
      this.placing.leave(groupOfPart(attribution.workflowId), attribution.workflowId, placed.at)
    from.book.lastCause = `event ${event.id} turned out to belong to ${next.workflowId}`
    this.dirtyChains.add(from)
    this.outbox.take(placed)
    leaveGuests(this.lineage, event, attribution.workflowId)
    placed.attribution = next
    const to = this.roster.chain(next.workflowId)
    enter(to.book, event)
    to.book.lastCause = `event ${event.id} turned out to belong here`
    for (const { kind, subject } of threadIdsOf(event, this.shared.kinds, this.lineage)) {
      const thread = this.roster.findThread(kind, subject)
      const at = thread?.indexOf(placed) ?? -1
      if (thread === null || at < 0) continue
      thread.refold(at)
      this.dirtyThreads.add(thread)
    }
    this.#insert(to, placed)
  }
}

const EVICTED = 'the chain was dropped from memory, with no store behind; an event that comes for it begins it anew'
const REPORTED: Attribution = { workflowId: '', grade: 'reported', rule: 'reported' }
const NOWHERE: Arrived = { origin: null, arrivedAt: 0, late: false, clockSkew: false }

/** Lets go of calls whose step is sealed and complete: nothing can join them any more. */
function forgetCalls({ calls, track }: HotChain): void {
  for (const [callId, parts] of calls) {
    const [only] = parts
    const isOpen = parts.length === 1 && only?.outcome === 'attempted'
    if (!isOpen && track.indexOf(placedOf(joinCall(parts), REPORTED, NOWHERE)) < 0) calls.delete(callId)
  }
}
