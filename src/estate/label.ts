/** The seven stories, by number. */
export const STORIES = {
  1: 'One step approved, then more',
  2: 'A connector at work outside any workflow',
  3: 'A credential that outlives its task',
  4: 'A shared credential used after it was contained',
  5: 'Lateral movement through a secret, in seconds',
  6: 'A hand-off that widens',
  7: 'Exfiltration steered by a tool result',
} as const

export type StoryNumber = keyof typeof STORIES

/** What is true of one attack in an estate. */
export interface AttackLabel {
  readonly story: StoryNumber
  readonly name: string
  /** The workflows the attack ran through; empty where it ran outside any. */
  readonly workflowIds: readonly string[]
  /** The id of the first event that did harm and succeeded: an alert must cite it. */
  readonly harm: string
  /** Detectors that should see it. */
  readonly detectors: readonly string[]
}

/** What is true of one harmless look-alike. */
export interface TwinLabel {
  readonly story: StoryNumber
  readonly name: string
  readonly workflowIds: readonly string[]
  /** The id of the event that looks like the harm. */
  readonly lookalike: string
  /** Detectors that should stay quiet. */
  readonly detectors: readonly string[]
}

/** What is true of an estate. Kept beside the events, never in them. */
export interface EstateLabels {
  readonly attacks: readonly AttackLabel[]
  readonly twins: readonly TwinLabel[]
}

export const DETECTORS_OF: Readonly<Record<StoryNumber, readonly string[]>> = {
  1: ['approval-drift', 'scope-expansion'],
  2: ['connector-shadow-access'],
  3: ['credential-outlives-task'],
  4: ['credential-replay'],
  5: ['lateral-movement'],
  6: ['delegation-widening'],
  7: ['tainted-action'],
}
