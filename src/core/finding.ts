import type { Millis } from './event.ts'

export const SEVERITIES = ['info', 'low', 'medium', 'high', 'critical'] as const
export type Severity = (typeof SEVERITIES)[number]

export const isAtLeast = (severity: Severity, least: Severity): boolean =>
  SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf(least)

/** Whether somebody should be told: medium or above. */
export const isLoud = ({ severity }: { readonly severity: Severity }): boolean => isAtLeast(severity, 'medium')

/** The more severe of two. */
export const worse = (a: Severity, b: Severity): Severity => (isAtLeast(a, b) ? a : b)

/** How an edge or a piece of evidence is known: said by the producer, proved by an identifier, or concluded. */
export type Grade = 'reported' | 'derived' | 'inferred'

/** One step a finding stands on, and the part it played. */
export interface Evidence {
  readonly eventId: string
  readonly stepId: string
  /** The part: a noun from the detector's own vocabulary, such as `secret-read` or `egress`. */
  readonly role: string
  /** How a person would name the step: `vault.read vault/prod/payroll-admin`. */
  readonly note: string
  readonly grade: Grade
  readonly at: Millis
  readonly time: string
  /** The workflow the step belongs to (it may be another than the finding's own). */
  readonly workflowId: string
  /** Who took the step; null where the event does not say. */
  readonly agentId: string | null
  /** Context only: does not tie two findings into one case (a grant, a task's start). */
  readonly context?: boolean
}

/** What a detector hands back. The engine signs it, and it becomes a Finding. */
export interface Sighting {
  /**
   * Tells this sighting from the detector's other sightings on the same chain or thread, and stays the same while its
   * evidence grows: a later sighting with the same key replaces the earlier one. Derived from facts, never from order.
   */
  readonly key: string
  readonly summary: string
  readonly severity: Severity
  /** 0 to 1: how sure the detector is that this is what it says. */
  readonly confidence: number
  /** In order of time. At least one. The last one that is not `context` is the step that completed the pattern. */
  readonly evidence: readonly Evidence[]
  /** Why, in named terms an analyst can check: `{ newZone: 'prod', grantedBy: 'e1' }`. Never content. */
  readonly terms: Readonly<Record<string, string | number | boolean>>
  readonly credentialIds?: readonly string[]
  readonly grantIds?: readonly string[]
}

/** A sighting with its provenance. Equal events give an equal id, so writing it twice changes nothing. */
export interface Finding extends Sighting {
  readonly id: string
  readonly detector: string
  readonly version: number
  readonly tenant: string
  /** The chain or thread whose fold found it, as a track key. */
  readonly track: string
  /** The chain it belongs to: that of the step that completed it. */
  readonly workflowId: string
  /** The time of the step (or deadline) that completed the pattern. */
  readonly at: Millis
}
