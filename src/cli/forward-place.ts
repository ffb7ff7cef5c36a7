import type { z } from 'zod'
import {
  type Destination,
  destinationsJson,
  type UndeliveredAlert,
  undeliveredJson,
} from '../../schemas/api/destination.ts'
import { CatenaryError } from '../core/index.ts'
import { type ApiClient, type Delivery, pageReader, pagesOf } from '../ports/index.ts'
import { retryUndelivered } from '../runtime/retry-undelivered.ts'
import { openStore, type Store } from '../service/open-store.ts'
import { routesOf } from '../service/security-events.ts'
import type { Io } from './io.ts'
import {
  namedPlace,
  type ServiceFlags,
  type Place as ServicePlace,
  settingsPlace,
  withClientOf,
} from './service-client.ts'
import { type ConfigFlags, configOf } from './settings.ts'

export type PlaceFlags = ConfigFlags & ServiceFlags

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
 * Hands `use` the service that flags or variables name; else the one of the settings where it runs, else the store. With
 * `--data`, and in cluster mode, it is the store unless a service is named. Throws `CAT_CONFIG`, `CAT_STORE_UNAVAILABLE`, and what
 * the service's client throws.
 */
export async function withPlace<T>(io: Io, flags: PlaceFlags, use: (place: Place) => Promise<T>): Promise<T> {
  const named = flags.data === undefined ? namedPlace(io, flags) : null
  if (named !== null) return withClientOf(named, (client) => use(servicePlace(client)))
  const { config } = configOf(io, flags)
  if (config.mode === 'embedded' && flags.data === undefined) {
    const place = settingsPlace(io, flags, config)
    if (await isService(place)) return withClientOf(place, (client) => use(servicePlace(client)))
  }
  const store = await openStore(config)
  try {
    return await use(storePlace(store, routesOf(config)))
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

/** Whether it runs there. Throws `CAT_SOURCE_UNAVAILABLE` when it is somebody else who answers. */
const isService = (place: ServicePlace): Promise<boolean> =>
  withClientOf({ ...place, key: undefined, timeoutMs: HELLO_MS }, (client) => client.ask({ path: 'healthz' })).then(
    () => true,
    (error: unknown) => {
      if (error instanceof CatenaryError && error.details['isStranger'] === true) throw error
      return false
    },
  )

function servicePlace(client: ApiClient): Place {
  const at = (destination: string): string => `v1/destinations/${encodeURIComponent(destination)}/undelivered`
  return {
    async destinations() {
      const { body } = await client.ask({ path: 'v1/destinations' })
      return (body as { readonly items: readonly z.infer<typeof Destination>[] }).items
    },
    async undelivered(destination, limit) {
      const found: Undelivered[] = []
      for await (const { items } of pagesOf(pageReader<Undelivered>(client, at(destination)), Math.min(PAGE, limit))) {
        found.push(...items)
        if (found.length >= limit) break
      }
      return found.slice(0, limit)
    },
    async retry(destination, ids) {
      const asked = { method: 'POST', path: `${at(destination)}/retry`, body: ids === null ? {} : { ids } } as const
      return ((await client.ask(asked)).body as { readonly retried: number }).retried
    },
  }
}
