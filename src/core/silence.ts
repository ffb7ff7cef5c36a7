import type { Alert } from './alert.ts'
import { isAtLeast, type Severity } from './finding.ts'
import { anyFits, type TextMatch } from './text-match.ts'

/** Fields of an alert; it has to have all that are given. */
export interface AlertMatch {
  readonly detector?: TextMatch | undefined
  readonly agent?: TextMatch | undefined
  readonly principal?: TextMatch | undefined
  readonly credential?: TextMatch | undefined
  readonly workflow?: TextMatch | undefined
  /** Of a step that its evidence cites; so is the resource. */
  readonly tool?: TextMatch | undefined
  readonly resource?: TextMatch | undefined
  /** Of this severity or a milder one. */
  readonly maxSeverity?: Severity | undefined
}

/** Keeps alerts from being sent to destinations for a while. They are stored, scored and shown as any other. */
export interface Silence {
  readonly tenant: string
  readonly id: string
  readonly matches: AlertMatch
  readonly reason: string
  /** Milliseconds since the epoch, as all times here. */
  readonly createdAt: number
  /** Kind and id of the caller. */
  readonly createdBy: string
  readonly expiresAt: number
  /** Before its time; null for not. */
  readonly removedAt: number | null
  readonly removedBy: string | null
}

export const SILENCE_STATES = ['active', 'expired', 'removed'] as const
export type SilenceState = (typeof SILENCE_STATES)[number]

/** How a silence stands at a time. */
export function silenceState({ expiresAt, removedAt }: Silence, now: number): SilenceState {
  if (removedAt !== null && removedAt <= now) return 'removed'
  return expiresAt <= now ? 'expired' : 'active'
}

/** Whether an alert has all that it says itself of what is asked for. Its tools and resources are those of its steps. */
export function saysAll(match: AlertMatch, alert: Alert): boolean {
  const { detector, agent, principal, credential, workflow, maxSeverity } = match
  const any = (asked: TextMatch | undefined, texts: readonly string[]): boolean =>
    asked === undefined || anyFits(asked, texts)
  return (
    any(detector, alert.detectors) &&
    any(agent, alert.agentIds) &&
    any(principal, alert.principal === null ? [] : [alert.principal.id]) &&
    any(credential, alert.credentialIds) &&
    any(workflow, alert.workflowIds) &&
    (maxSeverity === undefined || isAtLeast(maxSeverity, alert.severity))
  )
}

/** What a silence would keep from being sent, of the alerts of some days. */
export interface SilencePreview {
  /** Milliseconds since the epoch. */
  readonly since: number
  readonly alerts: number
  /** There are more than were counted: the newest were. */
  readonly isCut: boolean
  readonly bySeverity: Readonly<Partial<Record<Severity, number>>>
  readonly byDetector: Readonly<Record<string, number>>
  readonly newest: readonly Alert[]
}
