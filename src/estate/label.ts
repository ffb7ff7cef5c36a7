/** The stories, by number. The first seven are those of the bundled estate. */
export const STORIES = {
  1: 'One step approved, then more',
  2: 'A connector at work outside any workflow',
  3: 'A credential that outlives its task',
  4: 'A shared credential used after it was contained',
  5: 'Lateral movement through a secret, in seconds',
  6: 'A hand-off that widens',
  7: 'Exfiltration steered by a tool result',
  8: 'Refused, then got by another way',
  9: 'Refused, then done by an agent that may',
  10: 'The audit log switched off',
  11: 'An agent that approves what it asked for',
  12: 'Customers sent to a stranger',
  13: 'Secrets gathered',
  14: 'One agent’s token in another’s hands',
  15: 'Authority that stays behind',
  16: 'An agent without its proof',
  17: 'Silent, and still at work',
  18: 'A far-reaching consent',
  19: 'A grant that grows',
  20: 'Faster than anybody could follow',
  21: 'An agent far off its path',
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
  8: ['deny-then-pivot'],
  9: ['confused-deputy'],
  10: ['control-evasion'],
  11: ['duty-conflict'],
  12: ['exfiltration-path'],
  13: ['secret-harvest'],
  14: ['shared-credential'],
  15: ['privilege-persistence'],
  16: ['unattested-workload'],
  17: ['lost-sight'],
  18: ['oauth-overreach'],
  19: ['grant-creep'],
  20: ['machine-speed-spread'],
  // What is rare is never more than low by itself: the others alert.
  21: ['scope-expansion', 'rare-path'],
}
