import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { CatenaryError } from '../core/index.ts'
import { EXIT } from './io.ts'

/** The check’s program, as the build of a checkout has it. A package has no tests to run against. */
const PROGRAM = new URL('../../test/mutate/run.js', import.meta.url)
const NEEDED = ['../../../node_modules/acorn/package.json', '../../../test/mutate/survivors.json']

/**
 * Switches off every condition of some detectors in turn and says which make no test fail: `npm run mutate` from the build that is
 * there. Returns the exit code. Throws `CAT_USAGE` outside a checkout.
 */
export async function mutationCheck(ids: readonly string[]): Promise<number> {
  const isCheckout = existsSync(PROGRAM) && NEEDED.every((path) => existsSync(new URL(path, import.meta.url)))
  if (!isCheckout)
    throw new CatenaryError('CAT_USAGE', '--mutate needs a checkout of Catenary that is built; run npm ci in one')
  const child = spawn(process.execPath, [fileURLToPath(PROGRAM), ...ids], {
    cwd: fileURLToPath(new URL('../../..', import.meta.url)),
    stdio: 'inherit',
  })
  const [code] = (await once(child, 'close')) as [number | null]
  return code ?? EXIT.bug
}
