import type { AgentEvent, Alert, Millis } from '../core/index.ts'
import type { Engine } from '../engine/engine.ts'
import {
  type Arrival,
  type ChainStore,
  type Commit,
  type Delivery,
  type Fact,
  type Need,
  type RejectedRow,
  type Trace,
  untraced,
} from '../ports/index.ts'
import { type Batches, type Brought, createBatches } from './batches.ts'
import { type RejectedParts, rejectedRow } from './rejected-row.ts'
import type { Telling } from './route.ts'

export interface PipelineParts extends RejectedParts {
  readonly engine: Engine
  /** Without `load` nothing is asked for again: what leaves the engine's memory is gone. */
  readonly store: Pick<ChainStore, 'save'> & Partial<Pick<ChainStore, 'load' | 'resume'>>
  /** Events folded before a commit is saved. */
  readonly maxBatch: number
  /** How long a small batch waits for more, in milliseconds. Default 0: no longer than the commit before it takes. */
  readonly lingerMs?: number
  /** Told how long folding and saving took, in seconds, and how many events they were for. */
  readonly onBatch?: (took: { readonly events: number; readonly foldS: number; readonly storeS: number }) => void
  /** Where alerts are to be sent; nowhere when left out. */
  readonly deliveriesOf?: (alerts: readonly Alert[], telling: Telling) => readonly Delivery[]
  /** Told of the folding of each batch. */
  readonly trace?: Trace
  /** Told at start what an earlier process left open, before anything of it changes. */
  readonly onResume?: (open: readonly Need[]) => void
}

export type Verdict = 'accepted' | 'duplicate' | 'rejected'

export interface PipelineCounts {
  readonly events: number
  readonly duplicates: number
  readonly rejected: number
}

/**
 * Reads, folds, saves; one writer. What `ingest` resolved for is stored. While a commit cannot be saved nothing more is
 * folded: callers get the store's error, and the commit is tried again, whole, before anything else.
 */
export interface Pipeline {
  /** Goes on where an earlier process stopped: brings back what was open. Call it first, once. */
  start(): Promise<void>
  /** Folds records in order and saves what they changed. Resolves, with a verdict for each, when the store has it. */
  ingest(arrivals: readonly Arrival[]): Promise<readonly Verdict[]>
  /** Takes in what the owners of other chains and threads tell, in order. Resolves when the store has what that changed. */
  receive(facts: readonly Fact[]): Promise<void>
  /** Moves the watermark on at the end of input, and saves what that changed. */
  finish(until?: Millis): Promise<void>
  /** While nothing comes, event time goes on with the arrival clock, so that absence is judged. */
  tick(): Promise<void>
  /** Records that wait to be folded. */
  readonly queued: number
  readonly counts: PipelineCounts
  onCommit(listener: (commit: Commit) => void): () => void
  /** Waits for everything accepted to be stored. */
  close(): Promise<void>
}

/** Needs brought back in one question to the store. */
const NEEDS_AT_ONCE = 2_000

/** A pipeline with nothing folded. Call `start` before anything else when the store may hold something. */
export const createPipeline = (parts: PipelineParts): Pipeline => new SingleWriter(parts)

class SingleWriter implements Pipeline {
  readonly counts = { events: 0, duplicates: 0, rejected: 0 }
  readonly #parts: PipelineParts
  readonly #engine: Engine
  readonly #batches: Batches
  readonly #listeners = new Set<(commit: Commit) => void>()
  #unsaved: Commit | null = null
  #rejected: RejectedRow[] = []
  #lastArrivedAt: Millis | null = null

  constructor(parts: PipelineParts) {
    this.#parts = parts
    this.#engine = parts.engine
    const { maxBatch, lingerMs = 0 } = parts
    this.#batches = createBatches({ take: (brought) => this.#take(brought), maxBatch, lingerMs })
  }

  get queued(): number {
    return this.#batches.queued
  }

