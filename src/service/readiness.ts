import type { ChainReader } from '../ports/index.ts'
import type { StoreHealth } from './guarded-store.ts'

export interface ReadinessParts {
  readonly store: Pick<ChainReader, 'ping'>
  readonly health: StoreHealth
  readonly isClosing: () => boolean
  /** What the process still waits for before it can do its work, in words; null for nothing. */
  readonly waitsFor?: (() => string | null) | undefined
}

export interface Readiness {
  readonly ready: boolean
  readonly reasons: readonly string[]
}

/**
 * Whether the process does its work: not while it closes, not while the store is away or could not save what it had last, not
 * while it waits for something else.
 */
export const readinessOf =
  ({ store, health, isClosing, waitsFor }: ReadinessParts) =>
  async (): Promise<Readiness> => {
    const reasons: string[] = []
    if (isClosing()) reasons.push('the service is closing')
    const awaited = waitsFor?.() ?? null
    if (awaited !== null) reasons.push(awaited)
    if (health.trouble !== null) reasons.push(health.trouble.message)
    else
      await store
        .ping()
        .catch((error: unknown) => reasons.push(error instanceof Error ? error.message : 'the store is away'))
    return { ready: reasons.length === 0, reasons }
  }
