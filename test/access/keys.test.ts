import { describe, expect, it } from 'vitest'
import { hashOf, idOfKey, makeKey } from '../../src/access/api-key.ts'
import { createKeyRing, RING_MS } from '../../src/access/key-ring.ts'
import { keysOf } from '../../src/access/keys.ts'
import { createMemoryStore } from '../../src/adapters/memory/memory-store.ts'

const BY = { kind: 'local', id: 'test' } as const
const WANTED = { name: 'ops', role: 'analyst', tenant: 'acme', by: BY } as const
const REFUSED = { refused: expect.any(String) }

/** Keys and a ring over one store, and a clock that stands until it is moved. */
function kit(store = createMemoryStore()) {
  const time = { now: Date.parse('2026-11-20T09:00:00Z') }
  const clock = (): number => time.now
  const onUnnoted = (): void => undefined
  return { time, store, keys: keysOf(store, clock), ring: createKeyRing({ store, clock, onUnnoted }) }
}

describe('a key', () => {
  it('is of one form that scanners find, and of no other', () => {
    const { key, id, hash } = makeKey()
    expect(key).toMatch(/^catenary_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}$/)
    expect(idOfKey(key)).toBe(id)
    expect(hash).toBe(hashOf(key))
    expect(idOfKey(`${key.slice(0, -1)}${key.endsWith('a') ? 'b' : 'a'}`)).toBeNull()
    expect(idOfKey(`${key}a`)).toBeNull()
    expect(idOfKey(key.toUpperCase())).toBeNull()
  })

  it('is never two times the same, and never stored', async () => {
    expect(new Set(Array.from({ length: 100 }, () => makeKey().key)).size).toBe(100)
    const { keys, store } = kit()
    const { key, id } = await keys.create({ ...WANTED, expiresAt: null })
    const stored = JSON.stringify(await store.apiKeys())
    expect(stored).toContain(id)
    expect(stored).not.toContain(key)
    expect(stored).not.toContain(key.slice(22, 40))
    expect(JSON.stringify(await keys.list(null))).not.toContain(hashOf(key))
  })

  it('lets its owner in until it expires', async () => {
    const { keys, ring, time } = kit()
    const { key, id } = await keys.create({ ...WANTED, expiresAt: time.now + 1_000 })
    expect(await ring.identify(key)).toEqual({ kind: 'key', id, role: 'analyst', tenant: 'acme' })
    time.now += 1_000
    expect(await ring.identify(key)).toEqual(REFUSED)
    expect(await keys.list('acme')).toMatchObject([{ id, status: 'expired' }])
  })

  it('that was revoked opens nothing: at once here, within seconds elsewhere', async () => {
    const { keys, ring, store, time } = kit()
    const elsewhere = kit(store)
    const { key, id } = await keys.create({ ...WANTED, expiresAt: null })
    expect(await ring.identify(key)).toMatchObject({ id })
    expect(await elsewhere.ring.identify(key)).toMatchObject({ id })
    expect(await keys.revoke(id, 'acme')).toMatchObject({ status: 'revoked', revokedAt: time.now })
    ring.forget()
    expect(await ring.identify(key)).toEqual(REFUSED)
    elsewhere.time.now += RING_MS
    expect(await elsewhere.ring.identify(key)).toEqual(REFUSED)
  })

  it('that was just made elsewhere is good without waiting', async () => {
    const { ring, store, time } = kit()
    await ring.identify(makeKey().key)
    const { key, id } = await keysOf(store, () => time.now).create({ ...WANTED, expiresAt: null })
    time.now += 1_000
    expect(await ring.identify(key)).toMatchObject({ id })
  })

  it('of another tenant is neither listed, nor revoked, nor replaced', async () => {
    const { keys } = kit()
    const { id } = await keys.create({ ...WANTED, expiresAt: null })
    expect(await keys.list('globex')).toEqual([])
    expect(await keys.revoke(id, 'globex')).toBeNull()
    expect(await keys.rotate(id, 0, BY, 'globex')).toBeNull()
    expect(await keys.list(null)).toMatchObject([{ id, status: 'active' }])
  })

  it('is replaced by one of the same kind; the old one goes on for the grace alone', async () => {
    const { keys, ring, time } = kit()
    const old = await keys.create({ ...WANTED, expiresAt: time.now + 90_000 })
    time.now += 10_000
    const next = await keys.rotate(old.id, 5_000, BY, 'acme')
    expect(next).toMatchObject({ name: 'ops', role: 'analyst', tenant: 'acme', expiresAt: time.now + 90_000 })
    expect(await ring.identify(next?.key ?? '')).toMatchObject({ id: next?.id })
    expect(await ring.identify(old.key)).toMatchObject({ id: old.id })
    await expect(keys.rotate(old.id, 0, BY, null)).rejects.toThrow(/create a new one/)
    time.now += 5_000
    expect(await ring.identify(old.key)).toEqual(REFUSED)
    expect((await keys.list(null)).map(({ id, status }) => [id, status])).toEqual([
      [old.id, 'replaced'],
      [next?.id, 'active'],
    ])
  })

  it('has its last use noted, once a minute', async () => {
    const { keys, ring, time } = kit()
    const { key } = await keys.create({ ...WANTED, expiresAt: null })
    const first = time.now
    await ring.identify(key)
    time.now += 30_000
    await ring.identify(key)
    expect(await keys.list(null)).toMatchObject([{ lastUsedAt: first }])
    time.now += 30_000
    await ring.identify(key)
    expect(await keys.list(null)).toMatchObject([{ lastUsedAt: first + 60_000 }])
  })

  it('that is guessed does not ask the store each time', async () => {
    const { store } = kit()
    let asked = 0
    const counting = {
      ...store,
      apiKeys() {
        asked += 1
        return store.apiKeys()
      },
    }
    const { ring } = kit(counting)
    for (let i = 0; i < 50; i += 1) expect(await ring.identify(makeKey().key)).toEqual(REFUSED)
    expect(asked).toBe(1)
  })
})
