import { type AgentEvent, credentialOf, parentCredentialOf, resultEventIdOf } from '../core/index.ts'
import type { CredentialRow, Told } from '../ports/index.ts'
import { summaryOf } from './credential-summary.ts'
import { leaveGuests, noteGuests } from './guests.ts'
import { type HotChain, isEnd } from './hot-chain.ts'
import { readTrackKey } from './keys.ts'
import { inUseBy, type Lineage } from './lineage.ts'
import { type Mail, toldOf } from './mail.ts'
import type { Outbox } from './outbox.ts'
import type { Limits } from './parts.ts'
import { type Placed, placedOf } from './placed.ts'
import type { Roster, ThreadKind } from './roster.ts'
import { Seen } from './seen.ts'
import { grantsOf, issuedBy, threadIdsOf } from './thread-ids.ts'
import type { Track } from './track.ts'
import { isLater } from './turns.ts'

export interface ThreadsParts {
  readonly tenant: string
  readonly kinds: ReadonlySet<string>
  readonly limits: Limits
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
  readonly #counted = new Seen()

  constructor(parts: ThreadsParts) {
    this.#parts = parts
  }

  /** Puts a step into every thread that it concerns. */
  show({ book }: HotChain, placed: Placed): void {
    const { event } = placed
    const { kinds, lineage, mail, outbox } = this.#parts
    for (const { kind, subject } of threadIdsOf(event, kinds as ReadonlySet<ThreadKind>, lineage))
      this.#into(kind, subject, placed)
    for (const id of [credentialOf(event), inUseBy(event), parentCredentialOf(event)])
      if (id !== null && mail.owns('credential', id)) this.#dirtyCredentials.add(id)
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

  /** Takes a step out of every thread that shows it. Call it while its attribution still says where it stood. */
  hide(placed: Placed): void {
    for (const key of [...placed.threads]) this.#outOf(key, placed)
  }

  /** A step left a chain: what the chain told threads of it, or because of it, is taken back. */
  left({ book, track }: HotChain, placed: Placed): void {
    const told = isEnd(placed.event) ? book.issued : []
    book.ends = book.ends.filter((end) => end !== placed)
    const concerned = new Set(
      this.#idsOf(placed.event).map(({ kind, subject }) => this.#parts.roster.keyOf(kind, subject)),
    )
    for (const id of told) {
      const key = this.#parts.roster.keyOf('credential', id)
      if (!concerned.has(key)) this.#outOf(key, placed)
    }
    const issued = issuedBy(placed.event)
    const isStill = track.entries.some(({ placed: one, link }) => link === null && issuedBy(one.event) === issued)
    if (issued === null || isStill) return
    book.issued = book.issued.filter((id) => id !== issued)
    for (const end of book.ends) {
      this.#outOf(this.#parts.roster.keyOf('credential', issued), end)
      this.#parts.outbox.put(end)
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
    const placed = placedOf(told.event, told.attribution, told)
    const there = thread.entries[thread.indexOf(placed)]?.placed
    if (there !== undefined && isLater(there.attribution, told.attribution)) return false
    // What stands there may be the step of a chain here, which is not ours to change.
    const isElsewhere = there !== undefined && there.attribution.workflowId !== told.attribution.workflowId
    if (isElsewhere) leaveGuests(lineage, told.event, there.attribution.workflowId)
    if (there !== undefined && (isElsewhere || isLater(told.attribution, there.attribution))) thread.remove(there)
    thread.insert(placed, limits)
    this.dirty.add(thread)
    if (kind !== 'credential') return false
    const half = `${told.event.id}\u0000${resultEventIdOf(told.event) ?? ''}`
    const changed = lineage.learnOf(
      told.event,
      subject,
      !this.#counted.add(`${subject}\u0000${told.event.source}`, half),
    )
    this.#dirtyCredentials.add(subject)
    this.#underGrants(there ?? placed, subject)
    this.tellChildren(subject)
    return changed
  }

  /** A credential's thread is taken back: what its stored steps say of it is learned anew, its uses are counted anew. */
  restored(credential: string, steps: readonly Placed[]): void {
    const { lineage } = this.#parts
    const known = lineage.known(credential)
    if (known !== null) known.uses = 0
    for (const { event } of steps) {
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

  /** Takes a step out of a thread, unless it stands in another chain by now. */
  forget(kind: ThreadKind, subject: string, told: Told): void {
    const { roster, lineage } = this.#parts
    const thread = roster.findThread(kind, subject)
    const there = thread?.entries[thread.indexOf(placedOf(told.event, told.attribution, told))]?.placed
    if (thread === null || there?.attribution.workflowId !== told.attribution.workflowId) return
    if (isLater(there.attribution, told.attribution)) return
    thread.remove(there)
    this.dirty.add(thread)
    if (kind !== 'credential') return
    leaveGuests(lineage, told.event, told.attribution.workflowId)
    this.#dirtyCredentials.add(subject)
  }

  /** Tells the owner of a derived credential who holds its ancestors. */
  tellKin(parent: string, child: string): void {
    const { mail, lineage } = this.#parts
    if (mail.owns('credential', child)) return
    mail.sendNew('kin', 'credential', child, { what: 'kin', kin: lineage.kinOf(parent) })
  }

  tellChildren(parent: string): void {
    for (const child of this.#parts.lineage.known(parent)?.children ?? []) this.tellKin(parent, child)
  }

  /** What changed of credentials since the last time. */
  credentials(): readonly CredentialRow[] {
    const { tenant, lineage, roster } = this.#parts
    const rows = [...this.#dirtyCredentials].flatMap((id) => {
      const known = lineage.known(id)
      if (known === null) return []
      noteGuests(known, roster.findThread('credential', id))
      return [{ ...summaryOf(tenant, known), state: JSON.stringify(known) }]
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
    return threadIdsOf(event, this.#parts.kinds as ReadonlySet<ThreadKind>, this.#parts.lineage)
  }

  #outOf(key: string, placed: Placed): void {
    const { roster, mail } = this.#parts
    const { kind, subject } = readTrackKey(key) ?? { kind: 'chain' as const, subject: '' }
    if (kind === 'chain' || !placed.threads.includes(key)) return
    placed.threads = placed.threads.filter((one) => one !== key)
    if (!mail.owns(kind, subject)) {
      mail.send(kind, subject, { what: 'gone', told: toldOf(placed) })
      return
    }
    const thread = roster.findThread(kind, subject)
    const there = thread?.entries[thread.indexOf(placed)]?.placed
    if (thread === null || there?.attribution.workflowId !== placed.attribution.workflowId) return
    thread.remove(placed)
    this.dirty.add(thread)
  }

  #into(kind: ThreadKind, subject: string, placed: Placed): void {
    const { roster, limits, mail } = this.#parts
    const key = roster.keyOf(kind, subject)
    if (!placed.threads.includes(key)) placed.threads.push(key)
    if (!mail.owns(kind, subject)) {
      mail.send(kind, subject, { what: 'step', told: toldOf(placed) })
      return
    }
    const thread = roster.thread(kind, subject)
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

  /** Shows a grant's thread a step, and sees to it that the step is stored with that thread, wherever its chain is. */
  #alsoInto(grant: string, placed: Placed): void {
    const { roster, mail, outbox } = this.#parts
    const { workflowId } = placed.attribution
    const isNew = !placed.threads.includes(roster.keyOf('grant', grant))
    this.#into('grant', grant, placed)
    if (mail.owns('chain', workflowId)) outbox.put(placed)
    else if (isNew)
      mail.send('chain', workflowId, { what: 'shown', told: toldOf(placed), track: roster.keyOf('grant', grant) })
  }
}
