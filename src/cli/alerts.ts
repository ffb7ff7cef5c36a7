import type { Command } from 'commander'
import type { z } from 'zod'
import type { Alert, AlertHistory } from '../../schemas/api/alert.ts'
import { AlertQuery } from '../../schemas/api/query.ts'
import { addAlertChanges } from './alert-changes.ts'
import { type Exit, type Io, printable } from './io.ts'
import { clock, fieldLines, section } from './page-text.ts'
import { addResource, type PageParts, type Resource } from './resource.ts'

type Row = z.output<typeof Alert>

/** `catenary alerts list | show | ack | start | assign | close | reopen | note` */
export function addAlerts(program: Command, io: Io, exit: Exit): void {
  addAlertChanges(addResource({ program, io, exit }, ALERTS), io, exit)
}

const ALERTS: Resource<Row> = {
  name: 'alerts',
  one: 'an alert',
  about: 'alerts: see them, and say what becomes of them',
  query: AlertQuery,
  idOf: ({ alert_id }) => alert_id,
  head: ['score', 'severity', 'detector', 'workflow', 'agents', 'last seen', 'stands', 'alert', 'version'],
  row: (alert) => [
    alert.score,
    alert.severity,
    alert.detector,
    alert.workflow_id,
    alert.agent_ids.join(', '),
    clock(alert.last_at),
    standing(alert),
    alert.alert_id,
    alert.triage?.version ?? '',
  ],
  page: alertPage,
  examples: `  catenary alerts list --triage open --min-severity high
  catenary alerts list --triage open --watch 10 --profile prod
  catenary alerts list --detector lateral-movement --since 24h --limit all --json | jq -r .alert_id
  catenary alerts show 0c6f…`,
}

function standing({ status, triage }: Row): string {
  if (status === 'retracted') return 'retracted'
  if (triage === undefined) return ''
  const who = triage.assignee === null ? '' : ` (${triage.assignee})`
  return `${triage.status}${triage.reopened ? ', reopened' : ''}${who}`
}

async function alertPage(alert: Row, { paint, ask }: PageParts): Promise<string> {
  const { items, actions } = await ask<z.output<typeof AlertHistory>>('history')
  const evidence = alert.evidence.map(
    ({ time, note, role, grade, workflow_id }) =>
      `${paint.red('●')} ${clock(time)}  ${printable(note)}  ${paint.yellow(printable(role))} ${paint.dim(`(${grade})`)}${workflow_id === alert.workflow_id ? '' : `  in ${printable(workflow_id)}`}`,
  )
  const did = actions.map(
    ({ at, by, status, verdict, reason, note, assignee }) =>
      `${clock(at)}  ${printable(by)}  ${status}${assignee === null ? '' : ` (${printable(assignee)})`}${[verdict, reason, note].flatMap((text) => (text === null ? [] : [`; ${printable(text)}`])).join('')}`,
  )
  return [
    `${paint.bold(`${alert.severity.toUpperCase()} ${alert.score}  ${alert.detector}`)}  ${printable(alert.title)}\n  ${printable(alert.summary)}\n`,
    fieldLines([
      ['alert', alert.alert_id],
      ['version', alert.triage?.version ?? null],
      ['stands', standing(alert)],
      ['tenant', alert.tenant],
      ['workflows', alert.workflow_ids],
      ['agents', alert.agent_ids],
      ['for', alert.principal?.id ?? null],
      ['credentials', alert.credential_ids],
      ['from', clock(alert.first_at)],
      ['to', clock(alert.last_at)],
      ['also seen by', alert.detectors.filter((one) => one !== alert.detector)],
      ['revisions', items.length],
      ['confidence', alert.confidence],
    ]),
    section(paint, 'evidence', evidence),
    section(paint, 'first', alert.respond.map(printable)),
    section(
      paint,
      'frameworks',
      alert.frameworks.map(({ framework, id, title }) => `${framework} ${id} ${title}`),
    ),
    section(paint, 'what people did', did),
  ].join('')
}
