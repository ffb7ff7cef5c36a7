import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { CatenaryError } from '../core/index.ts'
import type { EstateLabels } from '../estate/index.ts'

/** Beside the sources, beside what the build made of them, and beside the sources seen from the build. */
const FOLDERS = ['../estate/data/', '../../../src/estate/data/']

/** Where the bundled example estate is. Throws `CAT_INPUT` for an installation without it. */
export function estateFile(name: 'estate.ndjson.gz' | 'labels.json'): string {
  const found = FOLDERS.map((folder) => fileURLToPath(new URL(folder + name, import.meta.url))).find(existsSync)
  if (found !== undefined) return found
  throw new CatenaryError(
    'CAT_INPUT',
    `the example estate (${name}) did not come with this installation; install catenary again`,
  )
}

/** What is true of the estate: never shown to the engine, only compared with what it told. */
export const estateLabels = (): EstateLabels =>
  JSON.parse(readFileSync(estateFile('labels.json'), 'utf8')) as EstateLabels
