import type { z } from 'zod'
import type { AgentEvent, Alert, ChainSummary, CredentialSummary, Edge, Step } from '../../src/core/index.ts'
import type { StepRow } from '../../src/ports/index.ts'
import { parseTime } from '../time.ts'
import type { Alert as AlertShape } from './alert.ts'
import type { Chain as ChainShape, Graph } from './chain.ts'
import type { Credential as CredentialShape } from './credential.ts'
import type { Step as StepShape } from './step.ts'

// What the API shows, as what it was shown from: for who asks a service what a store at hand would be asked.

const at = (time: string): number => parseTime(time)?.at ?? 0
const atOrNull = (time: string | null): number | null => (time === null ? null : at(time))

/** A step as `stepJson` shows it. Which threads show it is not told. */
export function stepOf(json: z.output<typeof StepShape>): StepRow {
  const moment = parseTime(json.time) ?? { at: 0, ns: 0 }
  const { rule, candidates } = json.attribution
  const step: Step = {
    event: { ...json.event, ...moment } as AgentEvent,
    id: json.step_id,
    index: json.index,
    attribution: {
      workflowId: json.workflow_id,
      grade: json.grade,
      rule,
      ...(candidates === undefined ? {} : { candidates }),
    },
  }
  return {
    step,
    origin: json.origin,
    arrivedAt: at(json.arrived_at),
    late: json.late,
    clockSkew: json.clock_skew,
    threads: [],
    isGone: false,
  }
}

/** An alert as `alertDetail` shows it. Its findings are not told. */
export const alertOf = (json: z.output<typeof AlertShape>): Alert => ({
  id: json.alert_id,
  revision: json.revision,
  status: json.status,
  reason: json.reason,
  detector: json.detector,
  detectorVersion: json.detector_version,
  detectors: json.detectors,
  findingIds: [],
  title: json.title,
  summary: json.summary,
  severity: json.severity,
  score: json.score,
  confidence: json.confidence,
  tenant: json.tenant,
  workflowId: json.workflow_id,
  workflowIds: json.workflow_ids,
  agentIds: json.agent_ids,
  principal: json.principal as Alert['principal'],
  credentialIds: json.credential_ids,
  grantIds: json.grant_ids,
  firstAt: at(json.first_at),
  lastAt: at(json.last_at),
  evidence: json.evidence.map(({ event_id, step_id, workflow_id, agent_id = null, time, context, ...rest }) => ({
    ...rest,
    ...(context === undefined ? {} : { context }),
    eventId: event_id,
    stepId: step_id,
    workflowId: workflow_id,
    agentId: agent_id,
    at: at(time),
    time,
  })),
  terms: json.terms,
  frameworks: json.frameworks.map(({ id }) => id),
  respond: json.respond,
})

/** A chain as `chainDetail` shows it. */
export const chainOf = (json: z.output<typeof ChainShape>): ChainSummary => ({
  tenant: json.tenant,
  workflowId: json.workflow_id,
  status: json.status,
  events: json.events,
  steps: json.steps,
  agentIds: json.agent_ids,
  credentialIds: json.credential_ids,
  principal: json.principal as ChainSummary['principal'],
  task: json.task,
  score: json.score,
  severity: json.severity,
  firstAt: at(json.first_at),
  lastAt: at(json.last_at),
  links: json.links.map(({ workflow_id, relation, grade }) => ({ workflowId: workflow_id, relation, grade })),
})

/** A credential as `credentialDetail` shows it. */
export const credentialOf = (json: z.output<typeof CredentialShape>): CredentialSummary => ({
  tenant: json.tenant,
  id: json.id,
  type: json.credential_type,
  parentId: json.parent_id,
  parentGrade: json.parent_grade,
  workflowIds: json.workflow_ids,
  agentIds: json.agent_ids,
  scopes: json.scopes,
  issuer: json.issuer,
  subject: json.subject,
  uses: json.uses,
  firstAt: at(json.first_at),
  lastAt: at(json.last_at),
  expiresAt: atOrNull(json.expires_at),
  revokedAt: atOrNull(json.revoked_at),
})

/** The edges of a graph as they stand. */
export const edgesOf = ({ edges }: z.output<typeof Graph>): readonly Edge[] => edges
