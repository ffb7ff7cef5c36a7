import { isLoud } from '../core/index.ts'
import { type Backtest, type DetectorRow, loudCount, NOISY_PER_1000, perThousand } from '../lab/backtest.ts'
import type { ChangedAlert } from '../lab/compare.ts'
import type { Share } from '../lab/interval.ts'
import type { LabelFigures } from '../lab/label-figures.ts'
import { table } from '../lab/markdown.ts'
import type { RunAlert, RunResult } from '../lab/run-result.ts'
import { type Measured, VERDICTS } from '../lab/verdicts.ts'
import { printable } from './io.ts'

/** A condition of `--fail-if` and what came of it. */
export interface GateResult {
  readonly condition: string
  readonly value: number
  readonly met: boolean
}

const EXAMPLES = 5
/** In the JSON report, of each detector. */
const MORE_EXAMPLES = 50

/** Made safe for a Markdown cell. */
const cell = (text: string): string => printable(text).replaceAll('|', '\\|').replaceAll('`', "'")

const rounded = (value: number): string => String(Number(value.toFixed(3)))

const shown = ({ hits, of, value, low, high }: Share): string =>
  value === null ? '–' : `${hits}/${of} = ${rounded(value)} [${rounded(low)}, ${rounded(high)}]`

/** The report as Markdown; brackets are 95 % intervals (Wilson). */
export function backtestMarkdown(test: Backtest, gates: readonly GateResult[]): string {
  const { before, after, comparison } = test
  const parts = [
    `# Backtest: ${before === null ? after.name : `${before.name} → ${after.name}`}`,
    table(
      ['version', 'events', 'chains', 'alerts', 'per 1,000 chains', 'recall', 'precision'],
      [
        ...(before === null ? [] : [versionRow(before, test.figures?.before ?? null)]),
        versionRow(after, test.figures?.after ?? null),
      ],
    ),
  ]
  if (comparison !== null) {
    const { gained, lost, changed, same, low } = comparison
    parts.push(
      `Alerts of severity medium and above: ${gained.length} gained, ${lost.length} lost, ${changed.length} changed, ${same} the same. Below: ${low.gained} gained, ${low.lost} lost.`,
    )
    parts.push(...examples('Gained', gained), ...examples('Lost', lost), ...examples('Changed', changed))
  }
  if (comparison === null) parts.push(...examples('Alerts', after.alerts.filter(isLoud)))
  const missed = test.figures?.after.missed ?? []
  if (missed.length > 0) parts.push(`## Missed\n\n${missed.map((name) => `- ${cell(name)}`).join('\n')}`)
  parts.push(detectorsPart(test), verdictsPart(test.verdicts), standingPart(test.detectors))
  if (gates.length > 0)
    parts.push(
      `## Conditions\n\n${gates.map(({ condition, value, met }) => `- \`${condition}\`: ${rounded(value)}${met ? ', **met**' : ''}`).join('\n')}`,
    )
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`
}

const versionRow = (result: RunResult, figures: LabelFigures | null): readonly string[] => [
  cell(result.name),
  String(result.events),
  String(result.chains),
  String(loudCount(result)),
  rounded(perThousand(result)),
  figures === null ? '–' : shown(figures.recall),
  figures === null ? '–' : shown(figures.precision),
]

const alertLine = ({ severity, detectors, workflowId, summary }: RunAlert): string =>
  `${severity} ${detectors.join(', ')} on \`${cell(workflowId)}\`: ${cell(summary)}`

/** The first few of each detector, so that a busy one does not hide the others. */
function examples(title: string, told: readonly (RunAlert | ChangedAlert)[]): readonly string[] {
  if (told.length === 0) return []
  const lines = byDetector(told).flatMap(([detector, own]) => [
    ...own.slice(0, EXAMPLES).map((one) => `- ${line(one)}`),
    ...(own.length > EXAMPLES ? [`- … and ${own.length - EXAMPLES} more of \`${detector}\``] : []),
  ])
  return [`## ${title}\n\n${lines.join('\n')}`]
}

const line = (one: RunAlert | ChangedAlert): string =>
  'after' in one ? `${alertLine(one.after)}: ${one.what.join(', ')}` : alertLine(one)

function byDetector<T extends RunAlert | ChangedAlert>(
  told: readonly T[],
): readonly (readonly [detector: string, readonly T[]])[] {
  const found = new Map<string, T[]>()
  for (const one of told) {
    const { detector } = 'after' in one ? one.after : one
    const own = found.get(detector)
    if (own === undefined) found.set(detector, [one])
    else own.push(one)
  }
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1))
}

