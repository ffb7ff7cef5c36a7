import { casesOf } from '../../detectors/cases/index.ts'
import { evasionsOf } from '../../detectors/evasions/index.ts'
import { detectors } from '../../detectors/index.ts'
import { runCases, runEvasions } from '../../src/cli/run-cases.ts'
import { engineParts } from '../../src/main.ts'

/** How a detector does in its own cases. Passed of all there are. */
export interface OwnCases {
  readonly detector: string
  readonly attacks: readonly [passed: number, of: number]
  readonly twins: readonly [passed: number, of: number]
  /** Ways round it that it sees all the same. */
  readonly evasionsSeen: number
  /** Ways round it that work, each owned up to under `misses`. */
  readonly evasionsUnseen: number
}

/** Every detector's attacks, twins and evasions, run through the whole engine. */
export function ownCases(): readonly OwnCases[] {
  const parts = engineParts()
  return detectors.map(({ id }) => {
    const cases = casesOf(id)
    const evasions = evasionsOf(id)
    const results = cases === null ? [] : runCases(cases, parts)
    const tried = evasions === null ? [] : runEvasions(evasions, parts)
    const passed = (half: string): readonly [number, number] => {
      const own = results.filter((one) => one.half === half)
      return [own.filter(({ problem }) => problem === null).length, own.length]
    }
    const seen = tried.slice(0, evasions?.seen.length ?? 0)
    return {
      detector: id,
      attacks: passed('attack'),
      twins: passed('twin'),
      evasionsSeen: seen.filter(({ problem }) => problem === null).length,
      evasionsUnseen: tried.length - seen.filter(({ problem }) => problem === null).length,
    }
  })
}
