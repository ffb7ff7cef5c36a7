import type { Actor, Millis } from './event.ts'
import type { Grade, Severity } from './finding.ts'

/** A directed edge between two steps of a chain, and how it is known. */
export interface Edge {
  readonly from: string
  readonly to: string
  readonly type: 'caused' | 'credential' | 'handoff' | 'approval' | 'next' | 'data'
  readonly grade: Grade
  /** The rule that made it: `parent_step_id`, `credential.parent_id`, `call_id`, `time-order`, … */
  readonly rule: string
  /** 0 to 1; 1 for `reported` and `derived`. */
  readonly confidence: number
}

/** What is shown of a chain: the row the store keeps and the API lists. */
export interface ChainSummary {
  readonly tenant: string
  readonly workflowId: string
  readonly status: 'open' | 'closed'
  readonly events: number
  readonly steps: number
  readonly agentIds: readonly string[]
  readonly credentialIds: readonly string[]
  readonly principal: Actor | null
  readonly task: string | null
  readonly score: number
  readonly severity: Severity
  readonly firstAt: Millis
  readonly lastAt: Millis
  /** Chains this one is linked with: parents, children, and chains that share its credential. */
  readonly links: readonly ChainLink[]
}

export interface ChainLink {
  readonly workflowId: string
  readonly relation: 'parent' | 'child' | 'credential' | 'candidate'
  readonly grade: Grade
}

/** An agent as its chains show it: the row behind `/v1/agents`. */
export interface AgentSummary {
  readonly tenant: string
  readonly id: string
  /** The chains it took part in, and those of them that are open. */
  readonly chains: number
  readonly open: number
  /** The highest of its chains. */
  readonly score: number
  readonly severity: Severity
  /** When its first chain began, and when its last one was last seen. */
  readonly firstAt: Millis
  readonly lastAt: Millis
}

/** Who holds a credential and where it came from: the row behind `credential` lines and `/v1/credentials`. */
export interface CredentialSummary {
  readonly tenant: string
  readonly id: string
  readonly type: string | null
  readonly parentId: string | null
  readonly parentGrade: Grade | null
  readonly workflowIds: readonly string[]
  readonly agentIds: readonly string[]
  readonly scopes: readonly string[]
  readonly issuer: string | null
  readonly subject: string | null
  /** How often it was seen doing something: every event that names it as the credential in use. */
  readonly uses: number
  readonly firstAt: Millis
  readonly lastAt: Millis
  readonly expiresAt: Millis | null
  readonly revokedAt: Millis | null
}

/** Something Catenary could not see or keep, and for which chain. */
export interface Coverage {
  readonly tenant: string
  readonly at: Millis
  readonly workflowId: string | null
  readonly what: 'late' | 'clock_skew' | 'bounded' | 'fault' | 'evicted' | 'not_evaluated' | 'ambiguous'
  readonly detector: string | null
  readonly detail: string
}
