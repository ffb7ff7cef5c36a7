import type { Millis } from './event.ts'
import type { Step } from './step.ts'

/** A scope that an agent was given, and whether it needed it. */
export interface AuthorityUse {
  readonly scope: string
  /** Who gave it first: `task`, `credential <id>` or `grant <id>`. */
  readonly by: string
  readonly firstAt: Millis
  /** When it, or a scope that it covers, was used last; null for never. */
  readonly lastUsedAt: Millis | null
  /** It is used, but only for scopes narrower than itself. */
  readonly isWider: boolean
}

/** What an agent was given, used or not. Posture: nothing of it is an alert. */
export interface AuthorityUses {
  readonly scopes: readonly AuthorityUse[]
  /** Calls that succeeded, and those of them that told which scopes they used: of the others nothing is known. */
  readonly calls: number
  readonly callsWithScopes: number
}

/** Reads the steps of an agent, in event-time order. */
export interface AuthorityUseReader {
  take(step: Step): void
  told(): AuthorityUses
}
