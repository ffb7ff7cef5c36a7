import { setTimeout as delay } from 'node:timers/promises'
import { CatenaryError } from '../core/index.ts'
import type { Io } from './io.ts'
import { untilStopped } from './until-stopped.ts'

/**
 * Calls `look` now and then every so many milliseconds, until the command is told to stop. While the service is away it goes
 * on trying, and says so once. Throws what cannot pass by itself.
 */
export async function watching(io: Io, everyMs: number, look: () => Promise<void>): Promise<void> {
  const stop = new AbortController()
  const stopped = untilStopped(io).then(() => stop.abort())
  let isAway = false
  while (!stop.signal.aborted) {
    const looked = look().then(
      () => {
        if (isAway) io.stderr.write('catenary: the service is back\n')
        isAway = false
      },
      (error: unknown) => {
        if (!(error instanceof CatenaryError) || error.retry === 'never') throw error
        if (!isAway) io.stderr.write(`catenary: ${error.message}; watching goes on\n`)
        isAway = true
      },
    )
    await Promise.race([looked, stopped])
    if (!stop.signal.aborted) await delay(everyMs, undefined, { signal: stop.signal }).catch(() => undefined)
  }
}

/** Hands on what is new or not as it was when it was seen last. */
export function changesIn<T>(keyOf: (item: T) => string): (items: readonly T[]) => readonly T[] {
  let before = new Map<string, string>()
  return (items) => {
    const now = new Map(items.map((item) => [keyOf(item), JSON.stringify(item)]))
    const changed = items.filter((item) => before.get(keyOf(item)) !== now.get(keyOf(item)))
    before = now
    return changed
  }
}
