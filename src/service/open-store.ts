import { chmod, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { ClickHouseClient } from '@clickhouse/client'
import { openClickHouseStore } from '../adapters/clickhouse/clickhouse-store.ts'
import type { Cluster } from '../adapters/clickhouse/cluster.ts'
import { connectEmbedded, connectServer, type ServerAddress } from '../adapters/clickhouse/connect.ts'
import type { Retention } from '../adapters/clickhouse/retention.ts'
import { storeError, troubleOf } from '../adapters/clickhouse/store-error.ts'
import { type Config, contentKeyOf, parseKey } from '../config/index.ts'
import { CatenaryError } from '../core/index.ts'
import type { Store } from '../ports/index.ts'

export type { Store }
export type StoreSettings = Pick<Config, 'data' | 'clickhouse' | 'retention'>

/** Where the embedded engine keeps its files, inside the data folder. */
export const embeddedPath = (dataPath: string): string => join(dataPath, 'clickhouse')

/** Where the settings say things are stored, in words: a folder, or a server without who we are there. */
export const placeOf = ({ data, clickhouse }: StoreSettings): string =>
  clickhouse.url === undefined ? data.path : `${new URL(clickhouse.url).origin}, database ${clickhouse.database}`

/**
 * A connected ClickHouse: the server that the settings name, its database made if need be, else the embedded engine on the
 * data folder. Throws `CAT_STORE_UNAVAILABLE`, `CAT_STORE_REJECTED` and `CAT_CONFIG`.
 */
export async function connectStore({ data, clickhouse }: StoreSettings): Promise<ClickHouseClient> {
  const { url, database, ...rest } = clickhouse
  if (url === undefined) {
    await makeFolder(data.path)
    return connectEmbedded(embeddedPath(data.path))
  }
  await makeDatabase({ url, ...rest }, database)
  return connectServer({ url, ...rest, database })
}

/** The folder holds what agents did: nobody else reads it. */
async function makeFolder(path: string): Promise<void> {
  try {
    if ((await mkdir(path, { recursive: true })) !== undefined) await chmod(path, 0o700)
  } catch (cause) {
    throw new CatenaryError(
      'CAT_STORE_UNAVAILABLE',
      `${path}: cannot be made (${(cause as NodeJS.ErrnoException).code}); choose another data folder with --data or CATENARY_DATA__PATH`,
      { cause, retry: 'later' },
    )
  }
}

/** Whose user may not make databases has one made for it, so one that is there is not made. */
async function makeDatabase(server: ServerAddress, database: string): Promise<void> {
  const inside = connectServer({ ...server, database })
  const outside = connectServer(server)
  const doing = `use ${new URL(server.url).origin}, database ${database}`
  try {
    const isThere = await inside.command({ query: 'SELECT 1' }).then(
      () => true,
      (error: unknown) => {
        if (troubleOf(error) !== 'unknown-database') throw error
        return false
      },
    )
    const on = server.cluster === undefined ? '' : ` ON CLUSTER '${server.cluster}'`
    if (!isThere) await outside.command({ query: `CREATE DATABASE IF NOT EXISTS ${database}${on}` })
  } catch (error) {
    throw storeError(error, doing)
  } finally {
    await Promise.all([inside.close(), outside.close()])
  }
}

/** The store of the settings, its schema brought up to this program's. */
export const openStore = async (settings: StoreSettings): Promise<Store> =>
  openStoreOn(await connectStore(settings), settings)

/** The same on a client that is connected; closed with the store, and when opening fails. */
export const openStoreOn = (client: ClickHouseClient, settings: StoreSettings): Promise<Store> =>
  openClickHouseStore(client, { cluster: clusterOf(settings), retention: retentionOf(settings) })

/** How long rows are kept by the settings; none where they say nothing of it, so that a command without them changes nothing. */
export function retentionOf({ retention: { days, tenants } }: StoreSettings): Retention | undefined {
  return days === undefined && Object.keys(tenants).length === 0 ? undefined : { days: days ?? 0, tenants }
}

/** The cluster that the settings name; none for one server and for the embedded engine. */
export const clusterOf = ({ clickhouse: { url, cluster, database } }: StoreSettings): Cluster | undefined =>
  url === undefined || cluster === undefined ? undefined : { name: cluster, database }

/** The key of the content fingerprints: the one that was set, else that of the data folder. Throws `CAT_CONFIG`. */
export const keyOf = async ({ data, content }: Pick<Config, 'data' | 'content'>): Promise<Uint8Array> =>
  content.key === undefined ? contentKeyOf(data.path) : parseKey(content.key, 'CATENARY_CONTENT__KEY')
