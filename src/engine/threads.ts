import {
  type AgentEvent,
  credentialOf,
  parentCredentialOf,
  resultEventIdOf,
  type TrackKind,
  trackIdOf,
} from '../core/index.ts'
import type { CredentialRow, Told } from '../ports/index.ts'
import { summaryOf } from './credential-summary.ts'
import { leaveGuests, noteGuests } from './guests.ts'
import { type HotChain, isEnd } from './hot-chain.ts'
import { inUseBy, type Lineage } from './lineage.ts'
import { type Mail, toldOf } from './mail.ts'
import type { Outbox } from './outbox.ts'
import type { Limits } from './parts.ts'
import { Placed } from './placed.ts'
import type { Roster, ThreadKind } from './roster.ts'
import { Seen } from './seen.ts'
import { grantsOf, issuedBy, threadIdsOf } from './thread-ids.ts'
import type { Track } from './track.ts'
import { isLater } from './turns.ts'

export interface ThreadsParts {
  readonly tenant: string
  readonly kinds: ReadonlySet<TrackKind>
  readonly limits: Limits
  readonly isBacked: boolean
  readonly roster: Roster
  readonly lineage: Lineage
  readonly outbox: Outbox
  readonly mail: Mail
}

/** The threads of one tenant: shows them the steps that concern them, those that are folded elsewhere by mail. */
export class Threads {
  readonly dirty = new Set<Track>()
  readonly #parts: ThreadsParts
  readonly #dirtyCredentials = new Set<string>()
  /** Steps whose uses were counted, by credential: only where others tell of them. */
  readonly #counted: Seen

  constructor(parts: ThreadsParts) {
    this.#parts = parts
    this.#counted = new Seen(parts.limits)
  }

  /** Puts a step into a thread that others know it concerns. */
  showIn(track: string, placed: Placed): void {
    const { kind, subject } = trackIdOf(track)
    if (kind !== 'chain') this.#into(kind, subject, placed)
  }

  /** Puts a step into every thread that it concerns. */
  show({ book }: HotChain, placed: Placed): void {
    const { event } = placed
    const { kinds, outbox } = this.#parts
    for (const { kind, subject } of this.#idsOf(event)) this.#into(kind, subject, placed)
    this.#isTold(credentialOf(event))
    this.#isTold(inUseBy(event))
    this.#isTold(parentCredentialOf(event))
    if (!kinds.has('credential')) return
    const issued = issuedBy(event)
    if (issued !== null && !book.issued.includes(issued)) {
      book.issued.push(issued)
      for (const end of book.ends) {
        this.#into('credential', issued, end)
        outbox.put(end)
      }
    }
    if (isEnd(event)) {
      book.ends.push(placed)
      for (const id of book.issued) this.#into('credential', id, placed)
    }
    this.#backfillGrant(event)
  }

  #isTold(credential: string | null): void {
    if (credential !== null && this.#parts.mail.owns('credential', credential)) this.#dirtyCredentials.add(credential)
  }

  /** Takes a step out of every thread that shows it. Call it while its attribution still says where it stood. */
  hide(placed: Placed): void {
    for (const key of placed.threads) this.#outOf(key, placed)
  }

  /** A step left a chain: what the chain told threads of it, or because of it, is taken back. */
  left(chain: HotChain, placed: Placed): void {
    if (isEnd(placed.event)) this.#endLeft(chain, placed)
    const issued = issuedBy(placed.event)
    if (issued !== null) this.#issueLeft(chain, issued)
  }

  #endLeft({ book }: HotChain, placed: Placed): void {
    const { roster } = this.#parts
    book.ends = book.ends.filter((end) => end !== placed)
    const concerned = new Set(this.#idsOf(placed.event).map(({ kind, subject }) => roster.keyOf(kind, subject)))
    for (const id of book.issued) {
      const key = roster.keyOf('credential', id)
      if (!concerned.has(key)) this.#outOf(key, placed)
    }
  }

  #issueLeft({ book, track }: HotChain, issued: string): void {
    const { roster, outbox } = this.#parts
    if (track.entries.some(({ placed, link }) => link === null && issuedBy(placed.event) === issued)) return
    book.issued = book.issued.filter((id) => id !== issued)
    for (const end of book.ends) {
      this.#outOf(roster.keyOf('credential', issued), end)
      outbox.put(end)
    }
  }

