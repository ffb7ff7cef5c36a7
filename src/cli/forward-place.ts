import type { z } from 'zod'
import {
  type Destination,
  destinationsJson,
  type UndeliveredAlert,
  undeliveredJson,
} from '../../schemas/api/destination.ts'
import { CatenaryError } from '../core/index.ts'
import type { Delivery } from '../ports/index.ts'
import { retryUndelivered } from '../runtime/retry-undelivered.ts'
import { openStore, type Store } from '../service/open-store.ts'
import type { Io } from './io.ts'
import { type ConfigFlags, configOf } from './settings.ts'

/** Where deliveries are looked up: a service that runs, or the store. */
export interface Place {
  destinations(): Promise<readonly z.infer<typeof Destination>[]>
  /** Up to `limit` that were given up, in the order in which they were told. */
  undelivered(destination: string, limit: number): Promise<readonly z.infer<typeof UndeliveredAlert>[]>
  /** Makes them wait again, all where `ids` is null; gives how many. */
  retry(destination: string, ids: readonly string[] | null): Promise<number>
}

type Configured = Parameters<typeof destinationsJson>[0]

/**
 * Hands `use` the service at the settings' address where it runs, else the store. With `--data`, and in cluster mode, it is the
 * store at once. Throws `CAT_CONFIG`, `CAT_STORE_UNAVAILABLE`, and what the service says.
 */
export async function withPlace<T>(io: Io, flags: ConfigFlags, use: (place: Place) => Promise<T>): Promise<T> {
  const { config } = configOf(io, flags)
  const base = `http://${config.api.host}:${config.api.port}`
  if (config.mode === 'embedded' && flags.data === undefined && (await isService(base))) return use(servicePlace(base))
  const store = await openStore(config)
  try {
    return await use(storePlace(store, config.destinations))
  } finally {
    await store.close()
  }
}

function storePlace({ outbox }: Store, configured: Configured): Place {
  return {
    destinations: async () => destinationsJson(configured, await outbox.standing()),
    async undelivered(destination, limit) {
      const found: readonly Delivery[] = await outbox.deliveries({ destination, state: 'dead', limit })
      return found.map(undeliveredJson)
    },
    retry: (destination, ids) => retryUndelivered({ outbox, destination, ids, now: Date.now() }),
  }
}

const ANSWER_MS = 30_000
const HELLO_MS = 2_000
const PAGE = 500

const isService = (base: string): Promise<boolean> =>
  fetch(`${base}/healthz`, { signal: AbortSignal.timeout(HELLO_MS) }).then(
    async (reply) => {
      await reply.body?.cancel()
      return reply.ok
    },
    () => false,
  )

function servicePlace(base: string): Place {
  async function ask<T>(path: string, body?: object): Promise<T> {
    const reply = await fetch(`${base}/v1/destinations${path}`, {
      signal: AbortSignal.timeout(ANSWER_MS),
      ...(body === undefined
        ? {}
        : { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    })
    if (reply.ok) return (await reply.json()) as T
    const { detail } = (await reply.json().catch(() => ({}))) as { readonly detail?: string }
    const code = reply.status === 503 ? 'CAT_STORE_UNAVAILABLE' : 'CAT_USAGE'
    throw new CatenaryError(
      code,
      `the service at ${base} answers ${reply.status}${detail === undefined ? '' : `: ${detail}`}`,
    )
  }
  return {
    async destinations() {
      return (await ask<{ items: readonly z.infer<typeof Destination>[] }>('')).items
    },
    async undelivered(destination, limit) {
      const found: z.infer<typeof UndeliveredAlert>[] = []
      let cursor: string | null = ''
      while (cursor !== null && found.length < limit) {
        const at: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`
        const most = Math.min(PAGE, limit - found.length)
        const page: { items: readonly z.infer<typeof UndeliveredAlert>[]; next_cursor: string | null } = await ask(
          `/${encodeURIComponent(destination)}/undelivered?limit=${most}${at}`,
        )
        found.push(...page.items)
        cursor = page.next_cursor
      }
      return found
    },
    async retry(destination, ids) {
      const path = `/${encodeURIComponent(destination)}/undelivered/retry`
      return (await ask<{ retried: number }>(path, ids === null ? {} : { ids })).retried
    },
  }
}
