import type { Millis } from './event.ts'
import type { Grade, Severity } from './finding.ts'

/** Why two alerts are one incident. */
export interface IncidentTie {
  readonly from: string
  readonly to: string
  /** They stand in one chain; one cites a step of the other's; parent, child or hand-off; credentials of one lineage. */
  readonly by: 'chain' | 'evidence' | 'link' | 'credential'
  readonly grade: Grade
}

/** What belongs to one attack, over all the chains it went through. */
export interface Incident {
  /** Named by its oldest alert. Alerts that come later leave it as it is; any name it ever had goes on leading to it. */
  readonly id: string
  readonly tenant: string
  /** Of the strongest alert. */
  readonly title: string
  readonly summary: string
  readonly severity: Severity
  /** 0 to 100. */
  readonly score: number
  /** Oldest first, as `workflowIds`. */
  readonly alertIds: readonly string[]
  readonly workflowIds: readonly string[]
  /** Strongest first. */
  readonly detectors: readonly string[]
  readonly agentIds: readonly string[]
  readonly credentialIds: readonly string[]
  readonly grantIds: readonly string[]
  readonly firstAt: Millis
  readonly lastAt: Millis
  /** As many as hold its alerts together. */
  readonly ties: readonly IncidentTie[]
}