function detectorsPart({ detectors, comparison, figures }: Backtest): string {
  const rows = detectors.filter(({ before, after, changed }) => (before ?? 0) + after + changed > 0)
  if (rows.length === 0) return ''
  const head = [
    'detector',
    ...(comparison === null ? ['alerts'] : ['before', 'after', 'gained', 'lost', 'changed']),
    ...(figures === null ? [] : ['recall of its attacks', 'precision']),
  ]
  return `## Detectors\n\n${table(
    head,
    rows.map((row) => [
      `\`${row.detector}\``,
      ...(comparison === null ? [row.after] : [row.before ?? 0, row.after, row.gained, row.lost, row.changed]).map(
        String,
      ),
      ...(row.figures === null ? [] : [shown(row.figures.recall), shown(row.figures.precision)]),
    ]),
  )}`
}

function verdictsPart(measured: Measured | null): string {
  if (measured === null) return ''
  const { all, detectors, gone } = measured
  const row = (name: string, { counts, notJudged, precision, correct }: Measured['all']): readonly string[] => [
    name,
    ...[...VERDICTS.map((one) => counts[one]), notJudged].map(String),
    shown(precision),
    shown(correct),
  ]
  const goneText = VERDICTS.flatMap((one) => (gone[one] === 0 ? [] : [`${gone[one]} ${one}`]))
  return [
    `## Verdicts\n\n${table(
      ['detector', ...VERDICTS, 'not judged', 'precision', 'saw what it says'],
      [...detectors.map((one) => row(`\`${one.detector}\``, one)), row('all', all)],
    )}`,
    ...detectors.flatMap(({ detector, reasons }) =>
      reasons.length === 0
        ? []
        : [
            `Benign though true, \`${detector}\`: ${reasons
              .slice(0, EXAMPLES)
              .map(([reason, times]) => `${cell(reason)} (${times})`)
              .join('; ')}.`,
          ],
    ),
    ...(goneText.length === 0 ? [] : [`Judged, and not alerted on by this version: ${goneText.join(', ')}.`]),
  ].join('\n\n')
}

function standingPart(rows: readonly DetectorRow[]): string {
  const of = (standing: DetectorRow['standing']): readonly DetectorRow[] =>
    rows.filter((row) => row.standing === standing)
  const parts = [
    of('noisy').length === 0
      ? ''
      : `Noisy (more than ${NOISY_PER_1000} alerts in 1,000 chains): ${of('noisy').map(named).join(', ')}.`,
    of('silent').length === 0
      ? ''
      : `Silent, though all that they need arrived: ${of('silent').map(named).join(', ')}.`,
    of('not_evaluated').length === 0
      ? ''
      : `Never evaluated, since these fields never arrived:\n\n${of('not_evaluated')
          .map((row) => `- ${named(row)}: ${row.missing.join('; ')}`)
          .join('\n')}`,
  ].filter((part) => part !== '')
  return parts.length === 0 ? '' : `## Standing\n\n${parts.join('\n\n')}`
}

const named = ({ detector }: DetectorRow): string => `\`${detector}\``

/** The report as one JSON object. Of each detector a list holds 50 alerts at most; `counts` and `detectors` count all. */
export function backtestJson(
  { before, after, comparison, detectors, figures, verdicts }: Backtest,
  gates: readonly GateResult[],
): object {
  const version = (result: RunResult, own: LabelFigures | null): object => ({
    name: result.name,
    events: result.events,
    chains: result.chains,
    alerts: loudCount(result),
    alerts_per_1000: perThousand(result),
    ...(own === null ? {} : { recall: own.recall, precision: own.precision, missed: own.missed }),
  })
  return {
    type: 'backtest',
    ...(before === null ? {} : { before: version(before, figures?.before ?? null) }),
    after: version(after, figures?.after ?? null),
    ...(comparison === null
      ? { alerts: cutOff(after.alerts.filter(isLoud)).map(alertJson) }
      : {
          counts: {
            gained: comparison.gained.length,
            lost: comparison.lost.length,
            changed: comparison.changed.length,
            same: comparison.same,
          },
          gained: cutOff(comparison.gained).map(alertJson),
          lost: cutOff(comparison.lost).map(alertJson),
          changed: cutOff(comparison.changed).map((one) => ({
            before: alertJson(one.before),
            after: alertJson(one.after),
            what: one.what,
          })),
        }),
    detectors: detectors.map(({ figures: own, ...row }) => ({
      ...row,
      ...(own === null ? {} : { recall: own.recall, precision: own.precision }),
    })),
    ...(verdicts === null ? {} : { verdicts: verdictsJson(verdicts) }),
    conditions: gates,
  }
}

const cutOff = <T extends RunAlert | ChangedAlert>(told: readonly T[]): readonly T[] =>
  byDetector(told).flatMap(([, own]) => own.slice(0, MORE_EXAMPLES))

const alertJson = (alert: RunAlert): object => ({
  alert_id: alert.id,
  detector: alert.detector,
  detectors: alert.detectors,
  severity: alert.severity,
  score: alert.score,
  workflow_id: alert.workflowId,
  summary: alert.summary,
  event_ids: alert.events,
})

function verdictsJson({ all, detectors, gone }: Measured): object {
  const json = ({ counts, notJudged, precision, correct, reasons }: Measured['all']): object => ({
    ...countsJson(counts),
    not_judged: notJudged,
    precision,
    correct,
    reasons: reasons.map(([reason, times]) => ({ reason, times })),
  })
  return {
    all: json(all),
    detectors: detectors.map((one) => ({ detector: one.detector, ...json(one) })),
    gone: countsJson(gone),
  }
}

const countsJson = (counts: Measured['gone']): object => ({
  true: counts.true,
  false: counts.false,
  benign_true: counts['benign-true'],
})
