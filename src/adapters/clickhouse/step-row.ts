import { type AgentEvent, type Attribution, type Link, resultEventIdOf } from '../../core/index.ts'
import type { StepRow } from '../../ports/index.ts'
import type { Row } from './insert.ts'
import { nanoTimeValue, timeValue } from './row-values.ts'
import { facetsOf } from './step-facets.ts'

/** A step as a row of `steps`. One literal, so that every row has one hidden class: there are many of them. */
export function rowOfStep(row: StepRow, sequence: number): Row {
  const { step, origin } = row
  const { event, attribution } = step
  const facets = facetsOf(event)
  const { resource, destination } = facets
  return {
    tenant: event.tenant,
    workflow_id: attribution.workflowId,
    time: nanoTimeValue(event),
    source: event.source,
    event_id: event.id,
    result_event_id: resultEventIdOf(event) ?? '',
    sequence,
    is_gone: row.isGone ? 1 : 0,
    arrived_at: timeValue(row.arrivedAt),
    step_id: step.id,
    step_index: step.index,
    parent_step_id: event.parent_step_id ?? '',
    kind: event.kind,
    outcome: event.outcome,
    error: event.error ?? '',
    session_id: event.session_id ?? '',
    agent_id: event.agent?.id ?? '',
    agent_workload_id: event.agent?.workload_id ?? '',
    principal_type: event.principal?.type ?? '',
    principal_id: event.principal?.id ?? '',
    action: facets.action,
    tool: facets.tool,
    server: facets.server,
    operation: facets.operation,
    resource_id: resource.id ?? '',
    resource_type: resource.type ?? '',
    resource_zone: resource.zone ?? '',
    resource_sensitivity: resource.sensitivity ?? '',
    destination_id: destination.id ?? '',
    destination_type: destination.type ?? '',
    destination_external: destination.external ?? null,
    credential_id: facets.credentialId,
    parent_credential_id: facets.parentCredentialId,
    grant_id: facets.grantId,
    client_id: facets.clientId,
    client_ip: facets.client.ip ?? '',
    scopes: facets.scopes,
    permissions: facets.permissions,
    attribution_rule: attribution.rule,
    attribution_grade: attribution.grade,
    candidates: attribution.candidates ?? [],
    attribution_turn: attribution.turn ?? 0,
    late: row.late,
    clock_skew: row.clockSkew,
    threads: row.threads,
    link: step.link === undefined ? '' : JSON.stringify(step.link),
    origin_file: origin?.file ?? null,
    origin_line: origin?.line ?? 0,
    event: JSON.stringify(event),
  }
}

/** The month a row of `steps` is kept under. */
export const monthOfStep = ({ time }: Row): string => String(time).slice(0, 7)

/** What a step is read back from. */
export const STEP_COLUMNS = `tenant, workflow_id, toString(toUnixTimestamp64Nano(time)) AS nanos, source, event_id, step_id,
  step_index, attribution_rule, attribution_grade, candidates, attribution_turn, late, clock_skew, threads, link, origin_file, origin_line,
  toUnixTimestamp64Milli(arrived_at) AS arrived, event`

export interface StoredStep {
  readonly tenant: string
  readonly workflow_id: string
  /** Nanoseconds since the epoch: more digits than a number holds. */
  readonly nanos: string
  readonly source: string
  readonly event_id: string
  readonly step_id: string
  readonly step_index: number
  readonly attribution_rule: Attribution['rule']
  readonly attribution_grade: Attribution['grade']
  readonly candidates: readonly string[]
  readonly attribution_turn: number | string
  readonly late: boolean
  readonly clock_skew: boolean
  readonly threads: readonly string[]
  readonly link: string
  readonly origin_file: string | null
  readonly origin_line: number | string
  readonly arrived: number | string
  readonly event: string
}

/** The reverse of `rowOfStep`. An empty list of candidates is none. */
export function stepOfRow(row: StoredStep): StepRow {
  const attribution: Attribution = {
    workflowId: row.workflow_id,
    grade: row.attribution_grade,
    rule: row.attribution_rule,
    ...(row.candidates.length === 0 ? {} : { candidates: row.candidates }),
    ...(Number(row.attribution_turn) === 0 ? {} : { turn: Number(row.attribution_turn) }),
  }
  return {
    step: {
      event: JSON.parse(row.event) as AgentEvent,
      id: row.step_id,
      index: row.step_index,
      attribution,
      ...(row.link === '' ? {} : { link: JSON.parse(row.link) as Link }),
    },
    origin: row.origin_file === null ? null : { file: row.origin_file, line: Number(row.origin_line) },
    arrivedAt: Number(row.arrived),
    late: row.late,
    clockSkew: row.clock_skew,
    threads: row.threads,
    isGone: false,
  }
}
