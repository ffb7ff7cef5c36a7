import { recordKeyOf, topicOf } from '../../src/adapters/kafka/keys.ts'
import { createMemoryStore } from '../../src/adapters/memory/memory-store.ts'
import type { AgentEvent, AnyDetector } from '../../src/core/index.ts'
import { ownerKeyOf } from '../../src/engine/mail.ts'
import type { Limits } from '../../src/engine/parts.ts'
import {
  type ChainReader,
  type ChainStore,
  type Claim,
  type Claims,
  type Commit,
  type Fence,
  fenced,
  type ThreadRecord,
} from '../../src/ports/index.ts'
import { HOPS } from '../../src/runtime/watermarks.ts'
import { openPartition, type Partition } from '../../src/service/cluster/partition.ts'
import { Progress } from '../../src/service/cluster/progress.ts'

export type Store = ChainStore & ChainReader

/** Where a worker dies while it handles a batch, or falls asleep: then another takes its place, and it goes on later. */
export const CRASHES = [
  'before the store',
  'credentials alone',
  'half of the store',
  'after the store',
  'half of the facts',
  'before the commit',
  'asleep before the store',
  'asleep after the store',
] as const

export type Crash = (typeof CRASHES)[number]

/** On the arrival clock. */
const NOW = Date.parse('2026-11-20T12:00:00Z')
/** As many as hops that time may take, and some. */
const ROUNDS = HOPS + 3
/** Turns that a sleeper sleeps. */
const SLEEP = 6

/** The topics that are read, by what they hold. */
export const INPUTS = ['tools', 'credentials', 'oauth'] as const
const NAMES = {
  toolCallsTopic: 'tools',
  credentialsTopic: 'credentials',
  oauthTopic: 'oauth',
  threadsTopic: 'threads',
  alertsTopic: 'alerts',
  deadLettersTopic: 'dead-letters',
}

type TopicName = (typeof INPUTS)[number] | 'threads'

/** One thing that happens: a partition reads some records of a topic, or tells of time and judges absence; it may die of it. */
export interface Turn {
  readonly partition: number
  readonly from: TopicName | 'time'
  /** Records. */
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

const emptied = ({ sequence }: Commit): Commit => ({
  sequence,
  steps: [],
  links: [],
  edges: [],
  chains: [],
  findings: [],
  alerts: [],
  credentials: [],
  coverage: [],
  rejected: [],
  heartbeats: [],
})

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

/** Who owns a partition, as far as it knows. */
interface Worker {
  readonly partition: Partition
  readonly progress: Progress
}

export interface SimulatedParts {
  readonly detectors: readonly AnyDetector[]
  readonly partitions: number
  readonly limits?: Partial<Limits>
}

/**
 * A broker, a store and one worker a partition, all in memory and driven turn by turn, so that any interleaving and any
 * death can be had again from its seed.
 */
export class SimulatedCluster {
  readonly store: Store = createMemoryStore()
  readonly topics: Readonly<Record<TopicName, Topic<AgentEvent | ThreadRecord>>>
  readonly alerts = new Set<string>()
  readonly #parts: SimulatedParts
  readonly #count: number
  readonly #workers = new Map<number, Promise<Worker>>()
  readonly #claims = new Map<number, Claim>()
  readonly #sleepers = new Set<Sleeper>()
  /** What sleepers still do when they woke. */
  readonly #late: Promise<unknown>[] = []
  #turns = 0
  #now = NOW
  #crash: Crash | null = null
  #onSleep: () => void = () => undefined

