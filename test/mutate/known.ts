import { existsSync, readFileSync, writeFileSync } from 'node:fs'

/** No test needs the condition yet. Any other reason says why none can. */
const OPEN = 'open'

/** Mutants that no test kills, by source file, then by what was switched off; each with why. */
type Known = Readonly<Record<string, Readonly<Record<string, string>>>>

const LIST = 'test/mutate/survivors.json'

export const readKnown = (): Known => (existsSync(LIST) ? (JSON.parse(readFileSync(LIST, 'utf8')) as Known) : {})

export interface Survivor {
  readonly file: string
  /** `a === b → false`, and ` #2` where the file says the same again. */
  readonly what: string
}

/** What became of the list, for some detectors' files. */
export interface Audit {
  /** Live, and not in the list. */
  readonly unlisted: readonly Survivor[]
  /** In the list, and killed by now, or gone. */
  readonly stale: readonly Survivor[]
  readonly open: number
  readonly explained: number
}

export function audit(alive: readonly Survivor[], files: ReadonlySet<string>, known: Known): Audit {
  const listed = Object.entries(known).flatMap(([file, all]) =>
    files.has(file) ? Object.entries(all).map(([what, reason]) => ({ file, what, reason })) : [],
  )
  const isAlive = new Set(alive.map(keyOf))
  const isListed = new Set(listed.map(keyOf))
  const still = listed.filter((one) => isAlive.has(keyOf(one)))
  return {
    unlisted: alive.filter((one) => !isListed.has(keyOf(one))),
    stale: listed.filter((one) => !isAlive.has(keyOf(one))),
    open: still.filter(({ reason }) => reason === OPEN).length,
    explained: still.filter(({ reason }) => reason !== OPEN).length,
  }
}

/** Writes the list anew: what is alive of these files, with the reasons it had, and other files as they were. */
export function record(alive: readonly Survivor[], files: ReadonlySet<string>, known: Known): void {
  const next: Record<string, Record<string, string>> = {}
  for (const file of [...new Set([...Object.keys(known), ...files])].sort()) {
    const before = known[file] ?? {}
    const own = files.has(file) ? alive.filter((one) => one.file === file).map(({ what }) => what) : Object.keys(before)
    if (own.length > 0) next[file] = Object.fromEntries(own.map((what) => [what, before[what] ?? OPEN]))
  }
  writeFileSync(LIST, `${JSON.stringify(next, null, 2)}\n`)
}

const keyOf = ({ file, what }: Survivor): string => `${file}\0${what}`
