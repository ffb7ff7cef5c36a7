import type { Actor, Millis } from './event.ts'
import type { Evidence, Severity } from './finding.ts'

/** One case, told: the findings of one attack on one chain, folded into the strongest. */
export interface Alert {
  /** Stable over revisions; equal events give an equal id. */
  readonly id: string
  /** 1 when first raised, then one more each time what it says changes. */
  readonly revision: number
  readonly status: 'open' | 'retracted'
  /** Why it was retracted or revised: the event that changed it, in words. Null on the first revision. */
  readonly reason: string | null
  /** The detector of the strongest finding. */
  readonly detector: string
  readonly detectorVersion: number
  /** Every detector with a finding in this case, strongest first. */
  readonly detectors: readonly string[]
  readonly findingIds: readonly string[]
  readonly title: string
  readonly summary: string
  readonly severity: Severity
  /** 0 to 100. */
  readonly score: number
  readonly confidence: number
  readonly tenant: string
  readonly workflowId: string
  readonly workflowIds: readonly string[]
  readonly agentIds: readonly string[]
  readonly principal: Actor | null
  readonly credentialIds: readonly string[]
  readonly grantIds: readonly string[]
  readonly firstAt: Millis
  readonly lastAt: Millis
  readonly evidence: readonly Evidence[]
  readonly terms: Readonly<Record<string, string | number | boolean>>
  readonly frameworks: readonly string[]
  readonly respond: readonly string[]
}
