import { createEngine, type Engine } from '../../engine/engine.ts'
import { ownerKeyOf } from '../../engine/mail.ts'
import type { EngineParts } from '../../engine/parts.ts'
import {
  type Arrival,
  type ChainStore,
  type Claim,
  type Claims,
  type Commit,
  type Fence,
  fenced,
  type ThreadRecord,
  type TimeNotice,
} from '../../ports/index.ts'
import { partitionStore } from '../../runtime/partition-store.ts'
import { createPipeline, type Pipeline, type PipelineParts, type Verdict } from '../../runtime/pipeline.ts'
import { type InputProgress, Watermarks } from '../../runtime/watermarks.ts'

export interface PartitionParts {
  readonly number: number
  /** How many partitions there are. */
  readonly count: number
  /** The partition of a key. */
  readonly partitionOf: (key: string) => number
  /** This process, by a name that no other has. */
  readonly owner: string
  readonly store: ChainStore
  readonly claims: Claims
  readonly engineParts: EngineParts
  readonly pipelineParts: Pick<
    PipelineParts,
    'clock' | 'maxBatch' | 'rawOf' | 'onBatch' | 'onResume' | 'trace' | 'deliveriesOf'
  >
  /** Sends what a commit has for others; `epoch` tells this owner from those before. */
  readonly post: (commit: Commit, claim: Claim) => Promise<void>
}

/** A partition number of all topics, folded here while the claim holds. */
export interface Partition {
  readonly claim: Claim
  readonly engine: Engine
  readonly pipeline: Pipeline
  /** It was taken from this process: what is still under way is not saved. */
  drop(): void
  ingest(arrivals: readonly Arrival[]): Promise<readonly Verdict[]>
  hear(records: readonly ThreadRecord[]): Promise<void>
  /** What to tell the others of time, once what was read is stored and sent. */
  notice(inputs: readonly InputProgress[]): TimeNotice
  /** Judges absence as far as may be. `now`: milliseconds on the arrival clock. */
  tick(now: number): Promise<void>
}

/**
 * Takes a partition over: claims it, so that the owner before saves nothing more, and brings back what was open. Throws what
 * the store throws; `save` throws `CAT_FENCED` once another has claimed it.
 */
export async function openPartition(parts: PartitionParts): Promise<Partition> {
  const { number, count, claims } = parts
  const claim = await claims.claim(number, parts.owner)
  const owns = (address: Parameters<typeof ownerKeyOf>[0]): boolean => parts.partitionOf(ownerKeyOf(address)) === number
  const engine = createEngine({ ...parts.engineParts, isBacked: true, owns })
  const fence = fenceOf(claims, claim)
  const store = {
    ...parts.store,
    save: (commit: Commit): Promise<void> => parts.store.save(commit, fence),
  }
  const post = async (commit: Commit): Promise<void> => {
    await parts.post(commit, claim)
    if ((commit.facts ?? []).length > 0) await fence.look()
  }
  const pipeline = createPipeline({
    ...parts.pipelineParts,
    engine,
    store: partitionStore({ store, part: { number, count }, owns, epoch: claim.epoch, post }),
  })
  await pipeline.start()
  return new OpenPartition(
    { claim, engine, pipeline, drop: fence.close },
    new Watermarks(number, count, engine.limits.latenessMs, engine.maxAt),
  )
}

interface OwnFence extends Fence {
  /**
   * Whether the claim holds now: asked when facts were sent. Where another has claimed the partition before they were, those who
   * have heard of it do not take them; then they must not count as sent.
   */
  look(): Promise<void>
  close(): void
}

/** Lets a write pass until the partition is taken from this process; whether the claim holds then, the store itself sees to. */
function fenceOf(claims: Claims, claim: Claim): OwnFence {
  let isClosed = false
  return {
    claim,
    async pass() {
      if (isClosed) throw fenced(claim.partition)
    },
    async look() {
      if (isClosed || !(await claims.holds(claim))) throw fenced(claim.partition)
    },
    close() {
      isClosed = true
    },
  }
}

class OpenPartition implements Partition {
  readonly claim: Claim
  readonly engine: Engine
  readonly pipeline: Pipeline
  readonly drop: () => void
  readonly #watermarks: Watermarks
  /** The latest owner heard of each partition: what earlier ones still say is not heard. */
  readonly #epochs = new Map<number, number>()
  #idleSince: number | null = null

  constructor(parts: Pick<Partition, 'claim' | 'engine' | 'pipeline' | 'drop'>, watermarks: Watermarks) {
    this.claim = parts.claim
    this.engine = parts.engine
    this.pipeline = parts.pipeline
    this.drop = parts.drop
    this.#watermarks = watermarks
  }

  ingest(arrivals: readonly Arrival[]): Promise<readonly Verdict[]> {
    return this.pipeline.ingest(arrivals)
  }

  async hear(records: readonly ThreadRecord[]): Promise<void> {
    const heard = records.filter(({ from, epoch }) => {
      const last = this.#epochs.get(from) ?? 0
      if (epoch > last) this.#epochs.set(from, epoch)
      return epoch >= last
    })
    const facts = heard.flatMap((record) => record.facts ?? [])
    if (facts.length > 0) await this.pipeline.receive(facts)
    for (const { time } of heard) if (time !== undefined) this.#watermarks.hear(time)
  }

  notice(inputs: readonly InputProgress[]): TimeNotice {
    return this.#watermarks.notice(inputs)
  }

  async tick(now: number): Promise<void> {
    this.#idleSince = this.#watermarks.isIdle ? (this.#idleSince ?? now) : null
    const until = this.#watermarks.judge(this.#idleSince === null ? 0 : now - this.#idleSince)
    if (until > this.engine.watermark) await this.pipeline.finish(until)
  }
}
