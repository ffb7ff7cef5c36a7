import {
  type AgentEvent,
  type AnyDetector,
  type Authority,
  type Millis,
  type Step,
  type TrackKind,
  trackIdOf,
} from '../core/index.ts'
import type { Commit, Fact, Need, Origin, Resume, Stored } from '../ports/index.ts'
import { checkpointsOf } from './checkpoints.ts'
import { type Drained, together } from './drained.ts'
import { askedKey, Needs, needEvent } from './needs.ts'
import { arm, DEFAULT_LIMITS, type EngineParts } from './parts.ts'
import { closesAt, type Published } from './publisher.ts'
import { readersKey, readersOf } from './readers.ts'
import { needFact, receive } from './receive.ts'
import { restore } from './restore.ts'
import { type Shared, TenantFold } from './tenant-fold.ts'
import { Timers } from './timers.ts'
import type { Track } from './track.ts'
import { Turns } from './turns.ts'

export interface Meta {
  readonly origin: Origin | null
  /** Milliseconds on the arrival clock. */
  readonly arrivedAt: Millis
}

export interface EngineCounts {
  readonly events: number
  readonly duplicates: number
  readonly late: number
  /** Chains in memory, packed or not. */
  readonly chains: number
  readonly packed: number
  readonly threads: number
}

/**
 * The pure fold of everything: events in, a commit of what they changed out. It never awaits and reads no clock; equal
 * events give equal findings and alerts with equal ids, whatever their order within the lateness.
 *
 * With a store behind (`isBacked`), what is not in memory has to be brought before it is folded: ask `needs`, load, give
 * it to `restore`, until nothing is needed.
 */
export class Engine {
  readonly detectors: ReadonlyMap<string, AnyDetector>
  #shared: Shared
  readonly #isBacked: boolean
  readonly #folds = new Map<string, TenantFold>()
  readonly #timers = new Timers()
  /** Nothing came since what is due was judged. */
  #isSettled: boolean = false
  /** Everything there is stands in memory: the store was empty, and nothing has left since. */
  #isWhole: boolean = true
  #maxAt = Number.NEGATIVE_INFINITY
  #watermark = Number.NEGATIVE_INFINITY
  #sequence = 0
  /** Made when it is asked for: many an engine is never asked. */
  #readers: string | null = null
  #counts = { events: 0, duplicates: 0, late: 0 }

