import type { InputProgress } from '../../runtime/watermarks.ts'

interface Reading {
  maxAt: number
  /** The offset to be read next; null before the first record. */
  next: bigint | null
  /** One past the last offset there is, as it was last asked. */
  high: bigint | null
  /** When a record last came, on the arrival clock. */
  cameAt: number
}

/** How far the topics of each partition are read. */
export class Progress {
  readonly #readings = new Map<string, Reading>()
  readonly #clock: () => number

  constructor(clock: () => number) {
    this.#clock = clock
  }

  /** Records up to an offset are done; the latest event time among them, where there was one. */
  read(topic: string, partition: number, offset: string, maxAt: number): void {
    const reading = this.#of(topic, partition)
    reading.next = BigInt(offset) + 1n
    reading.maxAt = Math.max(reading.maxAt, maxAt)
    reading.cameAt = this.#clock()
  }

  /** What the brokers say: where the group stands and where the partition ends. */
  told(topic: string, partition: number, committed: bigint, high: bigint): void {
    const reading = this.#of(topic, partition)
    reading.high = high
    if (reading.next === null || reading.next < committed) reading.next = committed
  }

  /** The end of a partition, as it came with a batch: an older one than is known changes nothing. */
  ends(topic: string, partition: number, high: bigint): void {
    const reading = this.#of(topic, partition)
    if (reading.high === null || reading.high < high) reading.high = high
  }

  forget(partition: number): void {
    for (const key of this.#readings.keys()) if (key.endsWith(`/${partition}`)) this.#readings.delete(key)
  }

  /** Records that are there and not read; null while that is not known. */
  lag(topic: string, partition: number): number | null {
    const { next, high } = this.#of(topic, partition)
    return next === null || high === null ? null : Number(high > next ? high - next : 0n)
  }

  /** How far an input is read; idle when all of it is, and nothing came for the time-out. */
  input(topic: string, partition: number, idleMs: number): InputProgress {
    const { maxAt, cameAt } = this.#of(topic, partition)
    return { maxAt, isIdle: this.lag(topic, partition) === 0 && this.#clock() - cameAt >= idleMs }
  }

  /**
   * Whether an input is so far ahead of the others of its partition that they should be read first: beyond the lateness, what
   * comes of them would find its place sealed.
   */
  isAhead(topic: string, others: readonly string[], partition: number, latenessMs: number): boolean {
    const { maxAt } = this.#of(topic, partition)
    return others.some((other) => {
      const waits = this.lag(other, partition)
      const reading = this.#of(other, partition)
      return other !== topic && waits !== null && waits > 0 && reading.maxAt + latenessMs < maxAt
    })
  }

  #of(topic: string, partition: number): Reading {
    const key = `${topic}/${partition}`
    let reading = this.#readings.get(key)
    if (reading === undefined) {
      reading = { maxAt: Number.NEGATIVE_INFINITY, next: null, high: null, cameAt: this.#clock() }
      this.#readings.set(key, reading)
    }
    return reading
  }
}
