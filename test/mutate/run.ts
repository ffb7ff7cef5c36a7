import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { SourceMap } from 'node:module'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { detectors } from '../../detectors/index.ts'
import { instrumented, type Mutant, type OwnModule } from './files.ts'

/**
 * `npm run mutate -- DETECTOR… | all`: switches off every condition of a detector in turn and runs its cases against it. A mutant
 * that no case tells from the detector survives: a condition without a test, or one that cannot matter, such as a short cut.
 * Exit 1 when any does.
 */
const HANG_MS = 60_000
const ids = detectors.map(({ id }) => id)
const asked = process.argv.slice(2)
const chosen = asked.length === 0 || asked[0] === 'all' ? ids : asked
const unknown = chosen.filter((id) => !ids.includes(id))
if (unknown.length > 0) {
  process.stderr.write(`no detector ${unknown.join(', ')}; there are ${ids.join(', ')}\n`)
  process.exit(2)
}

interface Fate {
  /** The case that told it from the detector; null for none. */
  readonly killer: string | null
  /** It survived, and yet says something else of some case. */
  readonly differs: boolean
}

type Line = { readonly trying: number } | ({ readonly tried: number } & Fate)

/** What became of each mutant, by its id. A child that hangs is ended, and that counts as a kill. */
async function fatesOf(detector: string, count: number): Promise<ReadonlyMap<number, Fate>> {
  const fates = new Map<number, Fate>()
  for (let first = 0; first < count; ) {
    const child = spawn(
      process.execPath,
      [fileURLToPath(new URL('./child.js', import.meta.url)), detector, String(first), ...ids],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    )
    const closed = once(child, 'close') as Promise<[number | null]>
    let timer = setTimeout(() => child.kill('SIGKILL'), HANG_MS)
    let trying = -1
    for await (const text of createInterface({ input: child.stdout })) {
      const line = JSON.parse(text) as Line
      clearTimeout(timer)
      timer = setTimeout(() => child.kill('SIGKILL'), HANG_MS)
      if ('trying' in line) trying = line.trying
      else fates.set(line.tried, line)
    }
    clearTimeout(timer)
    const [code] = await closed
    if (code === 0) break
    if (trying < first) throw new Error(`the cases of ${detector} could not be run`)
    fates.set(trying, { killer: 'it never ends', differs: false })
    first = trying + 1
  }
  return fates
}

/** `detectors/x.ts:12`, by the source map of the build. */
function placeOf({ url }: OwnModule, { line, column }: Mutant): string {
  const path = fileURLToPath(url)
  const name = path.replace(/^.*\/dist\//, '')
  if (!existsSync(`${path}.map`)) return `${name}:${line}`
  const map = new SourceMap(
    JSON.parse(readFileSync(`${path}.map`, 'utf8')) as ConstructorParameters<typeof SourceMap>[0],
  )
  const entry = map.findEntry(line - 1, column)
  return 'originalLine' in entry ? `${name.replace(/\.js$/, '.ts')}:${entry.originalLine + 1}` : `${name}:${line}`
}

let survivors = 0
for (const detector of chosen) {
  const own = instrumented(detector, ids)
  const mutants = own.flatMap((module) => module.mutants.map((mutant) => ({ module, mutant })))
  const fates = await fatesOf(detector, mutants.length)
  const alive = mutants.filter(({ mutant }) => fates.get(mutant.id)?.killer === null)
  survivors += alive.length
  process.stdout.write(`${detector}: ${mutants.length - alive.length} of ${mutants.length} mutants are killed\n`)
  for (const differs of [true, false])
    for (const { module, mutant } of alive.filter((one) => fates.get(one.mutant.id)?.differs === differs))
      process.stdout.write(
        `  ${differs ? 'no case fails, though findings differ' : 'no finding differs'}: ${placeOf(module, mutant)}  always ${mutant.becomes}: ${mutant.condition}\n`,
      )
}
process.exitCode = survivors > 0 ? 1 : 0
