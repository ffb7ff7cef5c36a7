import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from 'pino'
import { backOff, CatenaryError } from '../../core/index.ts'
import { isFenced } from '../../ports/index.ts'
import type { Partition } from './partition.ts'

const PAUSES = { firstMs: 100, mostMs: 5_000 }

/** One opening of a partition: under way, or open. */
interface Opening {
  readonly partition: Promise<Partition>
  open: Partition | null
}

/** The partitions that are folded in this process, opened as they are given and dropped as they are taken. */
export class Partitions {
  readonly #open: (number: number) => Promise<Partition>
  readonly #logger: Logger
  readonly #openings = new Map<number, Opening>()
  #given: readonly number[] = []

  constructor(open: (number: number) => Promise<Partition>, logger: Logger) {
    this.#open = open
    this.#logger = logger
  }

  get numbers(): readonly number[] {
    return this.#given
  }

  get ready(): readonly Partition[] {
    return [...this.#openings.values()].flatMap(({ open }) => open ?? [])
  }

  /** Drops what was taken; what was given is opened by the first work on it. */
  give(numbers: readonly number[]): void {
    this.#given = numbers
    for (const [number, opening] of this.#openings) if (!numbers.includes(number)) this.#drop(number, opening)
  }

  /** Lets go of a partition that another process has claimed; it is opened anew by the next work on it. */
  lose(partition: Partition): void {
    for (const [number, opening] of this.#openings) if (opening.open === partition) this.#drop(number, opening)
  }

  /** The opening of a partition that this process was given; one that failed is begun anew when asked again. */
  #opening(number: number): Opening {
    const there = this.#openings.get(number)
    if (there !== undefined) return there
    const opening: Opening = { partition: this.#begin(number), open: null }
    this.#openings.set(number, opening)
    opening.partition.then(
      (partition) => {
        opening.open = partition
        if (this.#openings.get(number) !== opening) partition.drop()
      },
      () => this.#drop(number, opening),
    )
    return opening
  }

  /** Lets go of one opening. Another that took its place meanwhile stays. */
  #drop(number: number, opening: Opening): void {
    if (this.#openings.get(number) === opening) this.#openings.delete(number)
    opening.open?.drop()
  }

  async #begin(number: number): Promise<Partition> {
    const began = performance.now()
    const partition = await this.#open(number)
    const { chains, threads } = partition.engine.counts
    this.#logger.info(
      { partition: number, epoch: partition.claim.epoch, chains, threads, ms: Math.round(performance.now() - began) },
      'partition taken over',
    )
    return partition
  }

  /**
   * Works on a partition until it is done, as long as the partition is this process's: a store that is away is waited for, and
   * one that another has claimed meanwhile is opened anew. Null: it is no longer ours. Once `lost` says so, nothing is waited
   * for: the group is held up by it, and would throw this process out. The opening goes on, should the partition stay here.
   */
  async work<T>(
    number: number,
    isCurrent: () => boolean,
    work: (partition: Partition) => Promise<T>,
    lost?: AbortSignal,
  ): Promise<T | null> {
    for (let failures = 1; isCurrent(); failures += 1) {
      const opening = this.#opening(number)
      try {
        const partition = await unless(lost, opening.partition)
        return partition === null || !isCurrent() ? null : await work(partition)
      } catch (error) {
        if (!(error instanceof CatenaryError)) throw error
        const isLost = isFenced(error)
        if (!isLost && error.retry === 'never') throw error
        this.#logger.warn({ partition: number, err: error, failures }, 'partition waits')
        if (isLost) this.#drop(number, opening)
        await unless(lost, delay(backOff(PAUSES, failures, Math.random())))
      }
    }
    return null
  }
}

/** What is waited for; null once the signal came. */
async function unless<T>(signal: AbortSignal | undefined, waited: Promise<T>): Promise<T | null> {
  if (signal === undefined) return waited
  let stop = (): void => undefined
  const stopped = new Promise<null>((done) => {
    stop = () => done(null)
    if (signal.aborted) stop()
    signal.addEventListener('abort', stop)
  })
  return Promise.race([waited, stopped]).finally(() => signal.removeEventListener('abort', stop))
}