  constructor(parts: SimulatedParts) {
    this.#parts = parts
    this.#count = parts.partitions
    const topic = (): Topic<AgentEvent | ThreadRecord> => new Topic(this.#count)
    this.topics = { tools: topic(), credentials: topic(), oauth: topic(), threads: topic() }
  }

  produce(events: readonly AgentEvent[]): void {
    for (const event of events)
      this.topics[topicOf(event.kind, NAMES) as TopicName].put(partitionOf(recordKeyOf(event), this.#count), event)
  }

  async take({ partition, from, count, crash }: Turn): Promise<void> {
    const at = partition % this.#count
    const topic = from === 'time' ? null : this.topics[from].partitions[at]
    if (topic === undefined || (topic !== null && topic.committed >= topic.records.length)) return
    const batch = topic === null ? [] : topic.records.slice(topic.committed, topic.committed + count)
    await this.#wake(this.#turns)
    this.#turns += 1
    const worker = await this.#worker(at)
    const asleep = new Promise<'asleep'>((done) => {
      this.#onSleep = () => done('asleep')
    })
    this.#crash = crash
    const work = from === 'time' ? this.#tick(worker) : this.#read(worker, from, batch, topic?.committed ?? 0)
    try {
      const read = await Promise.race([work, asleep])
      if (read === 'asleep') {
        this.#late.push(work.catch(() => undefined))
        this.#workers.delete(at)
      } else if (topic !== null) topic.committed += read
    } catch (error) {
      if (!(error instanceof Died)) throw error
      this.#workers.delete(at)
    } finally {
      this.#crash = null
    }
  }

  /** Reads a batch as a consumer does; one of an input that is far ahead of the others is left for later. */
  async #read(
    { partition, progress }: Worker,
    from: TopicName,
    batch: readonly (AgentEvent | ThreadRecord)[],
    offset: number,
  ): Promise<number> {
    const number = partition.claim.partition
    this.#learnOffsets(number, progress)
    const { latenessMs } = partition.engine.limits
    if (from === 'threads') await partition.hear(batch as ThreadRecord[])
    else {
      if (progress.isAhead(from, INPUTS, number, latenessMs)) return 0
      const events = batch as AgentEvent[]
      await partition.ingest(events.map((event) => ({ ok: true, event, origin: { file: from, line: 1 } })))
      progress.read(from, number, String(offset + batch.length - 1), Math.max(...events.map(({ at }) => at)))
    }
    this.#dieAt('before the commit')
    return batch.length
  }

  /** Tells the others how far this partition is, and judges absence. */
  async #tick({ partition, progress }: Worker): Promise<number> {
    const { partition: from, epoch } = partition.claim
    this.#learnOffsets(from, progress)
    const time = partition.notice(INPUTS.map((topic) => progress.input(topic, from, 0)))
    for (let to = 0; to < this.#count; to += 1) this.topics.threads.put(to, { from, epoch, time })
    await partition.tick(this.#now)
    return 0
  }

  #learnOffsets(partition: number, progress: Progress): void {
    for (const name of INPUTS) {
      const { committed, records } = this.topics[name].partitions[partition] ?? { committed: 0, records: [] }
      progress.told(name, partition, BigInt(committed), BigInt(records.length))
    }
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

  /** Reads everything there is, then lets time go on until nothing more comes of it. */
  async drain(untilIdleMs: number): Promise<void> {
    await this.#readAll()
    await this.#wake(Number.POSITIVE_INFINITY)
    await this.#settle()
    this.#now += untilIdleMs
    await this.#settle()
  }

  /** Notices of time go round often enough for everybody to know what everybody knows. */
  async #settle(): Promise<void> {
    for (let rounds = 0; rounds < ROUNDS; rounds += 1) {
      for (let partition = 0; partition < this.#count; partition += 1)
        await this.take({ partition, from: 'time', count: 0, crash: null })
      await this.#readAll()
    }
  }

  async #readAll(): Promise<void> {
    const names = [...INPUTS, 'threads'] as const
    while (!names.every((name) => this.topics[name].isRead))
      for (let partition = 0; partition < this.#count; partition += 1)
        for (const from of names) await this.take({ partition, from, count: 3, crash: null })
  }

  #worker(partition: number): Promise<Worker> {
    let worker = this.#workers.get(partition)
    if (worker === undefined) {
      worker = this.#start(partition).then((opened) => ({ partition: opened, progress: new Progress(() => this.#now) }))
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
      store: { ...this.store, save: (commit, fence) => this.#save(commit, fence) },
      claims,
      engineParts: { detectors: this.#parts.detectors, limits: this.#parts.limits ?? {} },
      pipelineParts: { clock: () => NOW, maxBatch: 1_000, rawOf: () => null },
      post: (commit, claim) => this.#post(commit, claim),
    })
  }

  async #save(commit: Commit, fence?: Fence): Promise<void> {
    await fence?.pass()
    this.#dieAt('before the store')
    await this.#sleepAt('asleep before the store')
    // As the store itself judges a write when it comes there.
    const claim = fence?.claim
    if (claim !== undefined && this.#claims.get(claim.partition) !== claim) throw fenced(claim.partition)
    if (this.#crash === 'half of the store')
      await this.store.save({ ...commit, findings: [], alerts: [], chains: [], checkpoints: [] })
    if (this.#crash === 'credentials alone')
      await this.store.save({ ...emptied(commit), credentials: commit.credentials })
    this.#dieAt('credentials alone')
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
      this.topics.threads.put(partitionOf(address, this.#count), JSON.parse(JSON.stringify(record)) as ThreadRecord)
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