  /** A step that threads show was given to another chain. */
  moved(placed: Placed): void {
    for (const { kind, subject } of this.#idsOf(placed.event)) {
      const thread = this.#parts.roster.findThread(kind, subject)
      const at = thread?.indexOf(placed) ?? -1
      if (thread === null || at < 0) continue
      thread.refold(at)
      this.dirty.add(thread)
    }
  }

  /** Takes in what the owner of a chain tells a thread of a step. True when a credential's family or holders changed. */
  receive(kind: ThreadKind, subject: string, told: Told): boolean {
    const { roster, limits, lineage } = this.#parts
    const thread = roster.thread(kind, subject)
    const placed = new Placed(told.event, told.attribution, told)
    const there = thread.entries[thread.indexOf(placed)]?.placed
    if (there !== undefined && isLater(there.attribution, told.attribution)) return false
    // What stands there may be the step of a chain here, which is not ours to change.
    const isElsewhere = there !== undefined && there.attribution.workflowId !== told.attribution.workflowId
    if (isElsewhere) leaveGuests(lineage, told.event, there.attribution.workflowId)
    const isOver = there !== undefined && (isElsewhere || isLater(told.attribution, there.attribution))
    if (isOver) thread.remove(there)
    thread.insert(placed, limits)
    this.dirty.add(thread)
    // A containment says nothing of whose a credential is.
    if (kind !== 'credential' || told.event.kind === 'containment') return false
    const changed = lineage.learnOf(told.event, subject, this.#isRepeat(subject, told.event))
    this.#dirtyCredentials.add(subject)
    this.#underGrants(isOver ? placed : (there ?? placed), subject)
    this.tellChildren(subject)
    return changed
  }

  /** A credential's thread is taken back: what its stored steps say of it is learned anew, its uses are counted anew. */
  restored(credential: string, steps: readonly Placed[]): void {
    const { lineage } = this.#parts
    const known = lineage.known(credential)
    if (known !== null) {
      known.uses = 0
      // Stored, what its grants were told may not have left: they are told again by the consent that comes again.
      known.backfilled = []
    }
    for (const { event } of steps) {
      if (event.kind === 'containment') continue
      this.#isRepeat(credential, event)
      lineage.learnOf(event, credential, false)
    }
    this.#dirtyCredentials.add(credential)
  }

  /** Takes in what an event says of its credential before it has a chain. */
  hear(event: AgentEvent): void {
    const credential = inUseBy(event)
    if (credential === null) return
    if (this.#parts.lineage.learnOf(event, credential, true)) this.tellChildren(credential)
  }

  /** Shows an agent's thread that its producer lives. */
  beat(agentId: string, heartbeat: Placed): void {
    if (this.#parts.kinds.has('agent')) this.#into('agent', agentId, heartbeat)
  }

  /** Takes a step out of a thread, unless it stands in another chain by now. */
  forget(kind: ThreadKind, subject: string, told: Told): void {
    const isGone = this.#remove(kind, subject, new Placed(told.event, told.attribution, told))
    if (!isGone || kind !== 'credential') return
    leaveGuests(this.#parts.lineage, told.event, told.attribution.workflowId)
    this.#dirtyCredentials.add(subject)
  }

  /** Tells the owner of a derived credential who holds its ancestors. */
  tellKin(parent: string, child: string): void {
    const { mail, lineage } = this.#parts
    if (mail.owns('credential', child)) return
    mail.sendNew('kin', 'credential', child, { what: 'kin', kin: lineage.kinOf(parent) })
  }

  /** Tells the owners of all known to derive from a credential. */
  tellChildren(parent: string): void {
    for (const child of this.#parts.lineage.known(parent)?.children ?? []) this.tellKin(parent, child)
  }

  /** What changed of credentials since the last time. */
  credentials(): readonly CredentialRow[] {
    const { tenant, lineage, roster, isBacked } = this.#parts
    const rows = [...this.#dirtyCredentials].flatMap((id) => {
      const known = lineage.known(id)
      if (known === null) return []
      noteGuests(known, roster.findThread('credential', id))
      return [{ ...summaryOf(tenant, known), state: isBacked ? JSON.stringify(known) : '' }]
    })
    this.#dirtyCredentials.clear()
    return rows
  }

  /** Whether the uses that an event tells of were counted. A step of call and result is counted for each. */
  #isRepeat(credential: string, event: AgentEvent): boolean {
    const step = `${event.id}\u0000${resultEventIdOf(event) ?? ''}`
    return !this.#counted.add(`${credential}\u0000${event.source}`, step)
  }

  #idsOf(event: AgentEvent): ReturnType<typeof threadIdsOf> {
    return threadIdsOf(event, this.#parts.kinds, this.#parts.lineage)
  }

  #outOf(key: string, placed: Placed): void {
    const { mail } = this.#parts
    const { kind, subject } = trackIdOf(key)
    if (kind === 'chain' || !placed.threads.includes(key)) return
    placed.threads = placed.threads.filter((one) => one !== key)
    if (mail.owns(kind, subject)) this.#remove(kind, subject, placed)
    else mail.send(kind, subject, { what: 'gone', told: toldOf(placed) })
  }

  /** Takes a step out of a thread here, unless that shows it in another chain, or by a later decision. */
  #remove(kind: ThreadKind, subject: string, placed: Placed): boolean {
    const thread = this.#parts.roster.findThread(kind, subject)
    const there = thread?.entries[thread.indexOf(placed)]?.placed
    if (thread === null || there?.attribution.workflowId !== placed.attribution.workflowId) return false
    if (isLater(there.attribution, placed.attribution)) return false
    thread.remove(there)
    this.dirty.add(thread)
    return true
  }

  #into(kind: ThreadKind, subject: string, placed: Placed): void {
    const { roster, limits, mail } = this.#parts
    if (!mail.owns(kind, subject)) {
      placed.showIn(roster.keyOf(kind, subject))
      mail.send(kind, subject, { what: 'step', told: toldOf(placed) })
      return
    }
    const thread = roster.thread(kind, subject)
    placed.showIn(thread.key, (keys) => thread.listWith(keys))
    const there = mail.isSole ? undefined : thread.entries[thread.indexOf(placed)]?.placed
    if (there !== undefined && there !== placed) {
      if (isLater(there.attribution, placed.attribution)) return
      thread.remove(there)
    }
    thread.insert(placed, limits)
    this.dirty.add(thread)
  }

