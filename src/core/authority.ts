import type { Millis } from './event.ts'
import type { Grade } from './finding.ts'
import type { Entitlement } from './step.ts'

/** One thing that gave authority to a chain. */
export interface Grant extends Entitlement {
  readonly via: 'start' | 'approval' | 'handoff' | 'credential'
  readonly eventId: string
  readonly at: Millis
  /** Who gave it: the requester, the approver, the agent that handed over or the issuer; null where no event says. */
  readonly by: string | null
  readonly expiresAt: Millis | null
  /** Approvals only: the steps it names, the uses it allows, and the uses taken. Null: no limit. */
  readonly stepIds: readonly string[] | null
  readonly maxUses: number | null
  readonly used: number
  readonly approvalId: string | null
  /** `inferred`: nobody said so, it is learned from the chain's first credential. */
  readonly grade: Grade
}

/**
 * The authority of a chain before the step at hand: what it was given, by whom, and what asked for it. The engine folds
 * it; detectors judge use against it.
 */
export interface Authority {
  readonly grants: readonly Grant[]
  /** True once a `workflow.start` or a hand-off gave scopes, tools or resources explicitly. */
  readonly explicit: boolean
  readonly startedAt: Millis | null
  readonly startEventId: string | null
  readonly task: string | null
  readonly trigger: string | null
  /** Fingerprints of the values the user asked with: the request and later user messages. Bounded. */
  readonly asked: readonly string[]
  readonly endedAt: Millis | null
  readonly expiresAt: Millis | null
  readonly parentWorkflowId: string | null
}

/** Whether a grant is in force at a time: neither expired nor used up. */
export const isInForce = (grant: Grant, at: Millis): boolean =>
  (grant.expiresAt === null || at <= grant.expiresAt) && (grant.maxUses === null || grant.used < grant.maxUses)

/** Several grants as one set. A list is null where none of them limits it. */
export function entitlementOf(grants: readonly Entitlement[]): Entitlement {
  const union = <T>(pick: (grant: Entitlement) => readonly T[] | null | undefined): readonly T[] | null => {
    const lists = grants.map(pick).filter((list) => list != null)
    return lists.length === 0 ? null : [...new Set(lists.flat())]
  }
  return {
    scopes: union((g) => g.scopes),
    tools: union((g) => g.tools),
    resources: union((g) => g.resources),
    details: union((g) => g.details),
  }
}

export const NO_AUTHORITY: Authority = {
  grants: [],
  explicit: false,
  startedAt: null,
  startEventId: null,
  task: null,
  trigger: null,
  asked: [],
  endedAt: null,
  expiresAt: null,
  parentWorkflowId: null,
}
