import {
  type AgentEvent,
  type AnyDetector,
  type Attribution,
  credentialOf,
  type HeartbeatEvent,
  type Millis,
  parentCredentialOf,
  resultEventIdOf,
  type TrackId,
  type TrackKind,
} from '../core/index.ts'
import type { CredentialRow, EdgeRow, Told } from '../ports/index.ts'
import { beatOf } from './beats.ts'
import { type HotChain, stepOfHalf } from './hot-chain.ts'
import { inUseBy, Lineage } from './lineage.ts'
import { Links } from './links.ts'
import { Mail, type Owns, toldOf } from './mail.ts'
import { type Order, orderOf } from './order.ts'
import { Outbox } from './outbox.ts'
import { isoOf, type Limits } from './parts.ts'
import { type Arrived, Placed } from './placed.ts'
import { groupOfPart, Placing, sessionKeys } from './placing.ts'
import { closesAt, Publisher } from './publisher.ts'
import type { Readers } from './readers.ts'
import { Roster } from './roster.ts'
import { Seen } from './seen.ts'
import { Sessions } from './sessions.ts'
import { Steps } from './steps.ts'
import { Strays } from './strays.ts'
import { Threads } from './threads.ts'
import type { Turns } from './turns.ts'
import { credentialKey, Waiting } from './waiting.ts'

/** What all tenants share. */
export interface Shared {
  readonly limits: Limits
  readonly readers: Readonly<Record<TrackKind, Readers>>
  readonly kinds: ReadonlySet<TrackKind>
  readonly detectors: ReadonlyMap<string, AnyDetector>
  /** Which chains, threads and sessions are folded here; null: all. */
  readonly owns: Owns | null
  readonly turns: Turns
  /** A store stands behind. */
  readonly isBacked: boolean
  /** The latest heartbeat that an earlier process folded; -Infinity where there was none. */
  readonly beatsUntil: Millis
}

/** The fold of one tenant's events. Nothing ever crosses tenants, so nothing here names one but what goes out. */
export class TenantFold {
  readonly tenant: string
  readonly shared: Shared
  readonly roster: Roster
  readonly lineage = new Lineage()
  readonly placing: Placing
  readonly links: Links
  readonly mail: Mail
  readonly threads: Threads
  readonly sessions: Sessions
  readonly steps: Steps
  readonly strays: Strays
  readonly publisher: Publisher
  readonly outbox = new Outbox()
  readonly seen: Seen
  readonly waiting = new Waiting()
  readonly dirtyChains = new Set<HotChain>()
  /** Sessions owned here of which the store was asked. */
  readonly sessionsKnown = new Set<string>()
  /** What the store was asked for and need not be asked for again, as `askedKey`. */
  readonly asked = new Set<string>()

  constructor(tenant: string, shared: Shared) {
    this.tenant = tenant
    this.shared = shared
    this.seen = new Seen(shared.limits, shared.beatsUntil)
    this.roster = new Roster(tenant, shared.readers)
    this.placing = new Placing(this.lineage, shared.limits.idleMs)
    this.mail = new Mail(tenant, shared.owns)
    this.links = new Links(this.roster, shared.limits, this.dirtyChains, this.mail)
    const { roster, lineage, outbox, mail } = this
    const { kinds, limits, isBacked } = shared
    this.threads = new Threads({ tenant, kinds, limits, isBacked, roster, lineage, outbox, mail })
    this.sessions = new Sessions(mail)
    const { placing, threads, links, waiting, dirtyChains, sessions, seen } = this
    this.steps = new Steps({
      tenant,
      limits: shared.limits,
      roster,
      placing,
      lineage,
      outbox,
      threads,
      links,
      waiting,
      dirtyChains,
      isSole: mail.isSole,
    })
    const { steps } = this
    this.strays = new Strays({ mail, placing, sessions, threads, outbox, roster, seen, steps, turns: shared.turns })
    this.publisher = new Publisher(shared.detectors)
  }

