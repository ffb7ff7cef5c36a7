import { Counter, type Registry } from 'prom-client'
import { type Coverage, SEVERITIES } from '../../core/index.ts'
import { type Commit, REJECT_REASONS, type Rejection } from '../../ports/index.ts'
import type { Verdict } from '../../runtime/pipeline.ts'

/** What became of records, and what was found in them. */
export interface Found {
  ingested(verdicts: readonly Verdict[]): void
  /** Records that were refused at the door, and come no further. */
  refused(rejections: readonly Rejection[]): void
  committed(commit: Commit): void
}

const VERDICTS: readonly Verdict[] = ['accepted', 'duplicate', 'rejected']

const LOSSES: Readonly<Record<Coverage['what'], true>> = {
  late: true,
  clock_skew: true,
  bounded: true,
  fault: true,
  evicted: true,
  not_evaluated: true,
  ambiguous: true,
}

export function createFound(registry: Registry): Found {
  // Each begins at zero, so that the first of its kind is a rise.
  const counter = (name: string, help: string, label: string, values: readonly string[]): Counter => {
    const made = new Counter({ name, help, labelNames: [label], registers: [registry] })
    for (const value of values) made.inc({ [label]: value }, 0)
    return made
  }
  const events = counter('catenary_events_total', 'Records by what became of them.', 'verdict', VERDICTS)
  const rejected = counter(
    'catenary_rejected_total',
    'Records that were refused, by reason (docs/events.md).',
    'reason',
    REJECT_REASONS,
  )
  const alerts = counter('catenary_alerts_total', 'Alerts raised.', 'severity', SEVERITIES)
  const retracted = counter(
    'catenary_alerts_retracted_total',
    'Alerts that fell when an event came late.',
    'severity',
    SEVERITIES,
  )
  const coverage = counter(
    'catenary_coverage_losses_total',
    'What could not be seen or judged, by kind; one loss may be told again when there is more of it.',
    'what',
    Object.keys(LOSSES),
  )
  return {
    ingested(verdicts) {
      for (const verdict of verdicts) events.inc({ verdict })
    },
    refused(rejections) {
      events.inc({ verdict: 'rejected' }, rejections.length)
      for (const { reason } of rejections) rejected.inc({ reason })
    },
    committed(commit) {
      for (const { reason } of commit.rejected) rejected.inc({ reason })
      for (const { what } of commit.coverage) coverage.inc({ what })
      for (const { severity, revision, status } of commit.alerts) {
        if (status === 'retracted') retracted.inc({ severity })
        else if (revision === 1) alerts.inc({ severity })
      }
    },
  }
}
