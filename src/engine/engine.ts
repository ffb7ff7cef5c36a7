import type { AgentEvent, Alert, AnyDetector, Authority, Coverage, Millis, Step, ToolCallEvent } from '../core/index.ts'
import { credentialOf, identityOf, parentCredentialOf } from '../core/index.ts'
import type { Commit, EdgeRow, Origin, StepRow } from '../ports/index.ts'
import { entitlementOf } from './authority.ts'
import { enter, linkTo, openBook, recount } from './chain-book.ts'
import { edgesInto } from './edges.ts'
import { addHalf, childOf, type HotChain, joinCall, linksOf } from './hot-chain.ts'
import { type TrackId, trackKey } from './keys.ts'
import { inUseBy, Lineage, summaryOf } from './lineage.ts'
import { type Armed, arm, DEFAULT_LIMITS, type EngineParts, type Limits } from './parts.ts'
import { Placing, sessionKeys } from './placing.ts'
import { Publisher } from './publisher.ts'
import { Seen } from './seen.ts'
import { idOf } from './sign.ts'
import { Timers } from './timers.ts'
import { type Placed, Track } from './track.ts'

export interface Meta {
  readonly origin: Origin | null
  /** Milliseconds on the arrival clock. */
  readonly arrivedAt: Millis
}

export interface EngineCounts {
  readonly events: number
  readonly duplicates: number
  readonly late: number
  readonly chains: number
  readonly threads: number
}

const ISSUES: ReadonlySet<string> = new Set([
  'issue',
  'exchange',
  'assume_role',
  'refresh',
  'token_issue',
  'token_exchange',
  'token_refresh',
])
const MAX_WAITING = 256

interface Kept {
  readonly placed: Placed
  readonly meta: Meta
  readonly late: boolean
  readonly clockSkew: boolean
  revision: number
}

/**
 * The pure fold of everything: events in, a commit of what they changed out. It never awaits and reads no clock; equal
 * events give equal findings and alerts with equal ids, whatever their order within the lateness.
 */
export class Engine {
  readonly limits: Limits
  readonly detectors: ReadonlyMap<string, AnyDetector>
  readonly #armed: readonly Armed[]
  readonly #kinds: ReadonlySet<string>
  readonly #chains = new Map<string, HotChain>()
  readonly #threads = new Map<string, Track>()
  readonly #lineage = new Lineage()
  readonly #placing: Placing
  readonly #timers = new Timers()
  readonly #seen = new Seen()
  readonly #waiting = new Map<string, Placed[]>()
  readonly #publisher: Publisher
  /** Steps to hand out at the next drain, by identity. */
  #rows = new Map<string, Kept>()
  #edges: EdgeRow[] = []
  #coverage: Coverage[] = []
  readonly #dirtyChains = new Set<string>()
  readonly #dirtyThreads = new Set<string>()
  readonly #dirtyCredentials = new Set<string>()
  #maxAt = Number.NEGATIVE_INFINITY
  #watermark = Number.NEGATIVE_INFINITY
  #sequence = 0
  #counts = { events: 0, duplicates: 0, late: 0 }

  constructor(parts: EngineParts) {
    this.limits = { ...DEFAULT_LIMITS, ...parts.limits }
    this.#armed = arm(parts)
    this.detectors = new Map(parts.detectors.map((detector) => [detector.id, detector]))
    this.#kinds = new Set(parts.detectors.flatMap(({ reads }) => reads))
    this.#placing = new Placing(this.#lineage, this.limits.idleMs)
    this.#publisher = new Publisher(this.detectors)
  }

  get watermark(): Millis {
    return this.#watermark
  }

