import { isLoud } from '../core/index.ts'
import { type Share, shareOf } from './interval.ts'
import type { RunAlert, RunResult } from './run-result.ts'

/** What an analyst found an alert to be. `benign-true`: it happened as the alert says, and was all right. */
export const VERDICTS = ['true', 'false', 'benign-true'] as const

/** An analyst's word on one alert: by its id, for all detectors in it; or by workflow and detector. */
export interface Verdict {
  readonly alertId: string | null
  readonly workflowId: string | null
  readonly detector: string | null
  readonly verdict: (typeof VERDICTS)[number]
  readonly reason: string | null
}

/** How a detector's alerts of severity medium and above were judged. */
export interface VerdictFigures {
  readonly detector: string
  readonly counts: Readonly<Record<Verdict['verdict'], number>>
  readonly notJudged: number
  /** True ones of all that were judged: how often it was right to wake somebody. */
  readonly precision: Share
  /** True and benign ones of all that were judged: how often it saw what it says it saw. */
  readonly correct: Share
  /** Why true alerts were all right, with how often, the most frequent first. */
  readonly reasons: readonly (readonly [reason: string, times: number])[]
}

export interface Measured {
  readonly all: Omit<VerdictFigures, 'detector'>
  /** Detectors with an alert, by id. */
  readonly detectors: readonly VerdictFigures[]
  /** Verdicts on what this version does not alert on. */
  readonly gone: VerdictFigures['counts']
}

/** Sets alerts beside what analysts said of them. Of several verdicts on one alert the last counts. */
export function measure({ alerts }: RunResult, verdicts: readonly Verdict[]): Measured {
  const loud = alerts.filter(isLoud)
  const used = new Set<Verdict>()
  const judged = (alert: RunAlert, detector?: string): Verdict | undefined => {
    const own = verdicts.filter((one) => isOn(one, alert, detector))
    for (const one of own) used.add(one)
    return own.at(-1)
  }
  const all = figures(loud.map((alert) => judged(alert)))
  const ids = [...new Set(loud.flatMap(({ detectors }) => detectors))].sort()
  const detectors = ids.map((detector) => {
    const own = loud.filter((alert) => alert.detectors.includes(detector))
    return { detector, ...figures(own.map((alert) => judged(alert, detector))) }
  })
  return { all, detectors, gone: countsOf(verdicts.filter((one) => !used.has(one))) }
}

function isOn({ alertId, workflowId, detector }: Verdict, alert: RunAlert, wanted: string | undefined): boolean {
  if (alertId !== null) return alertId === alert.id
  if (workflowId !== alert.workflowId || detector === null || !alert.detectors.includes(detector)) return false
  return wanted === undefined || wanted === detector
}

function countsOf(verdicts: readonly (Verdict | undefined)[]): VerdictFigures['counts'] {
  const count = (verdict: Verdict['verdict']): number => verdicts.filter((one) => one?.verdict === verdict).length
  return { true: count('true'), false: count('false'), 'benign-true': count('benign-true') }
}

function figures(verdicts: readonly (Verdict | undefined)[]): Omit<VerdictFigures, 'detector'> {
  const counts = countsOf(verdicts)
  const judged = counts.true + counts.false + counts['benign-true']
  const times = new Map<string, number>()
  for (const one of verdicts)
    if (one?.verdict === 'benign-true' && one.reason !== null) times.set(one.reason, (times.get(one.reason) ?? 0) + 1)
  return {
    counts,
    notJudged: verdicts.length - judged,
    precision: shareOf(counts.true, judged),
    correct: shareOf(counts.true + counts['benign-true'], judged),
    reasons: [...times].sort(([a, many], [b, more]) => more - many || (a < b ? -1 : 1)),
  }
}
