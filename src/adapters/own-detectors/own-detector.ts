import type { AnyDetector, DetectorCases, DetectorEvasions } from '../../core/index.ts'
import type { LawResult } from '../../lab/laws.ts'
import type { Aside } from './guard.ts'

/** A detector from an operator's folder. */
export interface OwnDetector {
  /** Where it stands: `exports.ts`. */
  readonly file: string
  readonly detector: AnyDetector
  /** A Sigma rule may have none. */
  readonly cases: DetectorCases
  readonly evasions: DetectorEvasions | null
  /** How foreign code kept the laws; empty for Sigma rules, which are run by code that is not foreign. */
  readonly laws: readonly LawResult[]
  /** Why it no longer runs; null while it does. */
  aside(): Aside | null
}
