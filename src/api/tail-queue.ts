import type { Alert } from '../core/index.ts'
import type { Commit, StepRow } from '../ports/index.ts'

/** Something new for a client of the tail. */
export type News = { readonly what: 'alert'; readonly alert: Alert } | { readonly what: 'step'; readonly row: StepRow }

/** What waits for one client, never more than a bound. */
export interface TailQueue {
  /** Adds news. Where there is no room for them, all that waited is dropped, and the queue is cut for good. */
  push(news: readonly News[]): void
  readonly isCut: boolean
  next(): News | undefined
  /** Resolves true as soon as there is something to do, false when `ms` have passed without. */
  wake(ms: number): Promise<boolean>
  /** Wakes the reader for good. */
  end(): void
}

/** A queue of at most `most` items. */
export function createTailQueue(most: number): TailQueue {
  let waiting: News[] = []
  let at = 0
  let hasEnded = false
  let isCut: boolean = false
  let wakeUp: (() => void) | null = null
  return {
    get isCut() {
      return isCut
    },
    push(news) {
      if (hasEnded) return
      isCut = waiting.length - at + news.length > most
      hasEnded = isCut
      waiting = isCut ? [] : waiting.slice(at)
      at = 0
      if (!isCut) for (const one of news) waiting.push(one)
      wakeUp?.()
    },
    next() {
      const one = waiting[at]
      if (one !== undefined) at += 1
      return one
    },
    wake(ms) {
      if (hasEnded || at < waiting.length) return Promise.resolve(true)
      return new Promise((resolve) => {
        const timer = setTimeout(() => resolve(false), ms)
        wakeUp = () => {
          clearTimeout(timer)
          resolve(true)
        }
      })
    },
    end() {
      hasEnded = true
      wakeUp?.()
    },
  }
}

/** What one commit has to tell. */
export const newsOf = (commit: Commit, isWanted: (news: News) => boolean): readonly News[] =>
  [
    ...commit.steps.filter(({ isGone }) => !isGone).map((row): News => ({ what: 'step', row })),
    ...commit.alerts.map((alert): News => ({ what: 'alert', alert })),
  ].filter(isWanted)
