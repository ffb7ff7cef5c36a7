import type { Role } from '../core/index.ts'

/** An API key as it is stored: never the key itself. */
export interface ApiKey {
  readonly id: string
  /** Null: every tenant. */
  readonly tenant: string | null
  /** What it is for, in its owner's words. */
  readonly name: string
  readonly role: Role
  /** SHA-256 of the whole key, hex. */
  readonly hash: string
  /** Milliseconds since the epoch, as all times here. */
  readonly createdAt: number
  /** Who made it: `kind/id` of the caller. */
  readonly createdBy: string
  /** From when on it opens nothing; null for never. */
  readonly expiresAt: number | null
  readonly revokedAt: number | null
  /** 1 as it was made, 2 once another took its place, 3 once it was revoked. It never goes back. */
  readonly revision: 1 | 2 | 3
}

/** A key as it is listed. */
export interface KeyState extends Omit<ApiKey, 'hash' | 'revision'> {
  readonly status: 'active' | 'replaced' | 'expired' | 'revoked'
  readonly lastUsedAt: number | null
}

/** A key that was just made: the only time that it is told. */
export interface NewKey extends KeyState {
  readonly key: string
}

/**
 * Where API keys are kept. What resolved, every later read of any process sees. Throws what `ChainStore` throws when the
 * store is away.
 */
export interface AccessStore {
  /** Every key, those that open nothing any more too; oldest first, then by id. */
  apiKeys(): Promise<readonly ApiKey[]>
  /** A row of a higher revision replaces one of a lower; one of a lower changes nothing. */
  saveApiKey(key: ApiKey): Promise<void>
  /** When each key was last used, by its id; keys that never were are left out. */
  apiKeyUses(): Promise<ReadonlyMap<string, number>>
  saveApiKeyUse(key: Pick<ApiKey, 'id' | 'tenant'>, at: number): Promise<void>
}
