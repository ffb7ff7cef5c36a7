import type { AnyDetector } from '../core/index.ts'
import { isLoud } from '../core/index.ts'
import { type Comparison, compare } from './compare.ts'
import type { GateMeasure } from './gates.ts'
import { type LabelFigures, type Labels, labelFigures } from './label-figures.ts'
import { type Arrived, type Need, needOf } from './needs.ts'
import type { RunResult } from './run-result.ts'
import { type Measured, measure, type Verdict } from './verdicts.ts'

/** Alerts of one detector in so many of a thousand chains, and it is noisy. */
export const NOISY_PER_1000 = 10
/** Of fewer chains nothing is called noisy: one alert would be. */
const NOISY_FROM_CHAINS = 100

export interface DetectorRow {
  readonly detector: string
  /** Loud alerts that it is part of; null where there is nothing to compare with. */
  readonly before: number | null
  readonly after: number
  readonly gained: number
  readonly lost: number
  readonly changed: number
  /** `not_evaluated`: something it needs never arrived. */
  readonly standing: 'alerts' | 'silent' | 'noisy' | 'not_evaluated'
  /** Its needs that never arrived, in its own words. */
  readonly missing: readonly string[]
  readonly figures: LabelFigures | null
}

/** What a backtest found. Alerts are those of severity medium and above. */
export interface Backtest {
  readonly before: RunResult | null
  readonly after: RunResult
  readonly comparison: Comparison | null
  readonly detectors: readonly DetectorRow[]
  readonly figures: { readonly before: LabelFigures | null; readonly after: LabelFigures } | null
  /** What analysts said of the later version's alerts. */
  readonly verdicts: Measured | null
}

/** What is known beside the events. */
export interface Facts {
  readonly detectors: readonly AnyDetector[]
  readonly arrived: Arrived
  readonly labels: Labels | null
  readonly verdicts: readonly Verdict[] | null
}

export const loudCount = (result: RunResult): number => result.alerts.filter(isLoud).length

export const perThousand = (result: RunResult): number =>
  result.chains === 0 ? 0 : (loudCount(result) / result.chains) * 1_000

/** Puts together what one or two versions made of the same events. */
export function backtestOf(before: RunResult | null, after: RunResult, facts: Facts): Backtest {
  const comparison = before === null ? null : compare(before, after)
  const { labels, verdicts } = facts
  return {
    before,
    after,
    comparison,
    detectors: facts.detectors.map((detector) => rowOf(detector, before, after, comparison, facts)),
    figures:
      labels === null
        ? null
        : { before: before === null ? null : labelFigures(before, labels), after: labelFigures(after, labels) },
    verdicts: verdicts === null ? null : measure(after, verdicts),
  }
}

/** What a detector says it needs, read. */
export const needsOf = ({ about }: AnyDetector): readonly Need[] => about.needs.map(needOf)

function rowOf(
  detector: AnyDetector,
  before: RunResult | null,
  after: RunResult,
  comparison: Comparison | null,
  { arrived, labels }: Pick<Facts, 'arrived' | 'labels'>,
): DetectorRow {
  const { id } = detector
  const isOf = ({ detectors }: { readonly detectors: readonly string[] }): boolean => detectors.includes(id)
  const count = (result: RunResult): number => result.alerts.filter((alert) => isLoud(alert) && isOf(alert)).length
  const missing = needsOf(detector)
    .filter((need) => !arrived.isMet(need))
    .map(({ text }) => text)
  const own = count(after)
  const rate = after.chains === 0 ? 0 : (own / after.chains) * 1_000
  const found = own > 0 || after.alerts.some(isOf)
  return {
    detector: id,
    before: before === null ? null : count(before),
    after: own,
    gained: comparison?.gained.filter(isOf).length ?? 0,
    lost: comparison?.lost.filter(isOf).length ?? 0,
    changed: comparison?.changed.filter((one) => isOf(one.before) || isOf(one.after)).length ?? 0,
    standing:
      after.chains >= NOISY_FROM_CHAINS && rate > NOISY_PER_1000
        ? 'noisy'
        : found
          ? 'alerts'
          : missing.length > 0
            ? 'not_evaluated'
            : 'silent',
    missing,
    figures: labels === null ? null : labelFigures(after, labels, id),
  }
}

/** The value of a measure; null where nothing was compared, labelled or judged. */
export function measured(test: Backtest, which: GateMeasure): number | null {
  const { comparison, figures, verdicts, detectors, after } = test
  const standing = (one: DetectorRow['standing']): number => detectors.filter((row) => row.standing === one).length
  switch (which) {
    case 'gained':
    case 'lost':
    case 'changed':
      return comparison === null ? null : comparison[which].length
    case 'recall':
    case 'precision':
      return figures?.after[which].value ?? null
    case 'measured_precision':
      return verdicts?.all.precision.value ?? null
    case 'alerts_per_1000':
      return perThousand(after)
    case 'silent':
    case 'noisy':
      return standing(which)
    case 'never_evaluated':
      return standing('not_evaluated')
  }
}
