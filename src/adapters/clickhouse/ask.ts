import { setTimeout } from 'node:timers/promises'
import { backOff, CatenaryError } from '../../core/index.ts'
import { storeError, troubleOf } from './store-error.ts'

/** A connection that was cut, or a server that has its hands full, mostly works the next moment. */
const PAUSES = { firstMs: 50, mostMs: 800 }
const ATTEMPTS = 4
/** What took this long already is not begun again: who asked waits for it. */
const PATIENCE_MS = 5_000

/**
 * Does what may be done twice: a read, a statement that can be repeated, an insert of rows that replace themselves. A few
 * short retries; who called has longer ones. Throws what `storeError` makes of the last failure.
 */
export async function ask<T>(doing: string, work: () => Promise<T>): Promise<T> {
  const began = performance.now()
  for (let failures = 1; ; failures++) {
    try {
      return await work()
    } catch (error) {
      if (error instanceof CatenaryError) throw error
      const trouble = troubleOf(error)
      const isPassing = trouble === 'away' || trouble === 'busy'
      if (!isPassing || failures === ATTEMPTS || performance.now() - began > PATIENCE_MS) throw storeError(error, doing)
    }
    await setTimeout(backOff(PAUSES, failures, Math.random()))
  }
}
