import type { Command } from 'commander'
import type { z } from 'zod'
import type { Incident } from '../../schemas/api/incident.ts'
import { IncidentQuery } from '../../schemas/api/query.ts'
import { type Exit, type Io, printable } from './io.ts'
import { clock, fieldLines, section } from './page-text.ts'
import { addResource, type PageParts, type Resource } from './resource.ts'

type Row = z.output<typeof Incident>

/** `catenary incidents list | show` */
export function addIncidents(program: Command, io: Io, exit: Exit): void {
  addResource({ program, io, exit }, INCIDENTS)
}

const INCIDENTS: Resource<Row> = {
  name: 'incidents',
  one: 'an incident',
  about: 'incidents: what belongs to one attack over several chains',
  query: IncidentQuery,
  idOf: ({ incident_id }) => incident_id,
  head: ['score', 'severity', 'title', 'alerts', 'agents', 'last seen', 'incident'],
  row: ({ score, severity, title, alert_ids, agent_ids, last_at, incident_id }) => [
    score,
    severity,
    title,
    alert_ids.length,
    agent_ids.join(', '),
    clock(last_at),
    incident_id,
  ],
  page: async (incident, parts) => incidentPage(incident, parts),
  examples: `  catenary incidents list --min-severity high --since 24h
  catenary incidents show 0c6f…`,
}

const incidentPage = (incident: Row, { paint }: PageParts): string =>
  [
    `${paint.bold(`${incident.severity.toUpperCase()} ${incident.score}  ${printable(incident.title)}`)}\n  ${printable(incident.summary)}\n`,
    fieldLines([
      ['incident', incident.incident_id],
      ['tenant', incident.tenant],
      ['workflows', incident.workflow_ids],
      ['agents', incident.agent_ids],
      ['credentials', incident.credential_ids],
      ['detectors', incident.detectors],
      ['from', clock(incident.first_at)],
      ['to', clock(incident.last_at)],
    ]),
    section(paint, `alerts (${incident.alert_ids.length})`, incident.alert_ids),
    section(
      paint,
      'one by',
      incident.ties.map(({ from, to, by, grade }) => `${by}: ${from} – ${to} (${grade})`),
    ),
  ].join('')