  start(): Promise<void> {
    return this.#batches.alone(async () => {
      const resume = await this.#parts.store.resume?.()
      if (resume === undefined) return
      this.#parts.onResume?.(resume.open)
      this.#engine.resume(resume)
      await this.#bring(await this.#bring(resume.open))
      await this.#save()
    })
  }

  ingest(arrivals: readonly Arrival[]): Promise<readonly Verdict[]> {
    return this.#batches.bring({ arrivals, facts: [] })
  }

  async receive(facts: readonly Fact[]): Promise<void> {
    await this.#batches.bring({ arrivals: [], facts })
  }

  finish(until?: Millis): Promise<void> {
    return this.#batches.alone(() => this.#advance(until))
  }

  tick(): Promise<void> {
    return this.#batches.alone(() => {
      const now = this.#parts.clock()
      this.#lastArrivedAt ??= now
      return this.#advance(this.#engine.maxAt + now - this.#lastArrivedAt - this.#engine.limits.latenessMs)
    })
  }

  onCommit(listener: (commit: Commit) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  close(): Promise<void> {
    return this.#batches.alone(() => this.#flush())
  }

  async #take({ arrivals, facts }: Brought): Promise<readonly Verdict[]> {
    await this.#flush()
    const began = performance.now()
    const { trace = untraced } = this.#parts
    const attributes = { 'catenary.records': arrivals.length, 'catenary.facts': facts.length }
    const verdicts = await trace.span({ name: 'fold', attributes }, async () => {
      await this.#receive(facts)
      return this.#read(arrivals)
    })
    const folded = performance.now()
    await this.#save()
    const foldS = (folded - began) / 1_000
    if (arrivals.length > 0)
      this.#parts.onBatch?.({ events: arrivals.length, foldS, storeS: (performance.now() - folded) / 1_000 })
    return verdicts
  }

  async #receive(facts: readonly Fact[]): Promise<void> {
    if (facts.length === 0) return
    await this.#bringAll(() => this.#engine.needsOf(facts))
    for (const fact of facts) {
      if (this.#engine.needsOf([fact]).length > 0) await this.#bringAll(() => this.#engine.needsOf([fact]))
      this.#engine.receive(fact)
    }
  }

  async #read(arrivals: readonly Arrival[]): Promise<readonly Verdict[]> {
    if (arrivals.length === 0) return []
    await this.#bringAll(() => this.#engine.needs(eventsOf(arrivals)))
    const verdicts: Verdict[] = []
    for (const [i, arrival] of arrivals.entries()) {
      // What an event needs may only show when the one before it is folded; those after it are asked for with it.
      if (arrival.ok && this.#engine.needs([arrival.event]).length > 0)
        await this.#bringAll(() => this.#engine.needs(eventsOf(arrivals.slice(i))))
      verdicts.push(arrival.ok ? this.#accept(arrival) : this.#refuse(arrival))
    }
    this.#lastArrivedAt = this.#parts.clock()
    return verdicts
  }

  #accept({ event, origin }: Extract<Arrival, { ok: true }>): Verdict {
    const verdict = this.#engine.accept(event, { origin, arrivedAt: this.#parts.clock() })
    if (verdict === 'accepted') this.counts.events += 1
    else this.counts.duplicates += 1
    return verdict
  }

  #refuse(arrival: Extract<Arrival, { ok: false }>): Verdict {
    this.#rejected.push(rejectedRow(arrival, this.#parts))
    this.counts.rejected += 1
    return 'rejected'
  }

  async #advance(until: Millis | undefined): Promise<void> {
    await this.#flush()
    this.#engine.finish(until)
    await this.#save()
  }

  async #save(): Promise<void> {
    await this.#bringAll(() => this.#engine.settle())
    const drained = this.#engine.drain()
    const telling = { sequence: drained.sequence, at: this.#parts.clock() }
    const deliveries = this.#parts.deliveriesOf?.(drained.alerts, telling) ?? []
    const commit = { ...drained, rejected: this.#rejected, deliveries }
    this.#rejected = []
    if (isEmpty(commit)) return
    this.#unsaved = commit
    await this.#flush()
  }

  async #flush(): Promise<void> {
    if (this.#unsaved === null) return
    const commit = this.#unsaved
    await this.#parts.store.save(commit)
    this.#unsaved = null
    for (const listener of this.#listeners) listener(commit)
  }

  async #bringAll(ask: () => readonly Need[]): Promise<void> {
    for (let needs = ask(); needs.length > 0; needs = ask()) await this.#bring(needs)
  }

  async #bring(needs: readonly Need[]): Promise<readonly Need[]> {
    const { store } = this.#parts
    const more: Need[] = []
    for (let at = 0; at < needs.length && store.load !== undefined; at += NEEDS_AT_ONCE) {
      const asked = needs.slice(at, at + NEEDS_AT_ONCE)
      more.push(...this.#engine.restore(asked, await store.load(asked, this.#engine.readers)))
    }
    return more
  }
}

const eventsOf = (arrivals: readonly Arrival[]): readonly AgentEvent[] =>
  arrivals.flatMap((arrival) => (arrival.ok ? [arrival.event] : []))

const isEmpty = ({ sequence: _sequence, ...rows }: Commit): boolean =>
  Object.values(rows).every((list: readonly unknown[]) => list.length === 0)
