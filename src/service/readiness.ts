import type { ChainReader } from '../ports/index.ts'
import type { StoreHealth } from './guarded-store.ts'

export interface ReadinessParts {
  readonly store: Pick<ChainReader, 'ping'>
  readonly health: StoreHealth
  readonly isClosing: () => boolean
}

export interface Readiness {
  readonly ready: boolean
  readonly reasons: readonly string[]
}

/** Whether events may be sent: not while it closes, not while the store is away or could not save what it had last. */
export const readinessOf =
  ({ store, health, isClosing }: ReadinessParts) =>
  async (): Promise<Readiness> => {
    const reasons: string[] = []
    if (isClosing()) reasons.push('the service is closing')
    if (health.trouble !== null) reasons.push(health.trouble.message)
    else
      await store
        .ping()
        .catch((error: unknown) => reasons.push(error instanceof Error ? error.message : 'the store is away'))
    return { ready: reasons.length === 0, reasons }
  }
