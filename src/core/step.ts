import type { AuthorizationDetail } from './authorization-detail.ts'
import type { AgentEvent, Millis } from './event.ts'
import type { Evidence, Grade } from './finding.ts'

/** How a step came to its chain. */
export interface Attribution {
  /** The chain's workflow id; made-up ones start with `~`. */
  readonly workflowId: string
  readonly grade: Grade
  /** The rule that decided: `reported`, `session`, `credential`, or `own` for a chain of its own. */
  readonly rule: 'reported' | 'session' | 'credential' | 'own'
  /** Several workflows hold the credential: the step is linked to each of these and belongs to none. */
  readonly candidates?: readonly string[]
  /** Which decision this is, where others are told of it: a later one replaces an earlier one, whichever is heard first. */
  readonly turn?: number
}

/** An event at its place in a chain or thread. A call and its result that came as two events are one step. */
export interface Step {
  readonly event: AgentEvent
  /** The producer's id of the step; the event's id where it has none. */
  readonly id: string
  /** 0 at the first step, then one more for each. */
  readonly index: number
  readonly attribution: Attribution
  /** Present on facts that another chain sent: a parent's hand-off, its end, its authority at that time. */
  readonly link?: Link
}

/** What a chain says to a chain or thread it is linked with. */
export interface Link {
  readonly from: string
  readonly relation: 'parent' | 'child'
  readonly what: 'handoff' | 'start' | 'end'
  /** The giver's own authority when it gave. Null where it had none declared. */
  readonly giver: Entitlement | null
}

/** A set of authority. Null lists mean "not limited by this dimension was said". */
export interface Entitlement {
  readonly scopes: readonly string[] | null
  readonly tools: readonly string[] | null
  readonly resources: readonly string[] | null
  /** RFC 9396. Left out by what was stored before it was known: as null. */
  readonly details?: readonly AuthorizationDetail[] | null | undefined
}

/** As much of a step as a detector may keep: enough to cite it, never its payload. */
export interface StepRef {
  readonly eventId: string
  readonly stepId: string
  readonly at: Millis
  readonly time: string
  readonly label: string
  readonly workflowId: string
  readonly agentId: string | null
  readonly grade: Grade
}

/** How a person would name the step: `vault.read vault/prod/payroll-admin`. */
export function labelOf(event: AgentEvent): string {
  switch (event.kind) {
    case 'workflow':
      return `workflow ${event.workflow.action}${event.workflow.task === undefined ? '' : ` ${event.workflow.task}`}`
    case 'message':
      return `message from ${event.message.role}`
    case 'tool_call': {
      const target = event.tool_call.resource?.id
      const to = event.tool_call.destination?.id
      return `${event.tool_call.name}${target === undefined ? '' : ` ${target}`}${to === undefined ? '' : ` → ${to}`}`
    }
    case 'credential':
      return `credential ${event.credential.action ?? 'use'} ${event.credential.resource?.id ?? event.credential.id}`
    case 'oauth':
      return `oauth ${event.oauth.action} ${event.oauth.app_name ?? event.oauth.client_id}`
    case 'handoff':
      return `handoff to ${event.handoff.to_agent?.id ?? event.handoff.to_workflow_id ?? 'unknown'}`
    case 'approval':
      return `approval ${event.approval.action}${event.approval.approver === undefined ? '' : ` by ${event.approval.approver.id}`}`
    case 'decision':
      return `decision ${event.decision.effect}${event.decision.policy_id === undefined ? '' : ` by ${event.decision.policy_id}`}`
    case 'heartbeat':
      return 'heartbeat'
    case 'containment':
      return `${event.containment.action} ${event.containment.target.kind} ${event.containment.target.id}`
  }
}

export const refTo = (step: Step): StepRef => ({
  eventId: step.event.id,
  stepId: step.id,
  at: step.event.at,
  time: step.event.time,
  label: labelOf(step.event),
  workflowId: step.attribution.workflowId,
  agentId: step.event.agent?.id ?? null,
  grade: step.attribution.grade,
})

/** Cites a remembered step as evidence. `grade` is the weakest edge that this part of the story needs. */
export const cite = (ref: StepRef, role: string, more: { grade?: Grade; context?: boolean } = {}): Evidence => ({
  eventId: ref.eventId,
  stepId: ref.stepId,
  role,
  note: ref.label,
  grade: more.grade ?? ref.grade,
  at: ref.at,
  time: ref.time,
  workflowId: ref.workflowId,
  agentId: ref.agentId,
  ...(more.context === true ? { context: true } : {}),
})
