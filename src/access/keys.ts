import { type Caller, CatenaryError, callerName, type Role } from '../core/index.ts'
import type { AccessStore, ApiKey, KeyState, NewKey } from '../ports/index.ts'
import { type MadeKey, makeKey } from './api-key.ts'

/** What a key is to be. */
export interface KeyWanted extends Pick<ApiKey, 'name' | 'role' | 'tenant' | 'expiresAt'> {
  readonly by: Pick<Caller, 'kind' | 'id'>
}

/** Makes, lists, revokes and replaces API keys. `tenant` null sees those of all tenants. */
export interface Keys {
  create(wanted: KeyWanted): Promise<NewKey>
  list(tenant: string | null): Promise<readonly KeyState[]>
  /** One that is revoked already stays as it is. Null for a key that is not there. */
  revoke(id: string, tenant: string | null): Promise<KeyState | null>
  /**
   * A new key of the same name, role, tenant and lifetime; the old one opens doors for `graceMs` more. Null for a key that is not
   * there. Throws `CAT_USAGE` for one that opens nothing any more or was replaced already.
   */
  rotate(id: string, graceMs: number, by: KeyWanted['by'], tenant: string | null): Promise<NewKey | null>
}

export function keysOf(store: AccessStore, clock: () => number): Keys {
  async function find(id: string, tenant: string | null): Promise<ApiKey | null> {
    const key = (await store.apiKeys()).find((one) => one.id === id)
    return key !== undefined && (tenant === null || key.tenant === tenant) ? key : null
  }
  async function state(key: ApiKey): Promise<KeyState> {
    return stateOf(key, await store.apiKeyUses(), clock())
  }
  async function create(wanted: KeyWanted): Promise<NewKey> {
    const made = makeKey()
    const key = rowOf(made, wanted, clock())
    await store.saveApiKey(key)
    return { ...(await state(key)), key: made.key }
  }
  return {
    create,
    async list(tenant) {
      const [keys, uses] = await Promise.all([store.apiKeys(), store.apiKeyUses()])
      return keys.filter((key) => tenant === null || key.tenant === tenant).map((key) => stateOf(key, uses, clock()))
    },
    async revoke(id, tenant) {
      const key = await find(id, tenant)
      if (key === null) return null
      const revoked: ApiKey = key.revision === 3 ? key : { ...key, revision: 3, revokedAt: clock() }
      if (revoked !== key) await store.saveApiKey(revoked)
      return state(revoked)
    },
    async rotate(id, graceMs, by, tenant) {
      const key = await find(id, tenant)
      if (key === null) return null
      const now = clock()
      if (key.revision !== 1 || isOver(key, now))
        throw new CatenaryError('CAT_USAGE', `key ${id} is ${(await state(key)).status}; create a new one instead`)
      const lifetime = key.expiresAt === null ? null : key.expiresAt - key.createdAt
      const next = await create({ ...key, by, expiresAt: lifetime === null ? null : now + lifetime })
      const until = Math.min(now + graceMs, key.expiresAt ?? Number.POSITIVE_INFINITY)
      await store.saveApiKey({ ...key, revision: 2, expiresAt: until })
      return next
    },
  }
}

/** Whether a key opens nothing any more. */
export const isOver = ({ revokedAt, expiresAt }: Pick<ApiKey, 'revokedAt' | 'expiresAt'>, now: number): boolean =>
  revokedAt !== null || (expiresAt !== null && expiresAt <= now)

const rowOf = ({ id, hash }: MadeKey, { name, role, tenant, expiresAt, by }: KeyWanted, now: number): ApiKey => ({
  id,
  tenant,
  name,
  role: role satisfies Role,
  hash,
  createdAt: now,
  createdBy: callerName(by),
  expiresAt,
  revokedAt: null,
  revision: 1,
})

function stateOf(key: ApiKey, uses: ReadonlyMap<string, number>, now: number): KeyState {
  const { hash: _hash, revision, ...rest } = key
  const status = revision === 3 ? 'revoked' : isOver(key, now) ? (revision === 2 ? 'replaced' : 'expired') : 'active'
  return { ...rest, status, lastUsedAt: uses.get(key.id) ?? null }
}
