import { CatenaryError } from '../core/index.ts'
import type { Arrival, Fact } from '../ports/index.ts'
import type { Verdict } from './pipeline.ts'

/** Records in order, and what other owners tell, in order; between the two there is none. */
export interface Brought {
  readonly arrivals: readonly Arrival[]
  readonly facts: readonly Fact[]
}

interface Waiting extends Brought {
  done(verdicts: readonly Verdict[]): void
  fail(error: unknown): void
}

export interface BatchesParts {
  /** Resolves with a verdict for each arrival. */
  readonly take: (brought: Brought) => Promise<readonly Verdict[]>
  /** Records and facts in a batch at most. */
  readonly maxBatch: number
  /** How long a batch that is not full waits for more, in milliseconds. */
  readonly lingerMs: number
}

/** Makes batches of what callers bring: by size, and by the time that the batch before takes. One batch at a time. */
export interface Batches {
  bring(brought: Brought): Promise<readonly Verdict[]>
  /** Runs work when no batch is under way, in its turn. */
  alone<T>(work: () => Promise<T>): Promise<T>
  /** Records and facts that wait. */
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
    try {
      const verdicts: Verdict[] = []
      for (const part of partsOf(group, maxBatch)) verdicts.push(...(await take(part)))
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
    bring: (brought) =>
      new Promise((done, fail) => {
        waiting.push({ ...brought, done, fail })
        queued += sizeOf(brought)
        void alone(drain).catch(fail)
      }),
  }
}

const sizeOf = ({ arrivals, facts }: Brought): number => arrivals.length + facts.length

function failAll(group: readonly Waiting[], error: unknown): void {
  for (const { fail } of group) fail(error)
}

/** What a group brought, no more than so many at once: facts first, then records. */
function* partsOf(group: readonly Waiting[], most: number): Generator<Brought> {
  const facts = group.flatMap((one) => one.facts)
  const arrivals = group.flatMap((one) => one.arrivals)
  let [fact, arrival] = [0, 0]
  do {
    const told = facts.slice(fact, fact + most)
    const read = arrivals.slice(arrival, arrival + most - told.length)
    yield { facts: told, arrivals: read }
    fact += told.length
    arrival += read.length
  } while (fact < facts.length || arrival < arrivals.length)
}

/** Whole callers together, up to a size; one that is larger alone stands alone. */
function grouped(callers: readonly Waiting[], most: number): readonly (readonly Waiting[])[] {
  const groups: Waiting[][] = []
  let size = 0
  for (const caller of callers) {
    if (groups.length === 0 || size + sizeOf(caller) > most) {
      groups.push([])
      size = 0
    }
    groups.at(-1)?.push(caller)
    size += sizeOf(caller)
  }
  return groups
}
