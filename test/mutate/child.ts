import { register } from 'node:module'
import type { CaseResult } from '../../src/cli/run-cases.ts'
import type { AnyDetector, DetectorCases, DetectorEvasions } from '../../src/core/index.ts'
import type { EngineParts } from '../../src/engine/parts.ts'
import { EVASIONS, type Evasion, pastWith } from '../kit/evasions.ts'
import { instrumented } from './files.ts'

/** A flood of other calls takes as long as all the rest, and no condition is about it alone. */
const NAMES = (Object.keys(EVASIONS) as Evasion[]).filter((name) => name !== 'in a flood of other calls')

/**
 * Wakes one mutant of a detector after the other and runs the detector's tests against it. Prints before and
 * after each, so that the parent knows which one hung: `child.js DETECTOR FIRST ALL…`.
 */
const [detector = '', first = '0', ...all] = process.argv.slice(2)
const mutable = globalThis as unknown as { awakeMutant: number }
mutable.awakeMutant = -1

const own = instrumented(detector, all)
register('./hooks.js', {
  parentURL: import.meta.url,
  data: Object.fromEntries(own.map(({ url, code }) => [url, code])),
})
const { detectors } = (await import('../../detectors/index.js')) as { detectors: readonly AnyDetector[] }
const { casesOf } = (await import('../../detectors/cases/index.js')) as {
  casesOf(id: string): DetectorCases | null
}
const { evasionsOf } = (await import('../../detectors/evasions/index.js')) as {
  evasionsOf(id: string): DetectorEvasions | null
}
const { runCases, runEvasions } = (await import('../../src/cli/run-cases.js')) as {
  runCases(cases: DetectorCases, parts: EngineParts): readonly CaseResult[]
  runEvasions(evasions: DetectorEvasions, parts: EngineParts): readonly CaseResult[]
}

let threw = false
const one = detectors.find(({ id }) => id === detector)
if (one === undefined) throw new Error(`no detector ${detector}`)
const parts: EngineParts = { detectors: [telling(one)] }

/** A detector that throws is set aside by the engine, so its tests might pass: it is noted here. */
function telling(inner: AnyDetector): AnyDetector {
  const noting = <T>(act: () => T): T => {
    try {
      return act()
    } catch (error) {
      threw = true
      throw error
    }
  }
  return {
    ...inner,
    fold: (...given) => noting(() => inner.fold(...given)),
    ...(inner.due === undefined ? {} : { due: (...given) => noting(() => inner.due?.(...given) ?? null) }),
    ...(inner.elapse === undefined
      ? {}
      : { elapse: (...given) => noting(() => inner.elapse?.(...given) ?? { state: given[0], sightings: [] }) }),
  }
}

const [cases, evasions] = [casesOf(detector), evasionsOf(detector)]

type Check = readonly [name: string, fails: () => boolean]

const single = (half: 'attacks' | 'twins', results: (one: DetectorCases) => readonly CaseResult[]): readonly Check[] =>
  (cases?.[half] ?? []).map((one) => [
    `${half}: ${one.name}`,
    () => results({ detector, attacks: [], twins: [], [half]: [one] }).some(({ problem }) => problem !== null),
  ])

/** What the tests of the detector look at, the quickest first: its attacks and twins, its evasions, and those that all are put to. */
const checks: readonly Check[] = [
  ...single('attacks', (one) => runCases(one, parts)),
  ...single('twins', (one) => runCases(one, parts)),
  ...(evasions === null
    ? []
    : [['evasions', () => runEvasions(evasions, parts).some(({ problem }) => problem !== null)] as const]),
  ...(cases?.evades === undefined
    ? []
    : NAMES.map(
        (name): Check => [
          `attacks ${name}`,
          () => pastWith(name, cases, parts).length > 0 !== (cases.evades?.[name] !== undefined),
        ],
      )),
]

/** The first check that tells the mutant from the detector; null when none does. */
function killer(): string | null {
  threw = false
  try {
    for (const [name, fails] of checks) if (fails()) return name
  } catch {
    threw = true
  }
  return threw ? 'it throws' : null
}

const say = (line: object): boolean => process.stdout.write(`${JSON.stringify(line)}\n`)

const sound = killer()
if (sound !== null) throw new Error(`${detector} fails its own tests as it is: ${sound}`)
for (const { mutants } of own)
  for (const { id } of mutants) {
    if (id < Number(first)) continue
    say({ trying: id })
    mutable.awakeMutant = id
    say({ tried: id, killer: killer() })
  }
