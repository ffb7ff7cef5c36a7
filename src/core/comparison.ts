import type { Outcome } from './event.ts'
import type { Severity } from './finding.ts'

/** What runs are set side by side in. */
export const COMPARED = ['agents', 'tools', 'resources', 'zones', 'scopes', 'credentials', 'destinations'] as const
export type Compared = (typeof COMPARED)[number]

/** A step of one run, as far as a comparison shows it. */
export interface RunStep {
  readonly eventId: string
  readonly time: string
  readonly label: string
  readonly outcome: Outcome
  readonly score: number
  readonly findings: readonly { readonly detector: string; readonly severity: Severity; readonly summary: string }[]
}

/** One line of the two runs: a step of both, or of one. */
export interface AlignedStep {
  readonly how: 'same' | 'differs' | 'only-left' | 'only-right'
  readonly left: RunStep | null
  readonly right: RunStep | null
  /** In what the two differ; empty where they do not, and where there is one. */
  readonly differs: readonly (Compared | 'outcome')[]
}

/** Two runs of what should be the same task. */
export interface RunComparison {
  readonly steps: readonly AlignedStep[]
  /** The first line where they are not the same; null: nowhere. */
  readonly partAt: number | null
  /** What one has and the other has not. */
  readonly only: Readonly<Record<Compared, { readonly left: readonly string[]; readonly right: readonly string[] }>>
  /** Steps beyond the bound were left out. */
  readonly isCut: boolean
}
