import { existsSync } from 'node:fs'
import { CatenaryError } from '../core/index.ts'
import { embeddedPath, openStore, type Store, type StoreSettings } from '../service/open-store.ts'

/** Opens the store of a command that only reads it: nothing is made where nothing is. Throws `CAT_USAGE`, and as `openStore`. */
export async function openFilled(settings: StoreSettings): Promise<Store> {
  const { data, clickhouse } = settings
  if (clickhouse.url !== undefined || existsSync(embeddedPath(data.path))) return openStore(settings)
  throw new CatenaryError(
    'CAT_USAGE',
    `nothing is stored in ${data.path}; give the files to read, or --data with a folder that catenary serve or analyze --data filled`,
  )
}
