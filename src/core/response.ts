import type { Millis, Operation, Outcome, Sensitivity } from './event.ts'
import type { Grade } from './finding.ts'
import type { StepRef } from './step.ts'

/** Whose path a responder follows. `alert`: that of all workflows the alert stands on. */
export interface Subject {
  readonly kind: 'alert' | 'workflow' | 'agent' | 'credential'
  readonly tenant: string
  readonly id: string
}

/** A thing that the subject's steps touched: a resource, or a tool that named none. */
export interface Touched {
  readonly id: string
  readonly type: string | null
  readonly zone: string | null
  readonly sensitivity: Sensitivity | null
  /** What was done to it and succeeded, in words of the contract; empty when nothing did. */
  readonly operations: readonly Operation[]
  /** How many steps ended so. */
  readonly outcomes: Readonly<Partial<Record<Outcome, number>>>
  readonly firstAt: Millis
  readonly lastAt: Millis
  /** The first step that touched it. */
  readonly by: StepRef
}

/** Where something was sent, or who was reached. */
export interface Reached {
  readonly id: string
  /** The contract's type of a destination; of an agent, how the work was handed over. */
  readonly type: string | null
  /** Destinations only, where the producer says it. */
  readonly isExternal: boolean | null
  readonly count: number
  readonly by: StepRef
}

/**
 * How a credential or grant came into hands: `issued`, `read` (its value was shown), `used`, `consented`, or `derived` from one
 * that is held.
 */
export type HeldAs = 'issued' | 'read' | 'used' | 'consented' | 'derived'

/** A credential or OAuth grant in the subject's hands, and what it opens. */
export interface Held {
  readonly kind: 'credential' | 'grant'
  readonly id: string
  /** A credential's type, a grant's app. */
  readonly type: string | null
  readonly as: HeldAs
  /** The step that says so; null for a derived one that the subject's own steps do not show. */
  readonly by: StepRef | null
  /** The held credential it derives from, or the grant it was issued under. */
  readonly from: string | null
  readonly grade: Grade
  /** At the time asked about. `live` where nothing known ended it. */
  readonly state: 'live' | 'expired' | 'revoked'
  readonly expiresAt: Millis | null
  readonly revokedAt: Millis | null
  /** What it may do, as far as events say: its scopes, whom it is for. */
  readonly scopes: readonly string[]
  readonly audience: readonly string[]
  /** Resources that it was seen to open, in anybody’s hands. */
  readonly opened: readonly string[]
  /** Others who use it: what breaks when it is revoked. */
  readonly alsoUsedBy: { readonly agents: readonly string[]; readonly workflows: readonly string[] }
  readonly lastUsedAt: Millis | null
}

/** What a subject did, and what it could still do. */
export interface BlastRadius {
  readonly subject: Subject
  /** The time that `state` of what is held is judged at. */
  readonly at: Millis
  readonly steps: number
  /** There were more steps than were read. */
  readonly isCut: boolean
  readonly firstAt: Millis
  readonly lastAt: Millis
  readonly workflowIds: readonly string[]
  readonly agentIds: readonly string[]
  readonly principalIds: readonly string[]
  /** Most sensitive first, then by first time. */
  readonly resources: readonly Touched[]
  readonly destinations: readonly Reached[]
  readonly agents: readonly Reached[]
  /** Live ones first, then as they came into hands. */
  readonly held: readonly Held[]
}

/** What to do about one thing, in the order it should be done. */
export interface ContainmentAction {
  /**
   * `revoke-grant`: end an OAuth grant with its tokens. `revoke-credential`. `rotate-secret`: its value was seen. `stop-agent`: end
   * its sessions. `undo`: take back authority that the path made and that outlasts it. `check-agent`: it was handed work.
   */
  readonly action: 'stop-agent' | 'revoke-grant' | 'revoke-credential' | 'rotate-secret' | 'undo' | 'check-agent'
  readonly target: { readonly kind: 'agent' | 'grant' | 'credential' | 'resource' | 'step'; readonly id: string }
  /** In words. */
  readonly why: string
  /** The step that says so, where one does. */
  readonly by: StepRef | null
  /** Who else uses it and will notice. */
  readonly breaks: { readonly agents: readonly string[]; readonly workflows: readonly string[] }
  /** When it ends by itself; null: never, as far as is known. */
  readonly endsAt: Millis | null
}
