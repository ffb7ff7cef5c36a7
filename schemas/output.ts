import type { Alert, ChainSummary, CredentialSummary, Incident } from '../src/core/index.ts'
import type { Origin, RejectedRow } from '../src/ports/index.ts'

/** Looks a framework entry up by id; null for one unknown. */
export type FrameworkOf = (
  id: string,
) => { readonly framework: string; readonly version: string; readonly id: string; readonly title: string } | null

const iso = (at: number): string => new Date(at).toISOString()

/** An alert as `analyze --json` prints it and the API shows it. `incidentId`: the incident it belongs to, where that is known. */
export const alertJson = (
  alert: Alert,
  frameworkOf: FrameworkOf,
  origin: Origin | null,
  incidentId?: string,
): object => ({
  type: 'alert',
  alert_id: alert.id,
  ...(incidentId === undefined ? {} : { incident_id: incidentId }),
  revision: alert.revision,
  status: alert.status,
  detector: alert.detector,
  detector_version: alert.detectorVersion,
  detectors: alert.detectors,
  title: alert.title,
  summary: alert.summary,
  severity: alert.severity,
  score: alert.score,
  confidence: alert.confidence,
  tenant: alert.tenant,
  workflow_id: alert.workflowId,
  workflow_ids: alert.workflowIds,
  agent_ids: alert.agentIds,
  principal: alert.principal,
  credential_ids: alert.credentialIds,
  grant_ids: alert.grantIds,
  first_at: iso(alert.firstAt),
  last_at: iso(alert.lastAt),
  evidence: alert.evidence.map(({ eventId, stepId, role, note, grade, time, workflowId, context }) => ({
    event_id: eventId,
    step_id: stepId,
    role,
    note,
    grade,
    time,
    workflow_id: workflowId,
    ...(context === true ? { context } : {}),
  })),
  terms: alert.terms,
  frameworks: alert.frameworks.map((id) => frameworkOf(id) ?? { framework: 'unknown', id, title: id }),
  respond: alert.respond,
  origin,
})

/** An incident as `analyze --json` prints it and the API shows it. */
export const incidentJson = (incident: Incident) => ({
  type: 'incident' as const,
  incident_id: incident.id,
  tenant: incident.tenant,
  title: incident.title,
  summary: incident.summary,
  severity: incident.severity,
  score: incident.score,
  alert_ids: incident.alertIds,
  workflow_ids: incident.workflowIds,
  detectors: incident.detectors,
  agent_ids: incident.agentIds,
  credential_ids: incident.credentialIds,
  grant_ids: incident.grantIds,
  first_at: iso(incident.firstAt),
  last_at: iso(incident.lastAt),
  ties: incident.ties,
})

export const chainJson = (chain: ChainSummary, origin: Origin | null): object => ({
  type: 'chain',
  workflow_id: chain.workflowId,
  tenant: chain.tenant,
  origin,
  events: chain.events,
  steps: chain.steps,
  agent_ids: chain.agentIds,
  credential_ids: chain.credentialIds,
  principal: chain.principal,
  task: chain.task,
  score: chain.score,
  severity: chain.severity,
  status: chain.status,
  first_at: iso(chain.firstAt),
  last_at: iso(chain.lastAt),
  links: chain.links.map(({ workflowId, relation, grade }) => ({ workflow_id: workflowId, relation, grade })),
})

export const credentialJson = (credential: CredentialSummary): object => ({
  type: 'credential',
  id: credential.id,
  tenant: credential.tenant,
  credential_type: credential.type,
  parent_id: credential.parentId,
  parent_grade: credential.parentGrade,
  workflow_ids: credential.workflowIds,
  agent_ids: credential.agentIds,
  uses: credential.uses,
  scopes: credential.scopes,
  first_at: iso(credential.firstAt),
  last_at: iso(credential.lastAt),
  expires_at: credential.expiresAt === null ? null : iso(credential.expiresAt),
  revoked_at: credential.revokedAt === null ? null : iso(credential.revokedAt),
})

export const rejectedJson = ({
  origin,
  reason,
  path,
  message,
}: Pick<RejectedRow, 'origin' | 'reason' | 'path' | 'message'>): object => ({
  type: 'rejected',
  file: origin.file,
  line: origin.line,
  reason,
  path,
  message,
})
