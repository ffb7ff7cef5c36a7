import type { Alert, ChainSummary, Severity } from '../../core/index.ts'
import type {
  CheckpointRow,
  CoverageRow,
  CredentialRow,
  EdgeRow,
  FindingRow,
  HeartbeatRow,
  LinkRow,
  RejectedRow,
} from '../../ports/index.ts'
import type { Row } from './insert.ts'
import { nanoTimeValue, timeValue, timeValueOrNull } from './row-values.ts'

// What each row of a commit becomes. JSON that is kept whole is what is read back; the rest is there to be filtered on.

export const rowOfEdge = (edge: EdgeRow, sequence: number): Row => ({
  tenant: edge.tenant,
  workflow_id: edge.workflowId,
  from_step: edge.from,
  to_step: edge.to,
  type: edge.type,
  sequence,
  grade: edge.grade,
  rule: edge.rule,
  confidence: edge.confidence,
})

export const rowOfCheckpoint = (row: CheckpointRow, sequence: number): Row => ({
  tenant: row.tenant,
  thread: row.thread,
  sequence,
  until: timeValue(row.until),
  readers: row.readers,
  state: row.state,
})

export const rowOfLink = (row: LinkRow, sequence: number): Row => ({
  tenant: row.tenant,
  workflow_id: row.workflowId,
  from_workflow_id: row.link.from,
  relation: row.link.relation,
  what: row.link.what,
  source: row.event.source,
  event_id: row.event.id,
  sequence,
  time: nanoTimeValue(row.event),
  is_hidden: row.isHidden,
  link: JSON.stringify(row),
})

export const rowOfChain = (chain: ChainSummary, sequence: number): Row => ({
  tenant: chain.tenant,
  workflow_id: chain.workflowId,
  sequence,
  is_gone: chain.events === 0 ? 1 : 0,
  status: chain.status,
  first_at: timeValue(chain.firstAt),
  last_at: timeValue(chain.lastAt),
  events: chain.events,
  steps: chain.steps,
  score: chain.score,
  severity: chain.severity,
  task: chain.task ?? '',
  principal_type: chain.principal?.type ?? '',
  principal_id: chain.principal?.id ?? '',
  agent_ids: chain.agentIds,
  credential_ids: chain.credentialIds,
  linked_workflow_ids: chain.links.map(({ workflowId }) => workflowId),
  chain: JSON.stringify(chain),
})

export const rowOfFinding = ({ finding, status, reason }: FindingRow, sequence: number): Row => ({
  tenant: finding.tenant,
  workflow_id: finding.workflowId,
  finding_id: finding.id,
  sequence,
  status,
  reason,
  detector: finding.detector,
  detector_version: finding.version,
  track: finding.track,
  at: timeValue(finding.at),
  severity: finding.severity,
  confidence: finding.confidence,
  summary: finding.summary,
  event_ids: finding.evidence.map(({ eventId }) => eventId),
  finding: JSON.stringify(finding),
})

export const rowOfAlert = (alert: Alert, sequence: number): Row => ({
  tenant: alert.tenant,
  alert_id: alert.id,
  revision: alert.revision,
  sequence,
  status: alert.status,
  workflow_id: alert.workflowId,
  detector: alert.detector,
  detectors: alert.detectors,
  title: alert.title,
  summary: alert.summary,
  severity: alert.severity,
  score: alert.score,
  confidence: alert.confidence,
  first_at: timeValue(alert.firstAt),
  last_at: timeValue(alert.lastAt),
  workflow_ids: alert.workflowIds,
  agent_ids: alert.agentIds,
  principal_type: alert.principal?.type ?? '',
  principal_id: alert.principal?.id ?? '',
  credential_ids: alert.credentialIds,
  grant_ids: alert.grantIds,
  frameworks: alert.frameworks,
  'evidence.workflow_id': alert.evidence.map(({ workflowId }) => workflowId),
  'evidence.event_id': alert.evidence.map(({ eventId }) => eventId),
  'evidence.role': alert.evidence.map(({ role }) => role),
  alert: JSON.stringify(alert),
})

export const rowOfCredential = ({ state, ...credential }: CredentialRow, sequence: number): Row => ({
  tenant: credential.tenant,
  credential_id: credential.id,
  sequence,
  type: credential.type ?? '',
  parent_id: credential.parentId ?? '',
  parent_grade: credential.parentGrade ?? '',
  issuer: credential.issuer ?? '',
  subject: credential.subject ?? '',
  uses: credential.uses,
  first_at: timeValue(credential.firstAt),
  last_at: timeValue(credential.lastAt),
  expires_at: timeValueOrNull(credential.expiresAt),
  revoked_at: timeValueOrNull(credential.revokedAt),
  workflow_ids: credential.workflowIds,
  agent_ids: credential.agentIds,
  scopes: credential.scopes,
  credential: JSON.stringify(credential),
  state,
})

export const rowOfCoverage = (row: CoverageRow, sequence: number): Row => ({
  tenant: row.tenant,
  id: row.id,
  sequence,
  at: timeValue(row.at),
  workflow_id: row.workflowId,
  what: row.what,
  detector: row.detector,
  detail: row.detail,
})

export const rowOfRejected = (row: RejectedRow, sequence: number): Row => ({
  tenant: row.tenant,
  id: row.id,
  sequence,
  at: timeValue(row.at),
  reason: row.reason,
  path: row.path,
  message: row.message,
  origin_file: row.origin.file,
  origin_line: row.origin.line,
  raw: row.raw,
})

export const rowOfHeartbeat = ({ event, arrivedAt }: HeartbeatRow, sequence: number): Row => ({
  tenant: event.tenant,
  event_id: event.id,
  source: event.source,
  sequence,
  time: nanoTimeValue(event),
  arrived_at: timeValue(arrivedAt),
  agent_id: event.agent?.id ?? '',
  workflow_id: event.workflow_id ?? '',
  interval_s: event.heartbeat?.interval_s ?? null,
  event: JSON.stringify(event),
})

/** Severities as the tables number them. */
export const SEVERITY_NUMBER: Readonly<Record<Severity, number>> = { info: 0, low: 1, medium: 2, high: 3, critical: 4 }