  /** What a credential does under a grant that only its owner knows is told to the grant. */
  #underGrants(placed: Placed, credential: string): void {
    const { event } = placed
    if (event.kind === 'oauth') {
      this.#backfillGrant(event)
      return
    }
    if (!this.#parts.kinds.has('grant') || credentialOf(event) !== credential) return
    for (const grant of grantsOf(event, this.#parts.lineage)) this.#alsoInto(grant, placed)
  }

  /** What a credential did before it was known to work under a grant is told to the grant's thread too. */
  #backfillGrant(event: AgentEvent): void {
    const { kinds, lineage, roster, mail } = this.#parts
    if (!kinds.has('grant') || event.kind !== 'oauth' || event.oauth.credential_id === undefined) return
    const credential = event.oauth.credential_id
    if (!mail.owns('credential', credential)) return
    const known = lineage.known(credential)
    for (const grant of grantsOf(event, lineage)) {
      if (known === null || known.backfilled.includes(grant)) continue
      known.backfilled = [...known.backfilled, grant]
      for (const { placed } of roster.findThread('credential', credential)?.entries ?? [])
        if (credentialOf(placed.event) === credential) this.#alsoInto(grant, placed)
    }
  }

  /**
   * Shows a grant's thread a step. Where the chain is another's, its owner does: the step is stored with that thread first, or who
   * takes the thread over between the two would have it from nowhere.
   */
  #alsoInto(grant: string, placed: Placed): void {
    const { roster, mail, outbox } = this.#parts
    const { workflowId } = placed.attribution
    const track = roster.keyOf('grant', grant)
    if (mail.owns('chain', workflowId)) {
      this.#into('grant', grant, placed)
      outbox.put(placed)
    } else if (!placed.threads.includes(track)) {
      placed.showIn(track)
      mail.send('chain', workflowId, { what: 'shown', told: toldOf(placed), track })
    }
  }
}
