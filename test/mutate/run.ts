import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { SourceMap } from 'node:module'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { detectors } from '../../detectors/index.ts'
import { instrumented, type Mutant, type OwnModule } from './files.ts'
import { audit, readKnown, record, type Survivor } from './known.ts'

/**
 * `npm run mutate -- [--record] [DETECTOR…]`: switches off every condition of a detector in turn and runs its tests against it. A
 * mutant that no test tells from the detector survives: a condition without a test, or one that cannot matter. Those that are
 * known are in survivors.json with why; exit 1 when one is not, or when one of the list is killed by now. `--record` writes the list.
 */
const HANG_MS = 60_000
const ids = detectors.map(({ id }) => id)
const isRecording = process.argv.includes('--record')
const asked = process.argv.slice(2).filter((one) => one !== '--record')
const chosen = asked.length === 0 ? ids : asked
const unknown = chosen.filter((id) => !ids.includes(id))
if (unknown.length > 0) {
  process.stderr.write(`no detector ${unknown.join(', ')}; there are ${ids.join(', ')}\n`)
  process.exit(2)
}

type Line = { readonly trying: number } | { readonly tried: number; readonly killer: string | null }

/** What killed each mutant, by its id; null for nothing. A child that hangs is ended, and that counts as a kill. */
async function killersOf(detector: string, count: number): Promise<ReadonlyMap<number, string | null>> {
  const killers = new Map<number, string | null>()
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
      else killers.set(line.tried, line.killer)
    }
    clearTimeout(timer)
    const [code] = await closed
    if (code === 0) break
    if (trying < first) throw new Error(`the tests of ${detector} could not be run`)
    killers.set(trying, 'it never ends')
    first = trying + 1
  }
  return killers
}

/** `detectors/x.ts` and a line in it, by the source map of the build. */
function placeOf({ url }: OwnModule, { line, column }: Mutant): { readonly file: string; readonly line: number } {
  const path = fileURLToPath(url)
  const file = path.replace(/^.*\/detectors\//, 'detectors/').replace(/\.js$/, '.ts')
  if (!existsSync(`${path}.map`)) return { file, line }
  const map = new SourceMap(
    JSON.parse(readFileSync(`${path}.map`, 'utf8')) as ConstructorParameters<typeof SourceMap>[0],
  )
  const entry = map.findEntry(line - 1, column)
  return { file, line: 'originalLine' in entry ? entry.originalLine + 1 : line }
}

interface Named extends Survivor {
  readonly id: number
  readonly line: number
}

/** Every mutant by a name that stays while others come and go. */
function namesOf(modules: readonly OwnModule[]): readonly Named[] {
  return modules.flatMap((module) => {
    const times = new Map<string, number>()
    return module.mutants.map((mutant) => {
      const said = `${mutant.condition} → ${mutant.becomes}`
      const nth = (times.get(said) ?? 0) + 1
      times.set(said, nth)
      return { id: mutant.id, what: nth === 1 ? said : `${said} #${nth}`, ...placeOf(module, mutant) }
    })
  })
}

const say = (text: string): boolean => process.stdout.write(`${text}\n`)
const known = readKnown()
const alive: Named[] = []
const files = new Set<string>()
for (const detector of chosen) {
  const mutants = namesOf(instrumented(detector, ids))
  const killers = await killersOf(detector, mutants.length)
  const own = mutants.filter(({ id }) => killers.get(id) === null)
  const ownFiles = new Set(mutants.map(({ file }) => file))
  const { unlisted, stale, open, explained } = audit(own, ownFiles, known)
  say(
    `${detector}: of ${mutants.length} conditions switched off ${mutants.length - own.length} make a test fail; ${explained} cannot, ${open} are known to have no test, ${unlisted.length} are new, ${stale.length} are out of date`,
  )
  for (const one of own.filter((mutant) => unlisted.includes(mutant)))
    say(`  no test needs ${one.file}:${one.line}  ${one.what}`)
  for (const { file, what } of stale) say(`  a test needs it by now, or it is gone: ${file}  ${what}`)
  if (unlisted.length + stale.length > 0) process.exitCode = 1
  alive.push(...own)
  for (const file of ownFiles) files.add(file)
}
if (isRecording) {
  record(alive, files, known)
  process.exitCode = 0
}
