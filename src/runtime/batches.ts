import { CatenaryError } from '../core/index.ts'
import type { Arrival } from '../ports/index.ts'
import type { Verdict } from './pipeline.ts'

interface Waiting {
  readonly arrivals: readonly Arrival[]
  done(verdicts: readonly Verdict[]): void
  fail(error: unknown): void
}

export interface BatchesParts {
  readonly take: (arrivals: readonly Arrival[]) => Promise<readonly Verdict[]>
  /** Records in a batch at most. */
  readonly maxBatch: number
  /** How long a batch that is not full waits for more, in milliseconds. */
  readonly lingerMs: number
}

/** Makes batches of what callers bring: by size, and by the time that the batch before takes. One batch at a time. */
export interface Batches {
  ingest(arrivals: readonly Arrival[]): Promise<readonly Verdict[]>
  /** Runs work when no batch is under way, in its turn. */
  alone<T>(work: () => Promise<T>): Promise<T>
  readonly queued: number
}

export function createBatches({ take, maxBatch, lingerMs }: BatchesParts): Batches {
  let waiting: Waiting[] = []
  let queued = 0
  let tail: Promise<unknown> = Promise.resolve()

  function alone<T>(work: () => Promise<T>): Promise<T> {
    const turn = tail.then(work, work)
    tail = turn.catch(() => undefined)
    return turn
  }

  async function drain(): Promise<void> {
    if (waiting.length === 0) return
    if (lingerMs > 0 && queued < maxBatch) await new Promise((resolve) => setTimeout(resolve, lingerMs))
    const callers = waiting
    waiting = []
    queued = 0
    let away: CatenaryError | null = null
    for (const group of grouped(callers, maxBatch)) {
      if (away === null) away = await takeGroup(group)
      else failAll(group, away)
    }
  }

  /** Resolves with why nothing more can be taken now, if so: who waits behind it need not wait for the same again. */
  async function takeGroup(group: readonly Waiting[]): Promise<CatenaryError | null> {
    const all = group.flatMap(({ arrivals }) => arrivals)
    try {
      const verdicts: Verdict[] = []
      for (let at = 0; at < all.length || at === 0; at += maxBatch)
        verdicts.push(...(await take(all.slice(at, at + maxBatch))))
      let from = 0
      for (const { arrivals, done } of group) {
        done(verdicts.slice(from, from + arrivals.length))
        from += arrivals.length
      }
      return null
    } catch (error) {
      failAll(group, error)
      return error instanceof CatenaryError && error.retry === 'later' ? error : null
    }
  }

  return {
    alone,
    get queued() {
      return queued
    },
    ingest: (arrivals) =>
      new Promise((done, fail) => {
        waiting.push({ arrivals, done, fail })
        queued += arrivals.length
        void alone(drain).catch(fail)
      }),
  }
}

function failAll(group: readonly Waiting[], error: unknown): void {
  for (const { fail } of group) fail(error)
}

/** Whole callers together, up to a size; one that is larger alone stands alone. */
function grouped(callers: readonly Waiting[], most: number): readonly (readonly Waiting[])[] {
  const groups: Waiting[][] = []
  let size = 0
  for (const caller of callers) {
    if (groups.length === 0 || size + caller.arrivals.length > most) {
      groups.push([])
      size = 0
    }
    groups.at(-1)?.push(caller)
    size += caller.arrivals.length
  }
  return groups
}
