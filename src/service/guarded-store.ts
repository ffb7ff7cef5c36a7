import type { Logger } from 'pino'
import { backOff, CatenaryError } from '../core/index.ts'
import { type ChainStore, isFenced } from '../ports/index.ts'

/** How the store is doing, as the last save found it. */
export interface StoreHealth {
  /** Why the last save failed; null when it did not. */
  readonly trouble: CatenaryError | null
  /** When it is worth trying again unasked, on `performance.now()`; 0 while nothing is wrong. */
  readonly retryAt: number
}

/** Who brings events tries at once all the same, so a store that is back is not left waiting for long. */
const PAUSES = { firstMs: 100, mostMs: 10_000 }

export interface GuardedStore {
  readonly store: ChainStore
  readonly health: StoreHealth
}

/** Told how long the store took, in seconds. */
export interface StoreListener {
  /** A commit was tried; why it failed, or null. */
  saved(trouble: CatenaryError | null, seconds: number): void
  /** A question was answered, or was not. */
  loaded(isAnswered: boolean, seconds: number): void
}

/** The same store, timed; its saves are remembered: readiness follows the last one, and the log tells of a change. */
export function guardStore(store: ChainStore, logger: Logger, listener: StoreListener): GuardedStore {
  const health: { trouble: CatenaryError | null; retryAt: number } = { trouble: null, retryAt: 0 }
  let failures = 0
  function turn(trouble: CatenaryError | null): void {
    if (trouble !== null && health.trouble === null) logger.error({ err: trouble }, 'store failed')
    if (trouble === null && health.trouble !== null) logger.info('store recovered')
    health.trouble = trouble
    failures = trouble === null ? 0 : failures + 1
    health.retryAt = trouble === null ? 0 : performance.now() + backOff(PAUSES, failures, Math.random())
  }
  return {
    health,
    store: {
      async load(needs, readers) {
        const began = performance.now()
        let isAnswered = false
        try {
          const stored = await store.load(needs, readers)
          isAnswered = true
          return stored
        } finally {
          listener.loaded(isAnswered, secondsSince(began))
        }
      },
      resume: (part) => store.resume(part),
      openThreads: (part) => store.openThreads(part),
      close: () => store.close(),
      async save(commit, fence) {
        const began = performance.now()
        const trouble = await store.save(commit, fence).then(() => null, known)
        // Not the store's doing: another process has what was to be saved.
        if (isFenced(trouble)) throw trouble
        turn(trouble)
        listener.saved(trouble, secondsSince(began))
        if (trouble !== null) throw trouble
      },
    },
  }
}

const secondsSince = (began: number): number => (performance.now() - began) / 1_000

const known = (error: unknown): CatenaryError =>
  error instanceof CatenaryError
    ? error
    : new CatenaryError('CAT_BUG', 'saving a commit failed in a way that no adapter has told of', { cause: error })
