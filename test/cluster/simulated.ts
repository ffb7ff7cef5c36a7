import { createMemoryStore } from '../../src/adapters/memory/memory-store.ts'
import type { AgentEvent, AnyDetector } from '../../src/core/index.ts'
import { ownerKeyOf } from '../../src/engine/mail.ts'
import type { ChainReader, ChainStore, Claim, Claims, Commit, Guard, ThreadRecord } from '../../src/ports/index.ts'
import { openPartition, type Partition } from '../../src/service/cluster/partition.ts'
import { START } from '../kit/events.ts'

export type Store = ChainStore & ChainReader

/** Where a worker dies while it handles a batch, or falls asleep: then another takes its place, and it goes on later. */
export const CRASHES = [
  'before the store',
  'half of the store',
  'after the store',
  'half of the facts',
  'before the commit',
  'asleep before the store',
  'asleep after the store',
] as const

export type Crash = (typeof CRASHES)[number]

/** Turns that a sleeper sleeps. */
const SLEEP = 6

/** One thing that happens: a partition reads some records of its input or its threads, or judges absence, and may die of it. */
export interface Turn {
  readonly partition: number
  readonly from: 'input' | 'threads' | 'time'
  /** Records, or minutes. */
  readonly count: number
  readonly crash: Crash | null
}

class Died extends Error {}

interface Sleeper {
  readonly until: number
  wake(): void
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
  readonly threads: Topic<ThreadRecord>
  readonly alerts = new Set<string>()
  readonly #detectors: readonly AnyDetector[]
  readonly #count: number
  readonly #workers = new Map<number, Promise<Partition>>()
  readonly #claims = new Map<number, Claim>()
  readonly #sleepers = new Set<Sleeper>()
  /** What sleepers still do when they woke. */
  readonly #late: Promise<unknown>[] = []
  #turns = 0
  #crash: Crash | null = null
  #onSleep: () => void = () => undefined

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
    const topic = from === 'time' ? null : this[from].partitions[at]
    if (topic === undefined || (topic !== null && topic.committed >= topic.records.length)) return
    const batch = topic === null ? count : topic.records.slice(topic.committed, topic.committed + count)
    await this.#wake(this.#turns)
    this.#turns += 1
    const worker = await this.#worker(at)
    const asleep = new Promise<'asleep'>((done) => {
      this.#onSleep = () => done('asleep')
    })
    this.#crash = crash
    const work = this.#handle(worker, from, batch)
    try {
      if ((await Promise.race([work, asleep])) === 'asleep') {
        this.#late.push(work.catch(() => undefined))
        this.#workers.delete(at)
      } else if (topic !== null) topic.committed += (batch as readonly unknown[]).length
    } catch (error) {
      if (!(error instanceof Died)) throw error
      this.#workers.delete(at)
    } finally {
      this.#crash = null
    }
  }

  async #handle(
    worker: Partition,
    from: Turn['from'],
    batch: number | readonly (AgentEvent | ThreadRecord)[],
  ): Promise<void> {
    if (from === 'time') await worker.pipeline.finish(START + (batch as number) * 60_000)
    else if (from === 'threads') await worker.hear(batch as ThreadRecord[])
    else
      await worker.ingest(
        (batch as AgentEvent[]).map((event) => ({ ok: true, event, origin: { file: 'input', line: 1 } })),
      )
    this.#dieAt('before the commit')
  }

  /** Lets those go on who slept for long enough, and waits for what comes of it. */
  async #wake(turn: number): Promise<void> {
    for (const sleeper of this.#sleepers) {
      if (sleeper.until > turn) continue
      this.#sleepers.delete(sleeper)
      sleeper.wake()
    }
    if (this.#sleepers.size === 0) await Promise.all(this.#late.splice(0))
  }

  /** Reads everything there is, then moves every watermark to one time, until nothing more comes of it. */
  async drain(until: number): Promise<void> {
    await this.#readAll()
    await this.#wake(Number.POSITIVE_INFINITY)
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

  #worker(partition: number): Promise<Partition> {
    let worker = this.#workers.get(partition)
    if (worker === undefined) {
      worker = this.#start(partition)
      this.#workers.set(partition, worker)
    }
    return worker
  }

  #start(number: number): Promise<Partition> {
    const claims: Claims = {
      claim: async (partition, owner) => {
        const claim = { partition, epoch: (this.#claims.get(partition)?.epoch ?? 0) + 1, owner }
        this.#claims.set(partition, claim)
        return claim
      },
      holds: async (claim) => this.#claims.get(claim.partition) === claim,
    }
    return openPartition({
      number,
      count: this.#count,
      partitionOf: (key) => partitionOf(key, this.#count),
      owner: 'test',
      store: { ...this.store, save: (commit, guard) => this.#save(commit, guard) },
      claims,
      engineParts: { detectors: this.#detectors },
      pipelineParts: { clock: () => Date.parse('2026-11-20T12:00:00Z'), maxBatch: 1_000, rawOf: () => null },
      post: (commit, claim) => this.#post(commit, claim),
    })
  }

  async #save(commit: Commit, guard?: Guard): Promise<void> {
    await guard?.()
    this.#dieAt('before the store')
    await this.#sleepAt('asleep before the store')
    if (this.#crash === 'half of the store')
      await this.store.save({ ...commit, findings: [], alerts: [], credentials: [], chains: [] })
    this.#dieAt('half of the store')
    await this.store.save(commit)
    this.#dieAt('after the store')
    await this.#sleepAt('asleep after the store')
  }

  async #post({ facts = [], alerts, retold = [] }: Commit, { partition: from, epoch }: Claim): Promise<void> {
    // Those for one address go together.
    const addresses = [...new Set(facts.map(({ to }) => ownerKeyOf(to)))]
    const sent = this.#crash === 'half of the facts' ? addresses.slice(0, addresses.length >> 1) : addresses
    for (const address of sent) {
      const record: ThreadRecord = { from, epoch, facts: facts.filter(({ to }) => ownerKeyOf(to) === address) }
      // What crosses a process is text.
      this.threads.put(partitionOf(address, this.#count), JSON.parse(JSON.stringify(record)) as ThreadRecord)
    }
    this.#dieAt('half of the facts')
    for (const { id, revision } of [...alerts, ...retold]) this.alerts.add(`${id} ${revision}`)
  }

  /** Sleeps until some turns went by, if that is what is to happen here. */
  async #sleepAt(crash: Crash): Promise<void> {
    if (this.#crash !== crash) return
    this.#crash = null
    await new Promise<void>((wake) => {
      this.#sleepers.add({ until: this.#turns + SLEEP, wake })
      this.#onSleep()
    })
  }

  #dieAt(crash: Crash): void {
    if (this.#crash !== crash) return
    this.#crash = null
    throw new Died()
  }
}
