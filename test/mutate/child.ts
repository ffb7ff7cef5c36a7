import { register } from 'node:module'
import type { CaseResult } from '../../src/cli/run-cases.ts'
import type { AnyDetector, DetectorCase, DetectorCases, DetectorEvasions, Finding } from '../../src/core/index.ts'
import type { EngineParts } from '../../src/engine/parts.ts'
import { instrumented } from './files.ts'

/**
 * Wakes one mutant of a detector after the other and runs the detector's cases and evasions against it. Prints before and
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
const { findingsOf, runCases, runEvasions } = (await import('../../src/cli/run-cases.js')) as {
  findingsOf(one: DetectorCase, parts: EngineParts, id: string): readonly Finding[]
  runCases(cases: DetectorCases, parts: EngineParts): readonly CaseResult[]
  runEvasions(evasions: DetectorEvasions, parts: EngineParts): readonly CaseResult[]
}

let threw = false
const one = detectors.find(({ id }) => id === detector)
if (one === undefined) throw new Error(`no detector ${detector}`)
const parts: EngineParts = { detectors: [telling(one)] }

/** A detector that throws is set aside by the engine, so the cases might pass: it is noted here. */
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

/** All that the detector says of all its cases. */
const said = (): string =>
  JSON.stringify(
    [...(cases?.attacks ?? []), ...(cases?.twins ?? []), ...(evasions?.seen ?? []), ...(evasions?.unseen ?? [])].map(
      (one) => findingsOf(one, parts, detector),
    ),
  )

/** The first case that tells the mutant from the detector; null when none does. */
function killer(): string | null {
  threw = false
  try {
    const results = [
      ...(cases === null ? [] : runCases(cases, parts)),
      ...(evasions === null ? [] : runEvasions(evasions, parts)),
    ]
    const failed = results.find(({ problem }) => problem !== null)
    if (failed !== undefined) return `${failed.half} ${failed.name}`
  } catch {
    threw = true
  }
  return threw ? 'it throws' : null
}

const say = (line: object): boolean => process.stdout.write(`${JSON.stringify(line)}\n`)

const sound = killer()
if (sound !== null) throw new Error(`${detector} fails its own cases as it is: ${sound}`)
const usual = said()
for (const { mutants } of own)
  for (const { id } of mutants) {
    if (id < Number(first)) continue
    say({ trying: id })
    mutable.awakeMutant = id
    const killedBy = killer()
    say({ tried: id, killer: killedBy, differs: killedBy === null && said() !== usual })
  }
