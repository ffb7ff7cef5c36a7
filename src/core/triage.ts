import type { Alert } from './alert.ts'
import { isAtLeast, type Severity } from './finding.ts'

/** Where people stand with an alert. What the detectors say of it is its own `status`. */
export const TRIAGE_STATUSES = ['open', 'acknowledged', 'in_progress', 'closed'] as const
export type TriageStatus = (typeof TRIAGE_STATUSES)[number]

/** What a closed alert turned out to be. Benign: it is what the detector looks for, and it was allowed. */
export const ALERT_VERDICTS = ['true_positive', 'false_positive', 'benign_true_positive'] as const
export type AlertVerdict = (typeof ALERT_VERDICTS)[number]

/** What somebody did about an alert, and where it stands since. */
export interface AlertAction {
  readonly tenant: string
  readonly alertId: string
  /** From 1, without gaps. */
  readonly number: number
  /** Milliseconds since the epoch. */
  readonly at: number
  /** Kind and id of the caller. */
  readonly by: string
  readonly status: TriageStatus
  readonly assignee: string | null
  /** Of a closed alert, and null of any other; so is the reason. */
  readonly verdict: AlertVerdict | null
  readonly reason: string | null
  readonly note: string | null
  /** What they had before them: the alert's revision, its severity, and the events of its evidence. */
  readonly revision: number
  readonly severity: Severity
  readonly eventIds: readonly string[]
}

/** Where an alert stands. */
export interface Triage extends Pick<AlertAction, 'status' | 'assignee' | 'verdict' | 'reason'> {
  /** Changes with each revision of the alert and each action: `3.1`. */
  readonly version: string
  /** When and by whom it was last changed; null for never. */
  readonly changedAt: number | null
  readonly changedBy: string | null
  /** It was closed, and new evidence or a higher severity came since. */
  readonly isReopened: boolean
}

type Told = Pick<Alert, 'revision' | 'severity' | 'evidence'>

/** Where an alert stands after the last action; null for none. */
export function triageOf(alert: Told, last: AlertAction | null): Triage {
  const version = `${alert.revision}.${last?.number ?? 0}`
  if (last === null)
    return {
      version,
      status: 'open',
      assignee: null,
      verdict: null,
      reason: null,
      changedAt: null,
      changedBy: null,
      isReopened: false,
    }
  const { assignee, at: changedAt, by: changedBy } = last
  if (reopens(alert, last))
    return { version, status: 'open', assignee, verdict: null, reason: null, changedAt, changedBy, isReopened: true }
  const { status, verdict, reason } = last
  return { version, status, assignee, verdict, reason, changedAt, changedBy, isReopened: false }
}

/** Whether an alert says more than who closed it had before them. A mere repeat does not. */
export const reopens = ({ severity, evidence }: Told, last: AlertAction): boolean =>
  last.status === 'closed' &&
  (!isAtLeast(last.severity, severity) || evidence.some(({ eventId }) => !last.eventIds.includes(eventId)))