  /** False: the same (source, id) was folded before; nothing changed. */
  isNew(event: AgentEvent): boolean {
    // A step read back from the store stands for both halves of its call.
    const half = resultEventIdOf(event)
    if (half !== null) this.seen.add(event.source, half)
    return this.seen.add(event.source, event.id, event.at)
  }

  /** As `isNew`; an event whose chain others decide about is new to whoever asks them, and again to whoever it is given. */
  isFirst(event: AgentEvent): boolean {
    if (this.mail.isSole || event.workflow_id !== undefined) return this.isNew(event)
    return this.seen.add(`ask ${event.source}`, event.id, event.at)
  }

  /** A thread was taken back from the store, with all its steps; events that are decided about here wait again. */
  threadRestored({ kind, subject }: TrackId, steps: readonly Placed[]): void {
    if (kind === 'credential') this.threads.restored(subject, steps)
    for (const placed of steps) this.strays.restore(placed)
  }

  /** A thread has something to say of a workflow, or no longer has. */
  threadSays(track: string, workflowId: string): void {
    if (this.mail.owns('chain', workflowId)) this.dirtyChains.add(this.roster.chain(workflowId))
    else
      this.mail.sendNew(`findings ${track}`, 'chain', workflowId, {
        what: 'findings',
        track,
        findings: this.publisher.findingsOf(track, workflowId),
      })
  }

  /** Gives an event its place and folds it; then gives those that waited for what it says theirs. */
  take(event: AgentEvent, arrived: Arrived): void {
    if (event.workflow_id === undefined && !this.mail.isSole) {
      this.strays.ask(toldOf(new Placed(event, UNPLACED, arrived)))
      return
    }
    const credentials = this.#learn(event)
    const sessions = this.#learnSession(event)
    this.steps.insertInto(event, this.placing.attribute(event), arrived)
    if (this.mail.isSole && this.waiting.isEmpty) return
    for (const id of credentials) this.reconsiderFamily(id)
    for (const key of sessions) this.reconsider(key)
  }

  /** A thread is to show a step: it is stored so, then the thread is told. */
  shownTold(told: Told, track: string): void {
    const { event, attribution } = told
    const stands = this.steps.standing(event, attribution.workflowId)
    if (stands !== null && !stands.threads.includes(track)) {
      stands.showIn(track)
      this.outbox.put(stands)
    }
    this.threads.showIn(track, stands ?? new Placed(event, attribution, told))
  }

  /** Shows a heartbeat to the thread of its agent, here or elsewhere. */
  beat(event: HeartbeatEvent, arrived: Arrived): void {
    if (event.agent !== undefined) this.threads.beat(event.agent.id, beatOf(event, event.agent.id, arrived))
  }

  /** Tells again what an event had others told, since what was told before may not have left. */
  retell(event: AgentEvent, arrived: Arrived): void {
    if (event.kind === 'heartbeat') {
      this.beat(event, arrived)
      return
    }
    if (event.workflow_id === undefined) {
      this.strays.ask(toldOf(new Placed(event, UNPLACED, arrived)))
      return
    }
    const chain = this.roster.findChain(event.workflow_id)
    if (chain === null) return
    const attribution: Attribution = { workflowId: event.workflow_id, grade: 'reported', rule: 'reported' }
    const placed = stepOfHalf(chain, event) ?? new Placed(event, attribution, arrived)
    this.#learnSession(event)
    this.steps.retell(chain, placed)
  }

  /** Gives the events of a credential and of those derived from it their places anew. */
  reconsiderFamily(credential: string): void {
    for (const member of this.lineage.familyOf(credential)) {
      this.reconsider(credentialKey(member))
      const parent = this.lineage.known(member)?.parentId ?? null
      if (parent !== null && !this.mail.isSole) this.threads.tellKin(parent, member)
    }
  }

