import { type Finding, type Link, type Millis, type Step, type TrackId, trackKey } from '../core/index.ts'
import { foldAuthority } from './authority.ts'
import { Entry } from './entry.ts'
import { type Fold, Folder, type Found, NOTHING_FOUND } from './fold.ts'
import { compareOrder, type Order, orderOf } from './order.ts'
import type { Limits } from './parts.ts'
import type { Placed } from './placed.ts'
import type { Readers } from './readers.ts'

/**
 * The fold after every sixteenth step is kept, and after the last few, which the results of calls change. One between is
 * folded again from there when it is asked for: the states of a score of detectors would take more room than the step.
 */
const KEPT_EVERY = 16
const KEPT_LAST = 2

const NO_KEYS: readonly string[] = []

/** What the steps of a track left that can no longer be folded again. */
export interface Sealed {
  readonly base: Fold
  /** How many steps of its own they were. */
  readonly length: number
  /** The place of the last of them. */
  readonly until: Order | null
  /** Their findings, by id; null for none. */
  readonly found: Map<string, Found> | null
}

export type InsertResult = 'appended' | 'inserted' | 'duplicate' | 'too-late'

/**
 * One chain or thread: its steps in event-time order above a sealed base, folded by the detectors that read its kind. Steps are
 * folded when somebody asks what is known after them, so that many that come at once in any order are folded once.
 */
export class Track {
  readonly id: TrackId
  readonly key: string
  readonly entries: Entry[] = []
  readonly folder: Folder
  base: Fold
  /** Steps of its own that the base has swallowed. */
  baseLength = 0
  sealedUntil: Order | null = null
  /** Findings of steps that the base has swallowed, by id. */
  sealed: Map<string, Found> | null = null
  /** How many of the steps that the base has swallowed are in what was stored of it last. */
  checkpointed = 0
  /** Sightings of a deadline that passed with no step after it. */
  #tail: { readonly fold: Fold; readonly found: readonly Found[] } | null = null
  #withFound = 0
  /** As it was judged last: what comes before it comes too late anyway. */
  #watermark = Number.NEGATIVE_INFINITY
  /** The last list of threads that ended in this one. */
  #list: readonly string[] = NO_KEYS
  /** So many of the unsealed steps, from the first on, are folded; what those after them hold is of before. */
  #folded = 0

  constructor(id: TrackId, readers: Readers) {
    this.id = id
    this.key = trackKey(id)
    this.folder = new Folder(id, this.key, readers)
    this.base = readers.initial
  }

