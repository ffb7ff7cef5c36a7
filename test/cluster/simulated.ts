import { createMemoryStore } from '../../src/adapters/memory/memory-store.ts'
import type { AgentEvent, AnyDetector } from '../../src/core/index.ts'
import { createEngine, type Engine } from '../../src/engine/engine.ts'
import { type Owns, ownerKeyOf } from '../../src/engine/mail.ts'
import type { ChainReader, ChainStore, Commit, Fact } from '../../src/ports/index.ts'
import { partitionStore } from '../../src/runtime/partition-store.ts'
import { createPipeline, type Pipeline } from '../../src/runtime/pipeline.ts'

export type Store = ChainStore & ChainReader

/** Where a worker dies while it handles a batch. */
export type Crash =
  | 'before the store'
  | 'half of the store'
  | 'after the store'
  | 'half of the facts'
  | 'before the commit'

export const CRASHES: readonly Crash[] = [
  'before the store',
  'half of the store',
  'after the store',
  'half of the facts',
  'before the commit',
]

/** One thing that happens: a partition reads some records of its input or its threads, and may die of it. */
export interface Turn {
  readonly partition: number
  readonly from: 'input' | 'threads'
  readonly count: number
  readonly crash: Crash | null
}

class Died extends Error {}

interface Worker {
  readonly engine: Engine
  readonly pipeline: Pipeline
}

/** Enough for tests: text to a partition number. */
const partitionOf = (key: string, count: number): number => {
  let hash = 7
  for (const char of key) hash = (hash * 31 + (char.codePointAt(0) ?? 0)) % 1_000_003
  return hash % count
}

const inputKeyOf = (event: AgentEvent): string => {
  const named =
    event.workflow_id ??
    (event.kind === 'credential' ? event.credential.id : event.kind === 'oauth' ? event.oauth.client_id : event.id)
  return `${event.tenant}/${named}`
}

/** A topic of so many partitions, each a list of records and how far its owner has committed. */
class Topic<T> {
  readonly partitions: { records: T[]; committed: number }[]

  constructor(count: number) {
    this.partitions = Array.from({ length: count }, () => ({ records: [], committed: 0 }))
  }

  get isRead(): boolean {
    return this.partitions.every(({ records, committed }) => committed >= records.length)
  }

  put(partition: number, record: T): void {
    this.partitions[partition]?.records.push(record)
  }
}

/**
 * A broker, a store and one worker a partition, all in memory and driven turn by turn, so that any interleaving and any
 * death can be had again from its seed.
 */
export class SimulatedCluster {
  readonly store: Store = createMemoryStore()
  readonly input: Topic<AgentEvent>
  readonly threads: Topic<Fact>
  readonly alerts = new Set<string>()
  readonly #detectors: readonly AnyDetector[]
  readonly #count: number
  readonly #workers = new Map<number, Promise<Worker>>()
  #crash: Crash | null = null

  constructor(detectors: readonly AnyDetector[], count: number) {
    this.#detectors = detectors
    this.#count = count
    this.input = new Topic(count)
    this.threads = new Topic(count)
  }

  produce(events: readonly AgentEvent[]): void {
    for (const event of events) this.input.put(partitionOf(inputKeyOf(event), this.#count), event)
  }

  async take({ partition, from, count, crash }: Turn): Promise<void> {
    const at = partition % this.#count
    const topic = this[from].partitions[at]
    if (topic === undefined || topic.committed >= topic.records.length) return
    const batch = topic.records.slice(topic.committed, topic.committed + count)
    try {
      const { pipeline } = await this.#worker(at)
      this.#crash = crash
      if (from === 'threads') await pipeline.receive(batch as Fact[])
      else
        await pipeline.ingest(
          (batch as AgentEvent[]).map((event) => ({ ok: true, event, origin: { file: 'input', line: 1 } })),
        )
      this.#dieAt('before the commit')
      topic.committed += batch.length
    } catch (error) {
      if (!(error instanceof Died)) throw error
      this.#workers.delete(at)
    } finally {
      this.#crash = null
    }
  }

  /** Reads everything there is, then moves every watermark to one time, until nothing more comes of it. */
  async drain(until: number): Promise<void> {
    await this.#readAll()
    for (let rounds = 0; rounds < 3; rounds += 1) {
      for (let partition = 0; partition < this.#count; partition += 1)
        await (await this.#worker(partition)).pipeline.finish(until)
      await this.#readAll()
    }
  }

  async #readAll(): Promise<void> {
    while (!this.input.isRead || !this.threads.isRead)
      for (let partition = 0; partition < this.#count; partition += 1)
        for (const from of ['input', 'threads'] as const) await this.take({ partition, from, count: 3, crash: null })
  }

  #worker(partition: number): Promise<Worker> {
    let worker = this.#workers.get(partition)
    if (worker === undefined) {
      worker = this.#start(partition)
      this.#workers.set(partition, worker)
    }
    return worker
  }

  async #start(partition: number): Promise<Worker> {
    const owns: Owns = (address) => partitionOf(ownerKeyOf(address), this.#count) === partition
    const engine = createEngine({ detectors: this.#detectors, isBacked: true, owns })
    const store = partitionStore({
      store: { ...this.store, save: (commit) => this.#save(commit) },
      part: { number: partition, count: this.#count },
      owns,
      post: (commit) => this.#post(commit),
    })
    const clock = (): number => Date.parse('2026-11-20T12:00:00Z')
    const pipeline = createPipeline({ engine, store, clock, maxBatch: 1_000, rawOf: () => null })
    await pipeline.start()
    return { engine, pipeline }
  }

  async #save(commit: Commit): Promise<void> {
    this.#dieAt('before the store')
    if (this.#crash === 'half of the store')
      await this.store.save({ ...commit, findings: [], alerts: [], credentials: [], chains: [] })
    this.#dieAt('half of the store')
    await this.store.save(commit)
    this.#dieAt('after the store')
  }

  async #post({ facts = [], alerts, retold = [] }: Commit): Promise<void> {
    // Those for one address go together.
    const addresses = [...new Set(facts.map(({ to }) => ownerKeyOf(to)))]
    const sent = addresses.flatMap((address) => facts.filter(({ to }) => ownerKeyOf(to) === address))
    const half = this.#crash === 'half of the facts' ? sent.slice(0, sent.length >> 1) : sent
    // What crosses a process is text.
    for (const fact of half)
      this.threads.put(partitionOf(ownerKeyOf(fact.to), this.#count), JSON.parse(JSON.stringify(fact)) as Fact)
    this.#dieAt('half of the facts')
    for (const { id, revision } of [...alerts, ...retold]) this.alerts.add(`${id} ${revision}`)
  }

  #dieAt(crash: Crash): void {
    if (this.#crash !== crash) return
    this.#crash = null
    throw new Died()
  }
}
