import type { Alert, Severity } from '../../src/core/index.ts'
import { idempotencyKey } from '../../src/ports/index.ts'
import type { FrameworkOf } from '../output.ts'
import type { Told } from './alert.ts'
import type { FormatParts } from './formats.ts'

/** The release of the schema that is written. */
export const OCSF_VERSION = '1.8.0'
const DETECTION_FINDING = 2004
const FINDINGS = 2
/** A finding is made, updated, closed. */
const ACTIVITY = { Create: 1, Update: 2, Close: 3 } as const

const SEVERITY: Readonly<Record<Severity, readonly [number, string]>> = {
  info: [1, 'Informational'],
  low: [2, 'Low'],
  medium: [3, 'Medium'],
  high: [4, 'High'],
  critical: [5, 'Critical'],
}

const CONFIDENCE = ['Low', 'Medium', 'High'] as const

/** An alert as a Detection Finding of the Open Cybersecurity Schema Framework. Its uid stays over revisions. */
export function detectionFinding({ alert, previousStatus }: Told, { frameworkOf, version }: FormatParts): object {
  const activity = alert.status === 'retracted' ? 'Close' : alert.revision === 1 ? 'Create' : 'Update'
  const [severityId, severity] = SEVERITY[alert.severity]
  const confidenceId = alert.confidence >= 0.9 ? 3 : alert.confidence >= 0.6 ? 2 : 1
  const status = alert.status === 'retracted' ? ([4, 'Resolved'] as const) : ([1, 'New'] as const)
  return {
    category_uid: FINDINGS,
    category_name: 'Findings',
    class_uid: DETECTION_FINDING,
    class_name: 'Detection Finding',
    activity_id: ACTIVITY[activity],
    activity_name: activity,
    type_uid: DETECTION_FINDING * 100 + ACTIVITY[activity],
    type_name: `Detection Finding: ${activity}`,
    time: alert.lastAt,
    start_time: alert.firstAt,
    end_time: alert.lastAt,
    message: alert.summary,
    severity_id: severityId,
    severity,
    status_id: status[0],
    status: status[1],
    ...(alert.reason === null ? {} : { status_detail: alert.reason }),
    confidence_id: confidenceId,
    confidence: CONFIDENCE[confidenceId - 1],
    confidence_score: Math.round(alert.confidence * 100),
    risk_score: Math.round(alert.score),
    is_alert: true,
    metadata: {
      version: OCSF_VERSION,
      product: { name: 'Catenary', vendor_name: 'Catenary', version },
      uid: idempotencyKey(alert),
      correlation_uid: alert.id,
      sequence: alert.revision,
      tenant_uid: alert.tenant,
      event_code: alert.detector,
    },
    finding_info: findingInfo(alert, frameworkOf),
    resources: resourcesOf(alert),
    ...(alert.principal === null ? {} : { evidences: [{ actor: { user: userOf(alert.principal) } }] }),
    observables: observablesOf(alert),
    ...(alert.respond.length === 0 ? {} : { remediation: { desc: alert.respond.join('\n') } }),
    unmapped: {
      workflow_id: alert.workflowId,
      workflow_ids: alert.workflowIds,
      grant_ids: alert.grantIds,
      previous_status: previousStatus,
      terms: alert.terms,
      frameworks: alert.frameworks,
    },
  }
}

function findingInfo(alert: Alert, frameworkOf: FrameworkOf): object {
  const attacks = alert.frameworks.flatMap((id) => {
    const entry = frameworkOf(id)
    return entry !== null && /att&?ck|atlas/i.test(entry.framework)
      ? [{ technique: { uid: entry.id, name: entry.title }, version: entry.version }]
      : []
  })
  return {
    uid: alert.id,
    title: alert.title,
    desc: alert.summary,
    analytic: {
      uid: alert.detector,
      name: alert.detector,
      version: String(alert.detectorVersion),
      type_id: 1,
      type: 'Rule',
    },
    first_seen_time: alert.firstAt,
    last_seen_time: alert.lastAt,
    product: { name: 'Catenary', vendor_name: 'Catenary' },
    ...(attacks.length === 0 ? {} : { attacks }),
    related_events: alert.evidence.map(({ eventId, role, note, at }) => ({
      uid: eventId,
      type: role,
      desc: note,
      first_seen_time: at,
      last_seen_time: at,
    })),
    related_events_count: alert.evidence.length,
  }
}

const userOf = ({ id, name }: NonNullable<Alert['principal']>): object => ({ uid: id, name: name ?? id })

const resourcesOf = (alert: Alert): readonly object[] => [
  ...alert.agentIds.map((uid) => ({ uid, name: uid, type: 'AI agent' })),
  ...alert.credentialIds.map((uid) => ({ uid, name: uid, type: 'Credential' })),
]

/** By the numbers of `observable.type_id`. */
const observablesOf = ({ agentIds, credentialIds, principal }: Alert): readonly object[] => [
  ...agentIds.map((value) => ({ name: 'resources.uid', type_id: 10, type: 'Resource UID', value })),
  ...credentialIds.map((value) => ({ name: 'resources.uid', type_id: 10, type: 'Resource UID', value })),
  ...(principal === null
    ? []
    : [{ name: 'evidences.actor.user.uid', type_id: 31, type: 'User Object: uid', value: principal.id }]),
]
