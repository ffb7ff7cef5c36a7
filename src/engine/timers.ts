import type { Millis } from '../core/index.ts'

const BUCKET_MS = 1_000

/** Keys to look at again once the watermark passes a time. Coarse: a key may come up early or twice, never late. */
export class Timers {
  readonly #buckets = new Map<number, Set<string>>()
  readonly #next = new Map<string, number>()

  set(key: string, at: Millis): void {
    const bucket = Math.floor(at / BUCKET_MS)
    if (this.#next.get(key) === bucket) return
    this.clear(key)
    this.#next.set(key, bucket)
    const keys = this.#buckets.get(bucket)
    if (keys === undefined) this.#buckets.set(bucket, new Set([key]))
    else keys.add(key)
  }

  /** The same, where no earlier time is set. */
  setEarlier(key: string, at: Millis): void {
    const there = this.#next.get(key)
    if (there === undefined || Math.floor(at / BUCKET_MS) < there) this.set(key, at)
  }

  clear(key: string): void {
    const bucket = this.#next.get(key)
    if (bucket === undefined) return
    this.#next.delete(key)
    const keys = this.#buckets.get(bucket)
    keys?.delete(key)
    if (keys?.size === 0) this.#buckets.delete(bucket)
  }

  /** Takes out every key whose time the watermark has reached, earliest first. */
  take(watermark: Millis): readonly string[] {
    const limit = Math.floor(watermark / BUCKET_MS)
    const due = [...this.#buckets.keys()].filter((bucket) => bucket <= limit).sort((a, b) => a - b)
    const keys = due.flatMap((bucket) => [...(this.#buckets.get(bucket) ?? [])])
    for (const key of keys) this.clear(key)
    return keys
  }
}
