import type { Alert, ChainSummary } from '../src/core/index.ts'
import { credentialOf, labelOf } from '../src/core/index.ts'
import type { ExportColumn, StepRow } from '../src/ports/index.ts'

/** A column, and its value in a row; null for none. */
export interface Column<Row> extends ExportColumn {
  of(row: Row): string | number | null
}

const text = <Row>(name: string, of: (row: Row) => string | null): Column<Row> => ({ name, type: 'text', of })
const number = <Row>(name: string, of: (row: Row) => number): Column<Row> => ({ name, type: 'number', of })
const integer = <Row>(name: string, of: (row: Row) => number): Column<Row> => ({ name, type: 'integer', of })
const time = <Row>(name: string, of: (row: Row) => number): Column<Row> => ({ name, type: 'time', of })

/** Lists are JSON: an id may hold any separator. */
const list = <Row>(name: string, of: (row: Row) => readonly string[]): Column<Row> =>
  text(name, (row) => JSON.stringify(of(row)))

export const CHAIN_COLUMNS: readonly Column<ChainSummary>[] = [
  text('tenant', ({ tenant }) => tenant),
  text('workflow_id', ({ workflowId }) => workflowId),
  text('status', ({ status }) => status),
  integer('events', ({ events }) => events),
  integer('steps', ({ steps }) => steps),
  number('score', ({ score }) => score),
  text('severity', ({ severity }) => severity),
  text('task', ({ task }) => task),
  text('principal_type', ({ principal }) => principal?.type ?? null),
  text('principal_id', ({ principal }) => principal?.id ?? null),
  list('agent_ids', ({ agentIds }) => agentIds),
  list('credential_ids', ({ credentialIds }) => credentialIds),
  time('first_at', ({ firstAt }) => firstAt),
  time('last_at', ({ lastAt }) => lastAt),
]

export const ALERT_COLUMNS: readonly Column<Alert>[] = [
  text('tenant', ({ tenant }) => tenant),
  text('alert_id', ({ id }) => id),
  integer('revision', ({ revision }) => revision),
  text('status', ({ status }) => status),
  text('detector', ({ detector }) => detector),
  list('detectors', ({ detectors }) => detectors),
  text('title', ({ title }) => title),
  text('summary', ({ summary }) => summary),
  text('severity', ({ severity }) => severity),
  number('score', ({ score }) => score),
  number('confidence', ({ confidence }) => confidence),
  text('workflow_id', ({ workflowId }) => workflowId),
  list('workflow_ids', ({ workflowIds }) => workflowIds),
  text('principal_type', ({ principal }) => principal?.type ?? null),
  text('principal_id', ({ principal }) => principal?.id ?? null),
  list('agent_ids', ({ agentIds }) => agentIds),
  list('credential_ids', ({ credentialIds }) => credentialIds),
  list('event_ids', ({ evidence }) => evidence.map(({ eventId }) => eventId)),
  time('first_at', ({ firstAt }) => firstAt),
  time('last_at', ({ lastAt }) => lastAt),
]

export const STEP_COLUMNS: readonly Column<StepRow>[] = [
  text('tenant', ({ step: { event } }) => event.tenant),
  text('workflow_id', ({ step: { attribution } }) => attribution.workflowId),
  time('time', ({ step: { event } }) => event.at),
  text('step_id', ({ step: { id } }) => id),
  text('event_id', ({ step: { event } }) => event.id),
  text('source', ({ step: { event } }) => event.source),
  text('kind', ({ step: { event } }) => event.kind),
  text('label', ({ step: { event } }) => labelOf(event)),
  text('outcome', ({ step: { event } }) => event.outcome),
  text('agent_id', ({ step: { event } }) => event.agent?.id ?? null),
  text('principal_id', ({ step: { event } }) => event.principal?.id ?? null),
  text('session_id', ({ step: { event } }) => event.session_id ?? null),
  text('tool', ({ step: { event } }) => (event.kind === 'tool_call' ? event.tool_call.name : null)),
  text('operation', ({ step: { event } }) => (event.kind === 'tool_call' ? (event.tool_call.operation ?? null) : null)),
  text('resource_id', ({ step: { event } }) =>
    event.kind === 'tool_call' ? (event.tool_call.resource?.id ?? null) : null,
  ),
  text('destination_id', ({ step: { event } }) =>
    event.kind === 'tool_call' ? (event.tool_call.destination?.id ?? null) : null,
  ),
  text('credential_id', ({ step: { event } }) => credentialOf(event)),
  text('attribution_rule', ({ step: { attribution } }) => attribution.rule),
  text('attribution_grade', ({ step: { attribution } }) => attribution.grade),
  time('arrived_at', ({ arrivedAt }) => arrivedAt),
]

/** What spreadsheets take for a formula; CWE-1236. */
const FORMULA = /^[=+\-@\t\r\n|%]/
const TO_QUOTE = /[",\r\n]/

/**
 * One line of CSV (RFC 4180) with its line end. A text that a spreadsheet would run is written with an apostrophe before it;
 * times are RFC 3339, none is empty.
 */
export const csvLine = (columns: readonly ExportColumn[], row: readonly (string | number | null)[]): string =>
  `${columns.map(({ type }, i) => csvCell(type, row[i] ?? null)).join(',')}\r\n`

export function csvCell(type: ExportColumn['type'], value: string | number | null): string {
  if (value === null) return ''
  if (type === 'time') return new Date(value).toISOString()
  if (typeof value === 'number') return String(value)
  const safe = FORMULA.test(value) ? `'${value}` : value
  return TO_QUOTE.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
