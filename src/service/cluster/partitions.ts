import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from 'pino'
import { backOff, CatenaryError } from '../../core/index.ts'
import type { Partition } from './partition.ts'

const PAUSES = { firstMs: 100, mostMs: 5_000 }

/** The partitions that are folded in this process, opened as they are given and dropped as they are taken. */
export class Partitions {
  readonly #open: (number: number) => Promise<Partition>
  readonly #logger: Logger
  readonly #byNumber = new Map<number, Promise<Partition>>()
  readonly #ready = new Map<number, Partition>()
  #given: readonly number[] = []

  constructor(open: (number: number) => Promise<Partition>, logger: Logger) {
    this.#open = open
    this.#logger = logger
  }

  get numbers(): readonly number[] {
    return this.#given
  }

  get ready(): readonly Partition[] {
    return [...this.#ready.values()]
  }

  /** Drops what was taken; what was given is opened when its first record comes or `openAll` asks for it. */
  give(numbers: readonly number[]): void {
    this.#given = numbers
    for (const number of this.#byNumber.keys()) if (!numbers.includes(number)) this.drop(number)
  }

  drop(number: number): void {
    this.#byNumber.delete(number)
    this.#ready.delete(number)
  }

  /** Opens a partition that this process was given. Rejects with what the store throws; asked again, it tries again. */
  open(number: number): Promise<Partition> {
    let opening = this.#byNumber.get(number)
    if (opening === undefined) {
      opening = this.#begin(number)
      this.#byNumber.set(number, opening)
    }
    return opening
  }

  async #begin(number: number): Promise<Partition> {
    const began = performance.now()
    try {
      const partition = await this.#open(number)
      const { chains, threads } = partition.engine.counts
      if (this.#byNumber.has(number)) this.#ready.set(number, partition)
      this.#logger.info(
        { partition: number, epoch: partition.claim.epoch, chains, threads, ms: Math.round(performance.now() - began) },
        'partition taken over',
      )
      return partition
    } catch (error) {
      this.#byNumber.delete(number)
      throw error
    }
  }

  /**
   * Works on a partition until it is done, as long as the partition is this process's: a store that is away is waited for, and
   * one that another has claimed meanwhile is opened anew. Null: it is no longer ours.
   */
  async work<T>(
    number: number,
    isCurrent: () => boolean,
    work: (partition: Partition) => Promise<T>,
  ): Promise<T | null> {
    for (let failures = 1; isCurrent(); failures += 1) {
      let partition: Partition | null = null
      try {
        partition = await this.open(number)
        return await work(partition)
      } catch (error) {
        if (!(error instanceof CatenaryError)) throw error
        const isFenced = error.code === 'CAT_FENCED'
        if (!isFenced && error.retry === 'never') throw error
        this.#logger.warn({ partition: number, err: error, failures }, 'partition waits')
        if (isFenced && this.#ready.get(number) === partition) this.drop(number)
        await delay(backOff(PAUSES, failures, Math.random()))
      }
    }
    return null
  }
}
