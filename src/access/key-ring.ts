import { timingSafeEqual } from 'node:crypto'
import type { Caller } from '../core/index.ts'
import type { AccessStore, ApiKey } from '../ports/index.ts'
import { hashOf, idOfKey } from './api-key.ts'
import { isOver } from './keys.ts'

/** How long another process's revocation may take to be known here. */
export const RING_MS = 5_000
/** A key that is not known may just have been made, so the store is asked; but not for every guess. */
const MISS_MS = 1_000
/** How often a use is noted. */
const USE_MS = 60_000

/** Why somebody is not let in, in words for them: never which part of a key was right. */
export interface Refusal {
  readonly refused: string
}

export interface KeyRing {
  /** Whose key it is. Throws what the store throws where its answer is needed. */
  identify(key: string): Promise<Caller | Refusal>
  /** Reads the keys anew the next time: one of them was changed here. */
  forget(): void
  /** Whether there is a key that opens anything. */
  hasKeys(): Promise<boolean>
}

export interface KeyRingParts {
  readonly store: Pick<AccessStore, 'apiKeys' | 'saveApiKeyUse'>
  /** Milliseconds since the epoch. */
  readonly clock: () => number
  /** Told of a use that could not be noted; nobody is kept out for it. */
  onUnnoted(error: unknown): void
}

interface Held {
  readonly keys: ReadonlyMap<string, ApiKey>
  /** On the clock, when they were asked for. */
  readonly at: number
}

const WRONG: Refusal = { refused: 'the API key is unknown, revoked or expired; ask an administrator for a new one' }
const NO_HASH = '0'.repeat(64)

/** The keys of the store, held for a few seconds at a time. */
export function createKeyRing({ store, clock, onUnnoted }: KeyRingParts): KeyRing {
  let held: Held | null = null
  let reading: Promise<Held> | null = null
  const noted = new Map<string, number>()

  async function read(): Promise<Held> {
    const at = clock()
    const keys = await store.apiKeys()
    return { keys: new Map(keys.map((key) => [key.id, key])), at }
  }
  async function fresh(maxAgeMs: number): Promise<Held['keys']> {
    if (held !== null && Math.abs(clock() - held.at) < maxAgeMs) return held.keys
    const mine = reading ?? read()
    reading = mine
    try {
      const found = await mine
      // What was asked before keys were forgotten may be answered after.
      if (reading !== mine) return fresh(maxAgeMs)
      held = found
      return found.keys
    } finally {
      if (reading === mine) reading = null
    }
  }
  function note(key: ApiKey, now: number): void {
    if (now - (noted.get(key.id) ?? Number.NEGATIVE_INFINITY) < USE_MS) return
    noted.set(key.id, now)
    store.saveApiKeyUse(key, now).catch(onUnnoted)
  }
  return {
    async identify(text) {
      const id = idOfKey(text)
      if (id === null) return WRONG
      const key = (await fresh(RING_MS)).get(id) ?? (await fresh(MISS_MS)).get(id)
      // The same work for a key that is not there, so that time tells nothing.
      const isRight = timingSafeEqual(Buffer.from(hashOf(text)), Buffer.from(key?.hash ?? NO_HASH))
      const now = clock()
      if (key === undefined || !isRight || isOver(key, now)) return WRONG
      note(key, now)
      return { kind: 'key', id: key.id, role: key.role, tenant: key.tenant }
    },
    forget() {
      held = null
      reading = null
    },
    async hasKeys() {
      return [...(await fresh(RING_MS)).values()].some((key) => !isOver(key, clock()))
    },
  }
}