  /** The keys with that of this track after them: one list for all steps that are shown in the same tracks. */
  listWith(keys: readonly string[]): readonly string[] {
    const { length } = keys
    if (this.#list.length !== length + 1 || keys.some((key, i) => key !== this.#list[i]))
      this.#list = keys.concat(this.key)
    return this.#list
  }

  /** Puts a fact at its place in event time; what stands after it is folded again. */
  insert(placed: Placed, limits: Limits, link: Link | null = null, hidden = false): InsertResult {
    const order = link === null ? placed : orderOf(placed.event, true)
    if (this.isSealed(order)) return 'too-late'
    const at = this.#placeOf(order)
    const there = this.entries[at]
    if (there !== undefined && compareOrder(there.order, order) === 0) return 'duplicate'
    this.#put(at, 0, new Entry(placed, link === null ? null : { order, link, hidden }))
    if (at < this.entries.length - 1) return 'inserted'
    if (this.entries.length > limits.windowMin) this.#slide(limits)
    return 'appended'
  }

  /** Puts in what another chain says, or replaces what it said before. True when that changed anything. */
  insertLink(placed: Placed, link: Link): boolean {
    const order = orderOf(placed.event, true)
    if (this.isSealed(order)) return false
    const at = this.#placeOf(order)
    const there = this.entries[at]
    const same = there !== undefined && there.link !== null && compareOrder(there.order, order) === 0
    if (same && JSON.stringify(there.link) === JSON.stringify(link)) return false
    this.#put(at, same ? 1 : 0, new Entry(placed, { order, link, hidden: false }))
    return true
  }

  /** Takes a fact out again; what stood after it is folded anew. False when it is not among the unsealed steps. */
  remove(placed: Placed): boolean {
    const at = this.indexOf(placed)
    const entry = this.entries[at]
    if (entry === undefined) return false
    this.#sight(entry, NOTHING_FOUND)
    this.entries.splice(at, 1)
    this.refold(at)
    return true
  }

  /** Whether a place is among the steps that can no longer be folded again. */
  isSealed(order: Order): boolean {
    return this.sealedUntil !== null && compareOrder(order, this.sealedUntil) <= 0
  }

  /** The position of a step among the unsealed ones; -1 when it is not there. */
  indexOf(order: Order): number {
    const at = this.#placeOf(order)
    const entry = this.entries[at]
    return entry !== undefined && compareOrder(entry.order, order) === 0 ? at : -1
  }

  /** What is known from position `from` on is to be folded again. */
  refold(from: number): void {
    this.#tail = null
    this.#folded = Math.min(this.#folded, from)
  }

  /** Folds what was not folded yet. Call it before the entries are asked for their folds, findings or indexes. */
  catchUp(): void {
    const from = this.#folded
    const { entries } = this
    if (from === entries.length) return
    let fold = this.#knownBefore(from)
    let index = this.#lengthBefore(from)
    const keptFrom = entries.length - KEPT_LAST
    for (let i = Math.max(from - KEPT_LAST, 0); i < Math.min(from, keptFrom); i += 1)
      if (!isKept(i)) (entries[i] as Entry).after = null
    for (let i = from; i < entries.length; i += 1) {
      const entry = entries[i] as Entry
      entry.index = index
      const found: Found[] = []
      fold = this.#foldEntry(fold, entry, found)
      this.#sight(entry, found.length === 0 ? NOTHING_FOUND : found)
      entry.after = i >= keptFrom || isKept(i) ? fold : null
      if (!entry.hidden && entry.link === null) index += 1
    }
    this.#folded = entries.length
  }

  /** What is known before the step of a position. */
  foldBefore(at: number): Fold {
    this.catchUp()
    return this.#knownBefore(at)
  }

  /** The fold after the last step. */
  last(): Fold {
    this.catchUp()
    const entry = this.entries.at(-1)
    if (entry === undefined) return this.base
    // What was taken out from the end may leave one whose fold was let go.
    entry.after ??= this.#knownBefore(this.entries.length)
    return entry.after
  }

  /** How many steps of its own the track has had. */
  get length(): number {
    this.catchUp()
    return this.#lengthBefore(this.entries.length)
  }

  /** Judges absence up to the watermark, and seals what lies before it, down to the least that is kept. */
  elapse(watermark: Millis, limits: Limits): void {
    this.#watermark = watermark
    if (this.entries.length > limits.windowMin) this.#slide(limits)
    this.catchUp()
    const due = this.nextDue()
    if (due === null || due > watermark) return
    const found: Found[] = [...(this.#tail?.found ?? [])]
    const { states, authority } = this.#tail?.fold ?? this.last()
    this.#tail = { fold: { states: this.folder.timers(states, watermark + 1, authority, found), authority }, found }
  }

  /** The earliest deadline any detector waits for, or null. */
  nextDue(): Millis | null {
    return this.folder.readers.timed.length === 0 ? null : this.folder.nextDue((this.#tail?.fold ?? this.last()).states)
  }

  /** The earliest time at which a sighting that is held back may be told, or null. */
  pendingDue(watermark: Millis): Millis | null {
    this.catchUp()
    if (this.#withFound === 0 && this.sealed === null) return null
    let next: Millis | null = null
    const look = ({ dueAt }: Found): void => {
      if (dueAt !== null && dueAt > watermark && (next === null || dueAt < next)) next = dueAt
    }
    this.sealed?.forEach(look)
    for (const { found } of this.entries) found.forEach(look)
    return next
  }

  /** Whether a finding was sighted and is held back until its time has come. */
  holds(findingId: string, watermark: Millis): boolean {
    const isHeld = ({ finding, dueAt }: Found): boolean =>
      finding.id === findingId && dueAt !== null && dueAt > watermark
    const sealed = this.sealed?.get(findingId)
    return (sealed !== undefined && isHeld(sealed)) || this.entries.some(({ found }) => found.some(isHeld))
  }

  /** Whether anything was ever sighted and stands. */
  get hasFindings(): boolean {
    this.catchUp()
    return this.#withFound > 0 || this.sealed !== null || (this.#tail?.found.length ?? 0) > 0
  }

  /** What stands now, by finding id; later sightings of one key replace earlier ones. */
  findings(watermark: Millis): Map<string, Finding> {
    const live = new Map<string, Finding>()
    if (!this.hasFindings) return live
    const add = ({ finding, dueAt }: Found): void => {
      if (dueAt === null || dueAt <= watermark) live.set(finding.id, finding)
    }
    this.sealed?.forEach(add)
    for (const { found } of this.entries) found.forEach(add)
    this.#tail?.found.forEach(add)
    return live
  }

  /** Seals the first `count` steps into the base: they can no longer be re-folded. */
  seal(count: number): void {
    const last = this.entries[count - 1]
    if (last === undefined) return
    const base = this.foldBefore(count)
    this.baseLength = this.#lengthBefore(count)
    for (const entry of this.entries.splice(0, count)) {
      this.#keep(entry.found)
      if (entry.found.length > 0) this.#withFound -= 1
    }
    this.#folded = this.entries.length
    this.base = base
    this.sealedUntil = last.order
  }

  /** Begins with what was sealed elsewhere: steps within it go, those after it stay. */
  putOn({ base, length, until, found }: Sealed): void {
    this.base = base
    this.baseLength = length
    this.sealedUntil = until
    this.sealed = found
    while (this.entries[0] !== undefined && this.isSealed(this.entries[0].order)) {
      this.#sight(this.entries[0], NOTHING_FOUND)
      this.entries.shift()
    }
    this.refold(0)
  }

  /** Seals everything, passed deadlines too: what is left is the base and nothing else. */
  sealAll(): void {
    this.seal(this.entries.length)
    if (this.#tail === null) return
    this.#keep(this.#tail.found)
    this.base = this.#tail.fold
    this.#tail = null
  }

  stepOf({ placed: { event, attribution }, link, index }: Entry): Step {
    const step: Step = { event, id: event.step_id ?? event.id, index, attribution }
    return link === null ? step : { ...step, link }
  }

  #put(at: number, replaced: number, entry: Entry): void {
    const old = replaced > 0 ? this.entries[at] : undefined
    if (old !== undefined) this.#sight(old, NOTHING_FOUND)
    if (at === this.entries.length) this.entries.push(entry)
    else this.entries.splice(at, replaced, entry)
    this.refold(at)
  }

  #knownBefore(at: number): Fold {
    let from = at
    while (from > 0 && this.entries[from - 1]?.after == null) from -= 1
    let fold = this.entries[from - 1]?.after ?? this.base
    for (let i = from; i < at; i += 1) fold = this.#foldEntry(fold, this.entries[i] as Entry, [])
    return fold
  }

  #keep(found: readonly Found[]): void {
    for (const one of found) {
      this.sealed ??= new Map()
      this.sealed.set(one.finding.id, one)
    }
  }

  #sight(entry: Entry, found: readonly Found[]): void {
    this.#withFound += Number(found.length > 0) - Number(entry.found.length > 0)
    entry.found = found
  }

  #lengthBefore(at: number): number {
    const entry = this.entries[at - 1]
    if (entry === undefined) return this.baseLength
    return entry.index + (entry.hidden || entry.link !== null ? 0 : 1)
  }

  /** What others may still tell in time, or an event that is not from the future, has its place among what is not sealed. */
  #slide({ windowMin, windowMax, sealAtOnce, latenessMs }: Limits): void {
    const horizon = Math.min((this.entries.at(-1)?.order.at ?? 0) - latenessMs, this.#watermark)
    const excess = this.entries.length - windowMin
    if (excess < sealAtOnce && this.entries.length < windowMax) return
    let count = 0
    while (count < excess && (this.entries[count]?.order.at ?? Number.POSITIVE_INFINITY) < horizon) count += 1
    count = Math.max(count, this.entries.length - windowMax)
    if (count >= sealAtOnce) this.seal(count)
  }

  #placeOf(order: Order): number {
    let high = this.entries.length
    const tail = this.entries[high - 1]
    if (tail === undefined || compareOrder(tail.order, order) < 0) return high
    let low = 0
    while (low < high) {
      const mid = (low + high) >> 1
      const entry = this.entries[mid]
      if (entry !== undefined && compareOrder(entry.order, order) < 0) low = mid + 1
      else high = mid
    }
    return low
  }

  /** The fold after a step; `found` gets what was sighted. */
  #foldEntry(before: Fold, entry: Entry, found: Found[]): Fold {
    let { states } = before
    if (this.folder.readers.timed.length > 0)
      states = this.folder.timers(states, entry.order.at, before.authority, found)
    let { authority } = before
    if (!entry.hidden) {
      const step = this.stepOf(entry)
      states = this.folder.step(states, step, authority, found)
      if (this.id.kind === 'chain') {
        authority = foldAuthority(authority, step)
        if (entry.link === null) entry.placed.index = entry.index
      }
    }
    return states === before.states && authority === before.authority ? before : { states, authority }
  }
}

const isKept = (at: number): boolean => (at + 1) % KEPT_EVERY === 0
