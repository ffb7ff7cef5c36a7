import { idempotencyKey } from '../../src/ports/index.ts'
import type { FrameworkOf } from '../output.ts'
import { forwardedAlert, type Told } from './alert.ts'

/** The columns of a row and their types, as a data collection rule declares its stream. */
export const SENTINEL_COLUMNS = {
  TimeGenerated: 'datetime',
  AlertId: 'string',
  Revision: 'int',
  IdempotencyKey: 'string',
  Status: 'string',
  PreviousStatus: 'string',
  Reason: 'string',
  Severity: 'string',
  Score: 'real',
  Confidence: 'real',
  Detector: 'string',
  DetectorVersion: 'int',
  Title: 'string',
  Summary: 'string',
  Tenant: 'string',
  WorkflowId: 'string',
  AgentIds: 'dynamic',
  CredentialIds: 'dynamic',
  Principal: 'string',
  FirstAt: 'datetime',
  LastAt: 'datetime',
  Alert: 'dynamic',
} as const

type Row = Readonly<Record<keyof typeof SENTINEL_COLUMNS, unknown>>

/** Sentinel's own words. */
const SEVERITY = { info: 'Informational', low: 'Low', medium: 'Medium', high: 'High', critical: 'High' } as const

/** An alert as a row of a custom table. Rows are never changed: the highest revision of an alert holds. */
export function sentinelRow(told: Told, frameworkOf: FrameworkOf): Row {
  const { alert, previousStatus } = told
  return {
    TimeGenerated: iso(alert.lastAt),
    AlertId: alert.id,
    Revision: alert.revision,
    IdempotencyKey: idempotencyKey(alert),
    Status: alert.status,
    PreviousStatus: previousStatus,
    Reason: alert.reason,
    Severity: SEVERITY[alert.severity],
    Score: alert.score,
    Confidence: alert.confidence,
    Detector: alert.detector,
    DetectorVersion: alert.detectorVersion,
    Title: alert.title,
    Summary: alert.summary,
    Tenant: alert.tenant,
    WorkflowId: alert.workflowId,
    AgentIds: alert.agentIds,
    CredentialIds: alert.credentialIds,
    Principal: alert.principal?.id ?? null,
    FirstAt: iso(alert.firstAt),
    LastAt: iso(alert.lastAt),
    Alert: forwardedAlert(told, frameworkOf),
  }
}

const iso = (at: number): string => new Date(at).toISOString()
