import { ZodError } from 'zod'
import type { AnyDetector } from '../core/index.ts'
import { nearest } from './nearest.ts'

/**
 * What is wrong with an operator's detector options: ids that no detector has, options that a detector refuses. With
 * `mayBeMore` an unknown id is none of it: detectors of the operator's own are not loaded yet.
 */
export function detectorMistakes(
  given: Readonly<Record<string, unknown>>,
  detectors: readonly AnyDetector[],
  file: string,
  { mayBeMore = false } = {},
): readonly string[] {
  return Object.entries(given).flatMap(([id, options]) => {
    const found = detectors.find((detector) => detector.id === id)
    if (found !== undefined) return optionMistakes(found, options, `${file}: detectors.${id}`)
    if (mayBeMore) return []
    const ids = detectors.map((detector) => detector.id)
    const near = nearest(id, ids)
    const hint = near === null ? '' : `did you mean ${near}? `
    return [`${file}: detectors.${id}: there is no such detector; ${hint}there are ${ids.join(', ')}`]
  })
}

function optionMistakes(detector: AnyDetector, options: unknown, at: string): readonly string[] {
  try {
    detector.options.parse(options)
    return []
  } catch (error) {
    if (!(error instanceof ZodError)) throw error
    const known = Object.keys(detector.options.parse({}) as object)
    const hint = known.length === 0 ? 'it has no options' : `its options are ${known.join(', ')}`
    return error.issues.map((issue) => {
      const path = issue.path.length === 0 ? '' : `.${issue.path.join('.')}`
      return `${at}${path}: ${issue.message}; ${hint}`
    })
  }
}
