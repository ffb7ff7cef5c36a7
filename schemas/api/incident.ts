import { z } from 'zod'
import { Grade, Score, Severity, Time } from './words.ts'

/** What `incidentJson` writes. */
export const Incident = z
  .object({
    type: z.literal('incident'),
    incident_id: z.string().describe('Of its oldest alert. Ids it had before lead to it too.'),
    tenant: z.string(),
    title: z.string().describe('Of the strongest alert.'),
    summary: z.string(),
    severity: Severity,
    score: Score,
    alert_ids: z.array(z.string()).describe('Oldest first.'),
    workflow_ids: z.array(z.string()),
    detectors: z.array(z.string()).describe('Strongest first.'),
    agent_ids: z.array(z.string()),
    credential_ids: z.array(z.string()),
    grant_ids: z.array(z.string()),
    first_at: Time,
    last_at: Time,
    ties: z
      .array(
        z.object({
          from: z.string(),
          to: z.string(),
          by: z.enum(['chain', 'evidence', 'link', 'credential']),
          grade: Grade,
        }),
      )
      .describe('Why its alerts are one: as many ties as hold them together.'),
  })
  .meta({ id: 'Incident' })

export const IncidentPage = z
  .object({
    items: z.array(Incident),
    next_cursor: z.string().nullable().describe('Give it as `cursor` for the next page; null on the last. Opaque.'),
    truncated: z
      .boolean()
      .describe('There are more alerts in this time than are put together at once: the newest were. Narrow the time.'),
  })
  .meta({ id: 'IncidentPage' })
