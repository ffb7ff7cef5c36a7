import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Instrumented, instrument, type Mutant } from './instrument.ts'

const FOLDER = new URL('../../detectors/', import.meta.url)

/** Built modules beside the detectors: `detectors/<name>.js`. */
const modules = (): readonly string[] =>
  readdirSync(fileURLToPath(FOLDER))
    .filter((name) => name.endsWith('.js') && name !== 'index.js')
    .sort()

const importsOf = (name: string): readonly string[] =>
  [...readFileSync(new URL(name, FOLDER), 'utf8').matchAll(/from '\.\/([\w-]+\.js)'/g)].flatMap(([, one]) => one ?? [])

function reachedFrom(name: string): ReadonlySet<string> {
  const reached = new Set<string>()
  const waiting = [name]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (reached.has(next)) continue
    reached.add(next)
    waiting.push(...importsOf(next))
  }
  return reached
}

/** A detector's own modules: its file, and what no other detector reaches. */
export function ownModules(detector: string, all: readonly string[]): readonly string[] {
  const others = all.filter((id) => id !== detector).map((id) => reachedFrom(`${id}.js`))
  const known = new Set(modules())
  return [...reachedFrom(`${detector}.js`)].filter((name) => known.has(name) && !others.some((one) => one.has(name)))
}

export interface OwnModule extends Instrumented {
  readonly name: string
  readonly url: string
}

/** A detector's own modules with their mutants, which are numbered on from one module to the next. */
export function instrumented(detector: string, all: readonly string[]): readonly OwnModule[] {
  const found: OwnModule[] = []
  let next = 0
  for (const name of ownModules(detector, all)) {
    const url = new URL(name, FOLDER)
    const one = instrument(readFileSync(url, 'utf8'), next)
    next += one.mutants.length
    found.push({ ...one, name, url: url.href })
  }
  return found
}

export type { Mutant }
