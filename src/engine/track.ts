import type {
  AgentEvent,
  Attribution,
  Authority,
  Context,
  Coverage,
  Finding,
  Link,
  Millis,
  Sighting,
  Step,
} from '../core/index.ts'
import { NO_AUTHORITY } from '../core/index.ts'
import { foldAuthority } from './authority.ts'
import { type TrackId, trackKey } from './keys.ts'
import { compareOrder, type Order, orderOf } from './order.ts'
import type { Armed, Limits } from './parts.ts'
import { sign } from './sign.ts'

/** An event with the chain it was given to. Shared by every track that shows the event, so a move is seen by all. */
export interface Placed {
  readonly event: AgentEvent
  attribution: Attribution
}

/** What a fold knows after a step: detector states by slot, the authority, and how many steps there were. */
export interface Fold {
  readonly states: readonly unknown[]
  readonly authority: Authority
  readonly length: number
}

/** A sighting that absence made is held back until the watermark has passed `dueAt`. */
export interface Found {
  readonly finding: Finding
  readonly dueAt: Millis | null
}

export interface Entry {
  readonly order: Order
  readonly placed: Placed
  readonly link: Link | null
  /** Facts that only feed other chains; detectors do not see them. */
  readonly hidden: boolean
  after: Fold | null
  found: readonly Found[]
}

/** Steps sealed together: taking one from the front of a long window costs as much as taking many. */
const SEAL_AT_ONCE = 64

export type InsertResult = 'inserted' | 'duplicate' | 'too-late'

/** One chain or thread: its steps in event-time order above a sealed base, folded by the detectors that read its kind. */
export class Track {
  readonly id: TrackId
  readonly key: string
  readonly entries: Entry[] = []
  base: Fold
  /** Findings of steps that the base has swallowed, by id. */
  sealed = new Map<string, Found>()
  sealedUntil: Order | null = null
  faults: Coverage[] = []
  /** Sightings of a deadline that passed with no step after it. */
  #tail: { readonly fold: Fold; readonly found: readonly Found[] } | null = null
  readonly #armed: readonly Armed[]
  readonly #slots: readonly number[]
  readonly #timed: readonly number[]

