import type { Logger } from 'pino'
import { CatenaryError } from '../core/index.ts'
import type { ChainStore } from '../ports/index.ts'

/** How the store is doing, as the last save found it. */
export interface StoreHealth {
  /** Why the last save failed; null when it did not. */
  readonly trouble: CatenaryError | null
}

export interface GuardedStore {
  readonly store: ChainStore
  readonly health: StoreHealth
}

/** The same store, whose saves are timed and remembered: readiness follows the last one, and the log tells of a change. */
export function guardStore(
  store: ChainStore,
  logger: Logger,
  saved: (trouble: CatenaryError | null, seconds: number) => void,
): GuardedStore {
  const health: { trouble: CatenaryError | null } = { trouble: null }
  function turn(trouble: CatenaryError | null): void {
    if (trouble !== null && health.trouble === null) logger.error({ err: trouble }, 'store failed')
    if (trouble === null && health.trouble !== null) logger.info('store recovered')
    health.trouble = trouble
  }
  return {
    health,
    store: {
      load: (needs) => store.load(needs),
      resume: () => store.resume(),
      openThreads: () => store.openThreads(),
      close: () => store.close(),
      async save(commit) {
        const began = performance.now()
        const trouble = await store.save(commit).then(() => null, known)
        turn(trouble)
        saved(trouble, (performance.now() - began) / 1_000)
        if (trouble !== null) throw trouble
      },
    },
  }
}

const known = (error: unknown): CatenaryError =>
  error instanceof CatenaryError
    ? error
    : new CatenaryError('CAT_BUG', 'saving a commit failed in a way that no adapter has told of', { cause: error })
