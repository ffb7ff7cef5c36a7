import type { z } from 'zod'
import {
  type Destination,
  destinationsJson,
  type UndeliveredAlert,
  type UndeliveredPage,
  undeliveredJson,
} from '../../schemas/api/destination.ts'
import { askApi } from '../adapters/http/ask-api.ts'
import { type Delivery, pagesOf, type ReadPage } from '../ports/index.ts'
import { retryUndelivered } from '../runtime/retry-undelivered.ts'
import { openStore, type Store } from '../service/open-store.ts'
import type { Io } from './io.ts'
import { type ConfigFlags, configOf } from './settings.ts'

/** Where deliveries are looked up: a service that runs, or the store. */
export interface Place {
  destinations(): Promise<readonly z.infer<typeof Destination>[]>
  /** Up to `limit` that were given up, in the order in which they were told. */
  undelivered(destination: string, limit: number): Promise<readonly Undelivered[]>
  /** Makes them wait again, all where `ids` is null; gives how many. */
  retry(destination: string, ids: readonly string[] | null): Promise<number>
}

type Undelivered = z.infer<typeof UndeliveredAlert>
type Configured = Parameters<typeof destinationsJson>[0]

/**
 * Hands `use` the service at the settings' address where it runs, else the store. With `--data`, and in cluster mode, it is the
 * store at once. A service is asked with the key in `CATENARY_API_KEY`. Throws `CAT_CONFIG`, `CAT_STORE_UNAVAILABLE`, and what
 * `askApi` throws.
 */
export async function withPlace<T>(io: Io, flags: ConfigFlags, use: (place: Place) => Promise<T>): Promise<T> {
  const { config } = configOf(io, flags)
  const base = `http://${config.api.host}:${config.api.port}`
  if (config.mode === 'embedded' && flags.data === undefined && (await isService(base)))
    return use(servicePlace(base, io.env['CATENARY_API_KEY']))
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

function servicePlace(base: string, key: string | undefined): Place {
  const ask = async <T>(path: string, body?: object): Promise<T> =>
    (await askApi(base, key, {
      method: body === undefined ? 'GET' : 'POST',
      path: `v1/destinations${path}`,
      ...(body === undefined ? {} : { body }),
    })) as T
  return {
    async destinations() {
      return (await ask<{ items: readonly z.infer<typeof Destination>[] }>('')).items
    },
    async undelivered(destination, limit) {
      const found: Undelivered[] = []
      const read: ReadPage<Undelivered> = async ({ limit: most, cursor }) => {
        const asked = new URLSearchParams({ limit: String(most), ...(cursor === undefined ? {} : { cursor }) })
        const { items, next_cursor }: z.infer<typeof UndeliveredPage> = await ask(
          `/${encodeURIComponent(destination)}/undelivered?${asked}`,
        )
        return { items, cursor: next_cursor }
      }
      for await (const { items } of pagesOf(read, Math.min(PAGE, limit))) {
        found.push(...items)
        if (found.length >= limit) break
      }
      return found.slice(0, limit)
    },
    async retry(destination, ids) {
      const path = `/${encodeURIComponent(destination)}/undelivered/retry`
      return (await ask<{ retried: number }>(path, ids === null ? {} : { ids })).retried
    },
  }
}