  reconsider(key: string): void {
    if (!this.mail.isSole) {
      this.strays.reconsider(key)
      return
    }
    for (const placed of this.waiting.take(key)) {
      if (!this.steps.stands(placed)) continue
      const next = this.placing.attribute(placed.event)
      if (next.rule === 'own') this.steps.regroup(placed, next)
      else this.steps.move(placed, next)
      this.waiting.add(placed)
    }
  }

  /** What changed of credentials and edges since the last time. */
  empty(): { readonly credentials: readonly CredentialRow[]; readonly edges: readonly EdgeRow[] } {
    return { credentials: this.threads.credentials(), edges: this.steps.takeEdges() }
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
    this.strays.forget(watermark)
    for (const workflowId of chains) this.publisher.forget(workflowId)
    if (isBacked) this.placing.forget(watermark - limits.idleMs)
    else this.#shed(watermark)
    this.asked.clear()
    return isBacked
  }

  /** Drops what was put away first, where nothing can bring it back, and says so. */
  #shed(watermark: Millis): void {
    const { roster, placing, publisher, lineage, shared } = this
    const { maxPacked, maxPackedThreads, maxSessions } = shared.limits
    const chains = roster.shedChains(maxPacked)
    for (const workflowId of chains) {
      publisher.forget(workflowId)
      placing.leavePart(groupOfPart(workflowId), workflowId)
    }
    const threads = roster.shedThreads(maxPackedThreads)
    for (const { kind, subject } of threads) {
      publisher.forgetThread(roster.keyOf(kind, subject))
      if (kind === 'credential') lineage.drop(subject)
    }
    lineage.shed(2 * maxPackedThreads, (id) => roster.hasThread('credential', id))
    const sessions = placing.shedSessions(maxSessions)
    const cover = (count: number, what: string): void => {
      if (count > 0) this.steps.cover(watermark, null, 'evicted', `${count} ${what} by ${isoOf(watermark)}: ${EVICTED}`)
    }
    cover(chains.length, 'chains that were over')
    cover(threads.length, 'idle credentials, grants or agents')
    cover(sessions, 'sessions')
  }

  /** What an event says of the credentials that are known here. Returns those whose family or holders changed. */
  #learn(event: AgentEvent): readonly string[] {
    if (this.mail.isSole) return this.lineage.learn(event)
    const ids = new Set([credentialOf(event), inUseBy(event), parentCredentialOf(event)])
    const ours = [...ids].filter((id) => id !== null && this.mail.owns('credential', id)) as readonly string[]
    const changed = ours.filter((id) => this.lineage.learnOf(event, id, false))
    for (const id of ours) this.threads.tellChildren(id)
    return changed
  }

  /** What an event says of its session, here or elsewhere. Returns the session keys whose workflow changed. */
  #learnSession(event: AgentEvent): readonly string[] {
    const { session_id: session, workflow_id: workflowId } = event
    if (this.mail.isSole || session === undefined || workflowId === undefined) return this.placing.learn(event)
    const order = orderOf(event)
    if (this.mail.owns('session', session))
      return sessionKeys(event).filter((key) => this.bind(session, { key, workflowId, order }))
    for (const key of sessionKeys(event))
      if (this.sessions.isNews(key, workflowId, order))
        this.mail.send('session', session, { what: 'bind', key, workflowId, order })
    return []
  }

  /** Takes in that a session was seen with a workflow. True when that changed whose its events are. */
  bind(session: string | null, { key, workflowId, order }: { key: string; workflowId: string; order: Order }): boolean {
    const said = this.placing.bind(key, workflowId, order)
    if (said !== 'known' && session !== null) this.sessions.changed(session, { key, workflowId, order })
    return said === 'another'
  }
}

const EVICTED =
  'dropped from memory, with no store behind; what was found stays, an event that comes for one begins it anew'
const UNPLACED: Attribution = { workflowId: '', grade: 'derived', rule: 'own' }