  get counts(): EngineCounts {
    return { ...this.#counts, chains: this.#chains.size, threads: this.#threads.size }
  }

  /** Folds one event. `duplicate`: the same (tenant, source, id) was folded before; nothing changed. */
  accept(event: AgentEvent, meta: Meta): 'accepted' | 'duplicate' {
    if (!this.#seen.add(identityOf(event))) {
      this.#counts.duplicates += 1
      return 'duplicate'
    }
    // A step read back from the store stands for both halves of its call.
    const half = event.attributes['result_event_id']
    if (typeof half === 'string') this.#seen.add(identityOf({ ...event, id: half }))
    this.#counts.events += 1
    const clockSkew = event.at > meta.arrivedAt + this.limits.skewMs
    const late = event.at < this.#watermark
    if (clockSkew)
      this.#cover(event, null, 'clock_skew', 'the event lies more than 10 minutes in the future of the arrival clock')
    if (event.kind === 'heartbeat') return 'accepted'
    const credentials = this.#lineage.learn(event)
    const sessions = this.#placing.learn(event)
    this.#place(event, { meta, late, clockSkew })
    for (const id of credentials)
      for (const member of this.#lineage.familyOf(event.tenant, id)) this.#reconsider(`${event.tenant}\u0000${member}`)
    for (const key of sessions) this.#reconsider(key)
    if (!clockSkew && event.at > this.#maxAt) {
      this.#maxAt = event.at
      this.#watermark = Math.max(this.#watermark, event.at - this.limits.latenessMs)
    }
    return 'accepted'
  }

  /** End of input: the watermark moves to the last event time plus the lateness, or to `until`, and absence is judged. */
  finish(until?: Millis): void {
    const end = until ?? this.#maxAt + this.limits.latenessMs
    if (Number.isFinite(end)) this.#watermark = Math.max(this.#watermark, end)
  }

  /** Everything that changed since the last drain. */
  drain(): Commit {
    this.#fireTimers()
    this.#sequence += 1
    for (const key of this.#dirtyThreads) this.#drainThread(key)
    const commit = this.#publisher.publish(this.#takeDirty(), this.#watermark, this.#sequence, this.limits)
    for (const [key, at] of commit.closings) this.#timers.set(key, at)
    const steps = [...this.#rows.values()].map((kept) => this.#rowOf(kept))
    const credentials = [...this.#dirtyCredentials].flatMap((key) => {
      const [tenant = '', id = ''] = key.split('\u0000')
      const known = this.#lineage.known(tenant, id)
      return known === null
        ? []
        : [{ ...summaryOf(known, this.#workflowsOf(tenant, id)), state: JSON.stringify(known) }]
    })
    const coverage = this.#coverage.map((one) => ({
      ...one,
      id: idOf('coverage', one.tenant, one.what, one.at, one.workflowId ?? '', one.detector ?? '', one.detail),
    }))
    const edges = this.#edges
    this.#rows = new Map()
    this.#edges = []
    this.#coverage = []
    this.#dirtyThreads.clear()
    this.#dirtyCredentials.clear()
    return {
      sequence: this.#sequence,
      links: [],
      steps,
      edges,
      credentials,
      coverage,
      rejected: [],
      chains: commit.chains,
      findings: commit.findings,
      alerts: commit.alerts,
    }
  }

  /** The steps of a chain still in memory, in order; empty for one unknown. */
  stepsOf(tenant: string, workflowId: string): readonly Step[] {
    const chain = this.#chains.get(trackKey({ kind: 'chain', tenant, subject: workflowId }))
    if (chain === undefined) return []
    let index = chain.track.base.length
    return chain.track.entries.flatMap((entry) => {
      if (entry.hidden || entry.link !== null) return []
      index += 1
      return [chain.track.stepOf(entry, index - 1)]
    })
  }

  /** What the detectors of a chain know after its last step, by detector id, and its authority. Null for one unknown. */
  knows(
    tenant: string,
    workflowId: string,
  ): { states: Readonly<Record<string, unknown>>; authority: Authority } | null {
    const chain = this.#chains.get(trackKey({ kind: 'chain', tenant, subject: workflowId }))
    if (chain === undefined) return null
    const { states, authority } = chain.track.last()
    const read = this.#armed.flatMap(({ detector }, slot) =>
      detector.reads.includes('chain') ? [[detector.id, states[slot]] as const] : [],
    )
    return { states: Object.fromEntries(read), authority }
  }

  /** Takes over an alert told before a restart, so that folding the same events again does not tell it anew. */
  adopt(alert: Alert): void {
    this.#chain(alert.tenant, alert.workflowId).book.alerts.set(alert.id, alert)
  }

  #place(event: AgentEvent, how: Omit<Kept, 'placed' | 'revision'>): void {
    const placed: Placed = { event, attribution: this.#placing.attribute(event) }
    if (placed.attribution.rule === 'own') this.#joinGroup(placed)
    const chain = this.#chain(event.tenant, placed.attribution.workflowId)
    const joined =
      event.kind === 'tool_call' && event.tool_call.call_id !== undefined
        ? this.#joinHalves(chain, event, event.tool_call.call_id)
        : event
    const final: Placed = joined === event ? placed : { event: joined, attribution: placed.attribution }
    this.#rows.set(identityOf(joined), { ...how, placed: final, revision: this.#sequence + 1 })
    enter(chain.book, event)
    this.#insert(chain, final, how.late)
    if (how.late) {
      this.#counts.late += 1
      chain.book.lastCause = `event ${event.id} came late`
    }
    if (final.attribution.rule !== 'reported') this.#wait(final)
  }

  #joinHalves(chain: HotChain, event: ToolCallEvent, callId: string): AgentEvent {
    const parts = addHalf(chain.calls.get(callId) ?? [], event)
    if (parts === null) return event
    chain.calls.set(callId, [...parts])
    if (parts.length === 1) return event
    const before = joinCall(parts.filter((part) => part !== event))
    const at = chain.track.indexOf(before)
    const old = chain.track.entries[at]
    if (old === undefined) return event
    this.#takeOut(chain, old.placed)
    return joinCall(parts)
  }

  #insert(chain: HotChain, placed: Placed, late: boolean): void {
    const { event } = placed
    const result = chain.track.insert(placed, this.limits)
    if (result === 'too-late')
      this.#cover(
        event,
        placed.attribution.workflowId,
        'late',
        `event ${event.id} came after its place was sealed; it is stored but was not folded`,
      )
    else if (late)
      this.#cover(
        event,
        placed.attribution.workflowId,
        'late',
        `event ${event.id} came later than the allowed lateness`,
      )
    this.#dirtyChains.add(chain.track.key)
    this.#edges.push(...edgesInto(chain, placed))
    this.#toThreads(chain, placed)
    this.#toLinked(chain, placed)
  }

  #takeOut(chain: HotChain, placed: Placed): void {
    chain.track.remove(placed.event)
    for (const id of this.#threadIds(placed.event)) {
      this.#threads.get(trackKey(id))?.remove(placed.event)
      this.#dirtyThreads.add(trackKey(id))
    }
    this.#rows.delete(identityOf(placed.event))
    this.#dirtyChains.add(chain.track.key)
  }

  #toThreads(chain: HotChain, placed: Placed): void {
    const { event } = placed
    for (const id of this.#threadIds(event)) this.#thread(id).insert(placed, this.limits)
    for (const id of [credentialOf(event), inUseBy(event)])
      if (id !== null) this.#dirtyCredentials.add(`${event.tenant}\u0000${id}`)
    const issued = this.#issuedBy(event)
    if (issued !== null && !chain.book.issued.includes(issued)) {
      chain.book.issued.push(issued)
      for (const end of chain.book.ends)
        this.#thread({ kind: 'credential', tenant: event.tenant, subject: issued }).insert(
          { event: end, attribution: placed.attribution },
          this.limits,
        )
    }
    if (event.kind === 'workflow' && event.workflow.action !== 'start') {
      chain.book.ends.push(event)
      for (const id of chain.book.issued)
        this.#thread({ kind: 'credential', tenant: event.tenant, subject: id }).insert(placed, this.limits)
    }
    if (event.kind === 'oauth' && event.oauth.credential_id !== undefined)
      this.#backfillGrant(event, event.oauth.credential_id)
  }

  #toLinked(chain: HotChain, placed: Placed): void {
    const { event } = placed
    const { tenant } = event
    const to = childOf(event)
    if (to !== null && to !== chain.book.workflowId) {
      chain.children.add(to)
      this.#relate(chain, this.#chain(tenant, to))
    }
    if (
      event.kind === 'workflow' &&
      event.workflow.action === 'start' &&
      event.workflow.parent_workflow_id !== undefined
    ) {
      const parent = this.#chain(tenant, event.workflow.parent_workflow_id)
      if (parent !== chain) {
        parent.children.add(chain.book.workflowId)
        parent.track.insert(
          placed,
          this.limits,
          { from: chain.book.workflowId, relation: 'child', what: 'start', giver: null },
          true,
        )
        this.#relate(parent, chain)
        this.#sendLinks(parent)
      }
    }
    if (chain.children.size > 0) this.#sendLinks(chain)
    for (const candidate of placed.attribution.candidates ?? []) {
      linkTo(chain.book, candidate, 'candidate', 'inferred')
      const other = this.#chain(tenant, candidate)
      if (linkTo(other.book, chain.book.workflowId, 'credential', 'derived')) this.#dirtyChains.add(other.track.key)
    }
  }

  #relate(parent: HotChain, child: HotChain): void {
    if (linkTo(parent.book, child.book.workflowId, 'child', 'reported')) this.#dirtyChains.add(parent.track.key)
    if (linkTo(child.book, parent.book.workflowId, 'parent', 'reported')) this.#dirtyChains.add(child.track.key)
  }

  #sendLinks(parent: HotChain): void {
    for (const { to, placed, what, before } of [...linksOf(parent)]) {
      const child = this.#chain(parent.book.tenant, to)
      if (child === parent) continue
      const authority = before?.after?.authority ?? parent.track.base.authority
      const link = { from: parent.book.workflowId, relation: 'parent', what, giver: entitlementOf(authority) } as const
      if (!child.track.insertLink(placed, link)) continue
      this.#dirtyChains.add(child.track.key)
      if (child.children.size > 0 && what === 'handoff') this.#sendLinks(child)
    }
  }

  /** Which threads an event concerns, only of kinds that some detector reads. */
  #threadIds(event: AgentEvent): readonly TrackId[] {
    const ids: TrackId[] = []
    const { tenant } = event
    if (this.#kinds.has('credential')) {
      const named = new Set([credentialOf(event), inUseBy(event), parentCredentialOf(event)])
      for (const subject of named) if (subject !== null) ids.push({ kind: 'credential', tenant, subject })
    }
    if (this.#kinds.has('grant'))
      for (const subject of this.#grantsOf(event)) ids.push({ kind: 'grant', tenant, subject })
    if (this.#kinds.has('agent') && event.agent !== undefined)
      ids.push({ kind: 'agent', tenant, subject: event.agent.id })
    return ids
  }

  #grantsOf(event: AgentEvent): readonly string[] {
    if (event.kind === 'oauth') return [event.oauth.grant_id ?? event.oauth.client_id]
    const credential = credentialOf(event)
    return credential === null ? [] : (this.#lineage.known(event.tenant, credential)?.grants ?? [])
  }

  #backfillGrant(event: AgentEvent, credential: string): void {
    if (!this.#kinds.has('grant')) return
    const thread = this.#threads.get(trackKey({ kind: 'credential', tenant: event.tenant, subject: credential }))
    for (const entry of thread?.entries ?? []) {
      if (credentialOf(entry.placed.event) !== credential) continue
      for (const subject of this.#grantsOf(event))
        this.#thread({ kind: 'grant', tenant: event.tenant, subject }).insert(entry.placed, this.limits)
    }
  }

  #issuedBy(event: AgentEvent): string | null {
    if (event.outcome !== 'success') return null
    if (event.kind === 'credential') return ISSUES.has(event.credential.action ?? '') ? event.credential.id : null
    if (event.kind === 'oauth') return ISSUES.has(event.oauth.action) ? (event.oauth.credential_id ?? null) : null
    return null
  }

  #joinGroup(placed: Placed): void {
    const { event } = placed
    const { workflowId, merged } = this.#placing.join(event.tenant, placed.attribution.workflowId, event.at)
    placed.attribution = { ...placed.attribution, workflowId }
    if (merged === null) return
    const from = this.#chain(event.tenant, merged)
    for (const entry of [...from.track.entries]) this.#move(entry.placed, { ...entry.placed.attribution, workflowId })
  }

  /** Keeps an event that named no workflow where a later binding of its session or credential can find it. */
  #wait(placed: Placed): void {
    const credential = inUseBy(placed.event)
    const keys = [...sessionKeys(placed.event)]
    if (credential !== null) keys.push(`${placed.event.tenant}\u0000${credential}`)
    for (const key of keys) {
      const list = this.#waiting.get(key) ?? []
      list.push(placed)
      if (list.length > MAX_WAITING) list.shift()
      this.#waiting.set(key, list)
    }
  }

  #reconsider(key: string): void {
    const list = this.#waiting.get(key)
    if (list === undefined) return
    this.#waiting.delete(key)
    for (const placed of list) {
      const next = this.#placing.attribute(placed.event)
      if (next.rule === 'own') this.#regroup(placed, next)
      else this.#move(placed, next)
      this.#wait(placed)
    }
  }

  #regroup(placed: Placed, next: Placed['attribution']): void {
    const { event, attribution } = placed
    const group = attribution.workflowId.replace(/@\d{4}-[^@]*$/, '')
    if (attribution.rule === 'own' && group === next.workflowId) {
      placed.attribution = { ...next, workflowId: attribution.workflowId }
      return
    }
    if (attribution.rule === 'own') this.#placing.leave(event.tenant, group, attribution.workflowId, event.at)
    const { workflowId } = this.#placing.join(event.tenant, next.workflowId, event.at)
    this.#move(placed, { ...next, workflowId })
  }

  #move(placed: Placed, next: Placed['attribution']): void {
    const { event } = placed
    const from = this.#chain(event.tenant, placed.attribution.workflowId)
    if (next.workflowId === placed.attribution.workflowId) {
      placed.attribution = next
      return
    }
    if (!from.track.remove(event)) return
    recount(
      from.book,
      from.track.entries.flatMap(({ placed: one, link }) => (link === null ? [one.event] : [])),
    )
    if (placed.attribution.rule === 'own' && next.rule !== 'own') {
      const group = placed.attribution.workflowId.replace(/@\d{4}-[^@]*$/, '')
      this.#placing.leave(event.tenant, group, placed.attribution.workflowId, event.at)
    }
    this.#dirtyChains.add(from.track.key)
    placed.attribution = next
    const to = this.#chain(event.tenant, next.workflowId)
    enter(to.book, event)
    to.book.lastCause = `event ${event.id} turned out to belong here`
    from.book.lastCause = `event ${event.id} turned out to belong to ${next.workflowId}`
    for (const id of this.#threadIds(event)) {
      const thread = this.#threads.get(trackKey(id))
      const at = thread?.indexOf(event) ?? -1
      if (at >= 0) thread?.refold(at)
      this.#dirtyThreads.add(trackKey(id))
    }
    const kept = this.#rows.get(identityOf(event))
    this.#rows.set(identityOf(event), {
      meta: { origin: null, arrivedAt: event.at },
      late: false,
      clockSkew: false,
      ...kept,
      placed,
      revision: this.#sequence + 1,
    })
    this.#insert(to, placed, false)
  }

  #chain(tenant: string, workflowId: string): HotChain {
    const id: TrackId = { kind: 'chain', tenant, subject: workflowId }
    const key = trackKey(id)
    let chain = this.#chains.get(key)
    if (chain === undefined) {
      chain = {
        track: new Track(id, this.#armed),
        book: openBook(tenant, workflowId),
        calls: new Map(),
        children: new Set(),
      }
      this.#chains.set(key, chain)
    }
    return chain
  }

  #thread(id: TrackId): Track {
    const key = trackKey(id)
    let thread = this.#threads.get(key)
    if (thread === undefined) {
      thread = new Track(id, this.#armed)
      this.#threads.set(key, thread)
    }
    this.#dirtyThreads.add(key)
    return thread
  }

  #fireTimers(): void {
    for (const key of [...this.#dirtyChains, ...this.#dirtyThreads]) this.#elapse(key)
    for (const key of this.#timers.take(this.#watermark)) this.#elapse(key)
  }

  #elapse(key: string): void {
    const chain = this.#chains.get(key)
    const track = chain?.track ?? this.#threads.get(key)
    if (track === undefined) return
    track.elapse(this.#watermark)
    if (chain === undefined) this.#dirtyThreads.add(key)
    else this.#dirtyChains.add(key)
    const due = track.nextDue()
    const held = track.pendingDue(this.#watermark)
    const next = due === null ? held : held === null ? due : Math.min(due, held)
    if (next !== null) this.#timers.set(key, next)
  }

  #drainThread(key: string): void {
    const thread = this.#threads.get(key)
    if (thread === undefined) return
    this.#coverage.push(...thread.faults.splice(0))
    for (const workflowId of this.#publisher.threadChanged(thread, this.#watermark)) {
      const chain = this.#chain(thread.id.tenant, workflowId)
      this.#dirtyChains.add(chain.track.key)
      chain.book.threadFindings = this.#publisher.threadFindings(chain.track.key)
    }
  }

  #takeDirty(): readonly HotChain[] {
    const dirty = [...this.#dirtyChains].sort().flatMap((key) => this.#chains.get(key) ?? [])
    this.#dirtyChains.clear()
    for (const { track } of dirty) this.#coverage.push(...track.faults.splice(0))
    return dirty
  }

  #rowOf({ placed, meta, late, clockSkew }: Kept): StepRow {
    const chain = this.#chain(placed.event.tenant, placed.attribution.workflowId)
    const at = chain.track.indexOf(placed.event)
    const entry = chain.track.entries[at]
    const index = entry?.after == null ? chain.track.base.length : entry.after.length - 1
    const step: Step = {
      event: placed.event,
      id: placed.event.step_id ?? placed.event.id,
      index,
      attribution: placed.attribution,
    }
    const threads = this.#threadIds(placed.event).map(trackKey)
    return { step, origin: meta.origin, arrivedAt: meta.arrivedAt, late, clockSkew, threads, isGone: false }
  }

  #workflowsOf(tenant: string, id: string): readonly string[] {
    const thread = this.#threads.get(trackKey({ kind: 'credential', tenant, subject: id }))
    return (thread?.entries ?? []).map(({ placed }) => placed.attribution.workflowId)
  }

  #cover(event: AgentEvent, workflowId: string | null, what: Coverage['what'], detail: string): void {
    this.#coverage.push({
      tenant: event.tenant,
      at: event.at,
      workflowId: workflowId ?? event.workflow_id ?? null,
      what,
      detector: null,
      detail,
    })
  }
}

/** A new engine with nothing folded. Throws what a detector's `options.parse` throws on a bad setting. */
export const createEngine = (parts: EngineParts): Engine => new Engine(parts)