  constructor(parts: EngineParts) {
    this.detectors = new Map(parts.detectors.map((detector) => [detector.id, detector]))
    this.#isBacked = parts.isBacked ?? false
    this.#shared = {
      limits: { ...DEFAULT_LIMITS, ...parts.limits },
      readers: readersOf(arm(parts)),
      kinds: kindsOf(parts.detectors),
      detectors: this.detectors,
      owns: parts.owns ?? null,
      turns: new Turns(),
      isBacked: this.#isBacked,
      beatsUntil: Number.NEGATIVE_INFINITY,
    }
  }

  get watermark(): Millis {
    return this.#watermark
  }

  /** The latest event time, clock skew left out; -Infinity before the first event. */
  get maxAt(): Millis {
    return this.#maxAt
  }

  get limits(): Shared['limits'] {
    return this.#shared.limits
  }

  get counts(): EngineCounts {
    let [chains, packed, threads] = [0, 0, 0]
    for (const { roster } of this.#folds.values()) {
      chains += roster.chainCount
      packed += roster.packedCount
      threads += roster.threadCount
    }
    return { ...this.#counts, chains, packed, threads }
  }

  /** Whose checkpoints of threads serve here; see `ChainStore.load`. */
  get readers(): string {
    this.#readers ??= readersKey(this.#shared.readers.agent)
    return this.#readers
  }

  /** Goes on where an earlier process stopped. Call it before the first event; then restore what was open. */
  resume({ sequence, maxAt, maxBeatAt }: Pick<Resume, 'sequence' | 'maxAt' | 'maxBeatAt'>): void {
    this.#sequence = sequence
    this.#shared = { ...this.#shared, beatsUntil: maxBeatAt ?? Number.NEGATIVE_INFINITY }
    this.#shared.turns.begin(sequence + 1)
    this.#isWhole = sequence === 0
    if (maxAt !== null) this.#seeTime(maxAt)
  }

  /** What has to be restored before these events are folded; empty when nothing is. */
  needs(events: readonly AgentEvent[]): readonly Need[] {
    if (this.#isWhole || !this.#isBacked) return []
    const needs = new Needs()
    for (const event of events) needEvent(needs, this.#fold(event.tenant), event, this.#watermark)
    return needs.list
  }

  /**
   * Takes back what was asked for. Returns the threads that the restored chains show and that are not in memory: at start
   * they are wanted too, since absence may be due in them.
   */
  restore(needs: readonly Need[], stored: Stored): readonly Need[] {
    this.#isSettled = false
    const byTenant = new Map<string, Need[]>()
    for (const need of needs) byTenant.set(need.tenant, [...(byTenant.get(need.tenant) ?? []), need])
    for (const [tenant, list] of byTenant) restore(this.#fold(tenant), list, stored, this.#watermark)
    const more = new Needs()
    for (const key of new Set(stored.steps.flatMap(({ threads }) => threads))) {
      const { kind, tenant, subject } = trackIdOf(key)
      if (kind !== 'chain') more.thread(this.#fold(tenant), kind, subject)
    }
    return more.list
  }

  /** Folds one event. `duplicate`: the same (tenant, source, id) was folded before; nothing changed. */
  accept(event: AgentEvent, meta: Meta): 'accepted' | 'duplicate' {
    this.#isSettled = false
    const fold = this.#fold(event.tenant)
    // Each is asked for by an id of its own: by now it is seen, and the question need not be remembered.
    if (event.kind === 'heartbeat') fold.asked.delete(askedKey('heartbeat', event.id))
    if (!fold.isFirst(event)) {
      this.#counts.duplicates += 1
      if (this.#shared.owns !== null) fold.retell(event, { ...meta, late: false, clockSkew: false })
      return 'duplicate'
    }
    this.#counts.events += 1
    const clockSkew = event.at > meta.arrivedAt + this.limits.skewMs
    const late = event.at < this.#watermark
    if (clockSkew)
      fold.steps.cover(
        event.at,
        event.workflow_id ?? null,
        'clock_skew',
        `event ${event.id} lies more than ${this.limits.skewMs / 60_000} minutes in the future of the arrival clock`,
      )
    if (event.kind === 'heartbeat') {
      fold.outbox.beat({ event, arrivedAt: meta.arrivedAt })
      fold.beat(event, { ...meta, late, clockSkew })
      return 'accepted'
    }
    if (late) {
      this.#counts.late += 1
      fold.steps.cover(event.at, event.workflow_id ?? null, 'late', 'events came later than the allowed lateness')
    }
    fold.take(event, { origin: meta.origin, arrivedAt: meta.arrivedAt, late, clockSkew })
    if (!clockSkew) this.#seeTime(event.at)
    return 'accepted'
  }

  /** Takes in what the owner of another chain or thread tells. Told again, it changes nothing. */
  receive(fact: Fact): void {
    this.#isSettled = false
    receive(this.#fold(fact.to.tenant), fact)
  }

  /** What has to be restored before these facts are taken in; empty when nothing is. */
  needsOf(facts: readonly Fact[]): readonly Need[] {
    if (this.#isWhole || !this.#isBacked) return []
    const needs = new Needs()
    for (const fact of facts) needFact(needs, this.#fold(fact.to.tenant), fact)
    return needs.list
  }

  /** End of input: the watermark moves to the last event time plus the lateness, or to `until`, and absence is judged. */
  finish(until?: Millis): void {
    this.#isSettled = false
    const end = until ?? this.#maxAt + this.limits.latenessMs
    if (Number.isFinite(end)) this.#watermark = Math.max(this.#watermark, end)
  }

  /** Judges what is due, and says which chains have to be restored before `drain` can tell of it. */
  settle(): readonly Need[] {
    const needs = new Needs()
    this.#isSettled = true
    for (const key of this.#timers.take(this.#watermark)) this.#wake(key)
    for (const fold of this.#folds.values()) {
      this.#askUnasked(fold, needs)
      for (const { track } of fold.dirtyChains) this.#elapse(track)
      for (const thread of fold.threads.dirty) {
        this.#elapse(thread)
        const judgedAt = fold.publisher.judgedAt(thread, this.#watermark)
        if (judgedAt !== null) this.#timers.setEarlier(thread.key, judgedAt)
        if (this.#isWhole || !this.#isBacked) continue
        for (const workflowId of fold.publisher.homesOf(thread, this.#watermark)) needs.chain(fold, workflowId)
      }
    }
    return needs.list
  }

  /** Everything that changed since the last drain. With a store behind, `settle` first until it asks for nothing. */
  drain(): Commit {
    if (!this.#isSettled) this.settle()
    this.#isSettled = false
    this.#sequence += 1
    this.#shared.turns.begin(this.#sequence + 1)
    const published: Published = { chains: [], findings: [], alerts: [] }
    const commits = [...this.#folds.values()].map((fold) => this.#drainFold(fold, published))
    this.#tidy()
    return { sequence: this.#sequence, ...published, ...together(commits), rejected: [] }
  }

  /** The unsealed steps of a chain in memory, in order; empty for one unknown. */
  stepsOf(tenant: string, workflowId: string): readonly Step[] {
    const track = this.#folds.get(tenant)?.roster.findChain(workflowId)?.track
    track?.catchUp()
    return (track?.entries ?? []).flatMap((entry) =>
      track === undefined || entry.hidden || entry.link !== null ? [] : [track.stepOf(entry)],
    )
  }

  /** What the detectors of a chain know after its last step, by detector id, and its authority. Null for one unknown. */
  knows(
    tenant: string,
    workflowId: string,
  ): { states: Readonly<Record<string, unknown>>; authority: Authority } | null {
    const track = this.#folds.get(tenant)?.roster.findChain(workflowId)?.track
    if (track === undefined) return null
    const { states, authority } = track.last()
    const named = this.#shared.readers.chain.armed.map(({ detector }, slot) => [detector.id, states[slot]] as const)
    return { states: Object.fromEntries(named), authority }
  }

  #fold(tenant: string): TenantFold {
    let fold = this.#folds.get(tenant)
    if (fold === undefined) {
      fold = new TenantFold(tenant, this.#shared)
      this.#folds.set(tenant, fold)
    }
    return fold
  }

  #seeTime(at: Millis): void {
    if (at <= this.#maxAt) return
    this.#maxAt = at
    if (this.#shared.owns === null) this.#watermark = Math.max(this.#watermark, at - this.limits.latenessMs)
  }

  #wake(key: string): void {
    const { kind, tenant, subject } = trackIdOf(key)
    const fold = this.#folds.get(tenant)
    if (fold === undefined) return
    if (kind === 'chain') {
      const chain = fold.roster.findChain(subject)
      if (chain !== null) fold.dirtyChains.add(chain)
    } else {
      const thread = fold.roster.findThread(kind, subject)
      if (thread !== null) fold.threads.dirty.add(thread)
    }
  }

  /** A thread may have been begun by what others told, without anybody having known that it would be. */
  #askUnasked(fold: TenantFold, needs: Needs): void {
    const { unasked } = fold.roster
    if (!this.#isWhole && this.#isBacked)
      for (const { kind, subject } of unasked.values()) needs.add(fold, kind, subject)
    unasked.clear()
  }

  #elapse(track: Track): void {
    track.elapse(this.#watermark, this.limits)
    const due = track.nextDue()
    const held = track.pendingDue(this.#watermark)
    const next = due === null ? held : held === null ? due : Math.min(due, held)
    if (next !== null) this.#timers.set(track.key, next)
  }

  #drainFold(fold: TenantFold, published: Published): Drained {
    const checkpoints = this.#isBacked
      ? checkpointsOf(fold.threads.dirty, this.limits.checkpointEvery, () => this.readers)
      : []
    for (const thread of fold.threads.dirty) {
      this.#tellFaults(fold, thread)
      for (const workflowId of fold.publisher.threadChanged(thread, this.#watermark))
        fold.threadSays(thread.key, workflowId)
    }
    for (const chain of fold.dirtyChains) {
      this.#tellFaults(fold, chain.track)
      fold.publisher.publish(chain, this.#watermark, this.limits, published)
      const at = closesAt(chain, this.limits)
      if (at > this.#watermark) this.#timers.setEarlier(chain.track.key, at)
    }
    fold.threads.dirty.clear()
    fold.dirtyChains.clear()
    return { ...fold.outbox.empty(), links: fold.links.empty(), facts: fold.mail.empty(), ...fold.empty(), checkpoints }
  }

  #tellFaults(fold: TenantFold, { folder }: Track): void {
    for (const fault of folder.faults ?? []) fold.outbox.cover(fault)
    folder.faults = null
  }

  #tidy(): void {
    const { limits } = this
    let steps = 0
    for (const { roster } of this.#folds.values()) steps += roster.hotSteps
    if (steps <= limits.maxHotSteps) return
    for (const fold of this.#folds.values()) {
      if (fold.tidy(this.#watermark, this.#isBacked)) this.#isWhole = false
    }
  }
}

/** The kinds of track that are kept. A grant's thread is told what its credentials did before, so it needs theirs. */
function kindsOf(detectors: readonly AnyDetector[]): ReadonlySet<TrackKind> {
  const kinds = new Set(detectors.flatMap(({ reads }) => reads))
  return kinds.has('grant') ? kinds.add('credential') : kinds
}

/** A new engine with nothing folded. Throws what a detector's `options.parse` throws on a bad setting. */
export const createEngine = (parts: EngineParts): Engine => new Engine(parts)