  constructor(id: TrackId, armed: readonly Armed[]) {
    this.id = id
    this.key = trackKey(id)
    this.#armed = armed
    this.#slots = armed.flatMap(({ detector }, slot) => (detector.reads.includes(id.kind) ? [slot] : []))
    this.#timed = this.#slots.filter((slot) => armed[slot]?.detector.due !== undefined)
    this.base = { states: this.#freshStates(), authority: NO_AUTHORITY, length: 0 }
  }

  /** Puts a fact at its place in event time and folds what stands after it again. */
  insert(placed: Placed, limits: Limits, link: Link | null = null, hidden = false): InsertResult {
    const order = orderOf(placed.event, link !== null)
    if (this.sealedUntil !== null && compareOrder(order, this.sealedUntil) <= 0) return 'too-late'
    const at = this.#placeOf(order)
    const there = this.entries[at]
    if (
      there !== undefined &&
      compareOrder(there.order, order) === 0 &&
      there.placed.event.source === placed.event.source
    )
      return 'duplicate'
    this.entries.splice(at, 0, { order, placed, link, hidden, after: null, found: [] })
    this.refold(at)
    if (this.entries.length > limits.windowMin) this.#slide(limits)
    return 'inserted'
  }

  /** Puts in what another chain says, or replaces what it said before. True when that changed anything. */
  insertLink(placed: Placed, link: Link): boolean {
    const order = orderOf(placed.event, true)
    if (this.sealedUntil !== null && compareOrder(order, this.sealedUntil) <= 0) return false
    const at = this.#placeOf(order)
    const there = this.entries[at]
    const same = there !== undefined && there.link !== null && compareOrder(there.order, order) === 0
    if (same && JSON.stringify(there.link) === JSON.stringify(link)) return false
    this.entries.splice(at, same ? 1 : 0, { order, placed, link, hidden: false, after: null, found: [] })
    this.refold(at)
    return true
  }

  /** The earliest held-back sighting, or null. */
  pendingDue(watermark: Millis): Millis | null {
    let next: Millis | null = null
    for (const { found } of this.entries)
      for (const { dueAt } of found)
        if (dueAt !== null && dueAt > watermark && (next === null || dueAt < next)) next = dueAt
    return next
  }

  /** Takes a fact out again and folds what stood after it anew. False when it is not among the unsealed steps. */
  remove(event: AgentEvent): boolean {
    const at = this.indexOf(event)
    if (at < 0) return false
    this.entries.splice(at, 1)
    this.refold(at)
    return true
  }

  indexOf(event: AgentEvent): number {
    const order = orderOf(event)
    const at = this.#placeOf(order)
    const entry = this.entries[at]
    return entry !== undefined && compareOrder(entry.order, order) === 0 ? at : -1
  }

  /** Folds again from position `from` on. */
  refold(from: number): void {
    this.#tail = null
    let fold = this.entries[from - 1]?.after ?? this.base
    for (let i = from; i < this.entries.length; i += 1) {
      const entry = this.entries[i]
      if (entry === undefined) break
      fold = this.#foldEntry(fold, entry)
      entry.after = fold
    }
  }

  /** The fold after the last step. */
  last(): Fold {
    return this.entries.at(-1)?.after ?? this.base
  }

  /** Judges absence up to the watermark. True when something was sighted. */
  elapse(watermark: Millis): boolean {
    const due = this.nextDue()
    if (due === null || due > watermark) return false
    const found: Found[] = [...(this.#tail?.found ?? [])]
    const fold = this.#runTimers(this.#tail?.fold ?? this.last(), watermark + 1, found)
    this.#tail = { fold, found }
    return true
  }

  /** The earliest deadline any detector waits for, or null. */
  nextDue(): Millis | null {
    const { states } = this.#tail?.fold ?? this.last()
    let next: Millis | null = null
    for (const slot of this.#timed) {
      const due = this.#due(slot, states[slot])
      if (due !== null && (next === null || due < next)) next = due
    }
    return next
  }

  /** What stands now, by finding id; later sightings of one key replace earlier ones. */
  findings(watermark: Millis): Map<string, Finding> {
    const live = new Map<string, Finding>()
    const add = ({ finding, dueAt }: Found): void => {
      if (dueAt === null || dueAt <= watermark) live.set(finding.id, finding)
    }
    for (const found of this.sealed.values()) add(found)
    for (const entry of this.entries) if (entry.found.length > 0) entry.found.forEach(add)
    this.#tail?.found.forEach(add)
    return live
  }

  /** Seals every step up to `until` into the base: they can no longer be re-folded. */
  seal(count: number): void {
    const gone = this.entries.splice(0, count)
    for (const { found } of gone) for (const one of found) this.sealed.set(one.finding.id, one)
    const last = gone.at(-1)
    if (last?.after == null) return
    this.base = last.after
    this.sealedUntil = last.order
  }

  stepOf(entry: Entry, index: number): Step {
    const { event, attribution } = entry.placed
    const step: Step = { event, id: event.step_id ?? event.id, index, attribution }
    return entry.link === null ? step : { ...step, link: entry.link }
  }

  contextOf(authority: Authority): Context {
    return { track: this.id.kind, subject: this.id.subject, authority }
  }

  #slide({ windowMin, windowMax, latenessMs }: Limits): void {
    const horizon = (this.entries.at(-1)?.order.at ?? 0) - latenessMs
    const excess = this.entries.length - windowMin
    if (excess < windowMin / 4 && this.entries.length < windowMax) return
    let count = 0
    while (count < excess && (this.entries[count]?.order.at ?? Number.POSITIVE_INFINITY) < horizon) count += 1
    count = Math.max(count, this.entries.length - windowMax)
    if (count >= SEAL_AT_ONCE) this.seal(count)
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

  #foldEntry(before: Fold, entry: Entry): Fold {
    const found: Found[] = []
    const start = this.#timed.length === 0 ? before : this.#runTimers(before, entry.order.at, found)
    const step = this.stepOf(entry, start.length)
    let states = start.states
    if (!entry.hidden) {
      for (const slot of this.#slots) {
        const armed = this.#armed[slot]
        if (armed === undefined || !armed.detector.wants.includes(step.event.kind)) continue
        const state = this.#foldOne(armed, states[slot], step, start.authority, found)
        if (state === states[slot]) continue
        if (states === start.states) states = states.slice()
        ;(states as unknown[])[slot] = state
      }
    }
    entry.found = found
    const authority = this.id.kind === 'chain' && !entry.hidden ? foldAuthority(start.authority, step) : start.authority
    return { states, authority, length: entry.hidden || entry.link !== null ? start.length : start.length + 1 }
  }

  #foldOne({ detector, options }: Armed, state: unknown, step: Step, authority: Authority, found: Found[]): unknown {
    try {
      const verdict = detector.fold(state, step, options, this.contextOf(authority))
      for (const sighting of verdict.sightings) found.push(this.#sign(sighting, detector, null, step.event.at))
      return verdict.state
    } catch (error) {
      this.#fault(detector.id, step.event.at, error)
      return state
    }
  }

  #runTimers(fold: Fold, before: Millis, found: Found[]): Fold {
    let states = fold.states
    for (const slot of this.#timed) {
      const armed = this.#armed[slot]
      if (armed === undefined) continue
      for (let turn = 0; turn < 8; turn += 1) {
        const due = this.#due(slot, states[slot])
        if (due === null || due >= before) break
        const next = this.#elapseOne(armed, states[slot], due, fold.authority, found)
        if (next === states[slot]) break
        if (states === fold.states) states = states.slice()
        ;(states as unknown[])[slot] = next
      }
    }
    return states === fold.states ? fold : { ...fold, states }
  }

  #elapseOne({ detector, options }: Armed, state: unknown, due: Millis, authority: Authority, found: Found[]): unknown {
    if (detector.elapse === undefined) return state
    try {
      const verdict = detector.elapse(state, due, options, this.contextOf(authority))
      for (const sighting of verdict.sightings) found.push(this.#sign(sighting, detector, due, due))
      return verdict.state
    } catch (error) {
      this.#fault(detector.id, due, error)
      return state
    }
  }

  #due(slot: number, state: unknown): Millis | null {
    const armed = this.#armed[slot]
    try {
      return armed?.detector.due?.(state, armed.options) ?? null
    } catch (error) {
      this.#fault(armed?.detector.id ?? 'unknown', 0, error)
      return null
    }
  }

  #sign(sighting: Sighting, detector: Armed['detector'], dueAt: Millis | null, at: Millis): Found {
    return { finding: sign(sighting, detector, this.id, this.key, at), dueAt }
  }

  #fault(detector: string, at: Millis, error: unknown): void {
    if (this.faults.length >= 8) return
    const detail = `detector ${detector} threw: ${error instanceof Error ? error.message : String(error)}`
    const workflowId = this.id.kind === 'chain' ? this.id.subject : null
    this.faults.push({ tenant: this.id.tenant, at, workflowId, what: 'fault', detector, detail })
  }

  #freshStates(): readonly unknown[] {
    const mine = new Set(this.#slots)
    return this.#armed.map(({ detector }, slot) => (mine.has(slot) ? detector.init() : null))
  }
}
