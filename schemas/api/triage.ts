import { z } from 'zod'
import { ALERT_VERDICTS, type AlertAction, TRIAGE_STATUSES, type Triage as TriageOf } from '../../src/core/index.ts'
import { iso, isoOrNull, Severity, Time } from './words.ts'

const MAX_BULK = 500
const Line = z.string().min(1).max(200)
const Words = z.string().min(1).max(4_000)

const Status = z.enum(TRIAGE_STATUSES)
const Verdict = z
  .enum(ALERT_VERDICTS)
  .describe('What it turned out to be. Benign: what the detector looks for, and it was allowed.')

/** Where people stand with an alert. */
export const Triage = z
  .object({
    version: z
      .string()
      .describe('Changes with each revision and each action; in quotes it is the `ETag` of the alert.'),
    status: Status,
    assignee: z.string().nullable(),
    verdict: Verdict.nullable().describe('Of a closed alert.'),
    reason: z.string().nullable().describe('Why it was closed.'),
    changed_at: Time.nullable(),
    changed_by: z.string().nullable().describe('Kind and id of the caller.'),
    reopened: z.boolean().describe('It was closed, and new evidence or a higher severity came since.'),
  })
  .meta({ id: 'Triage' })

/** One thing that somebody did about an alert. */
export const Action = z
  .object({
    number: z.number().int(),
    at: Time,
    by: z.string().describe('Kind and id of the caller.'),
    status: Status.describe('Where the alert stood after it.'),
    assignee: z.string().nullable(),
    verdict: Verdict.nullable(),
    reason: z.string().nullable(),
    note: z.string().nullable(),
    revision: z.number().int().describe('The revision that they had before them.'),
    severity: Severity.describe('Its severity then.'),
  })
  .meta({ id: 'AlertAction' })

const Change = z.strictObject({
  status: Status.optional(),
  verdict: Verdict.optional(),
  reason: Words.optional().describe('Why it is closed.'),
  assignee: Line.nullable().optional().describe('Who sees to it; null for nobody.'),
  note: Words.optional().describe('Something to remember.'),
})

type Asked = z.output<typeof Change>

/** Says what does not go together. */
function judge({ status, verdict, reason, assignee, note }: Asked, context: z.RefinementCtx): void {
  const tell = (field: string, message: string): void =>
    context.addIssue({ code: 'custom', path: [field], message, input: undefined })
  if (status === 'closed' && verdict === undefined)
    tell('verdict', `is missing: a closed alert has one of ${ALERT_VERDICTS.join(', ')}`)
  if (status === 'closed' && reason === undefined) tell('reason', 'is missing: say why it is closed')
  if (status !== 'closed' && verdict !== undefined) tell('verdict', 'goes with status closed alone')
  if (status !== 'closed' && reason !== undefined) tell('reason', 'goes with status closed alone; write a note')
  if (status === undefined && assignee === undefined && note === undefined)
    tell('status', 'is missing, and so is all else: give status, assignee or note')
}

/** What is to be changed of an alert. */
export const AlertChange = Change.superRefine(judge).meta({
  examples: [
    { status: 'acknowledged', assignee: 'ana@acme.example' },
    { status: 'closed', verdict: 'false_positive', reason: 'the payroll export is run by hand each month' },
  ],
})

export type AlertChange = Asked

export const BulkChange = z
  .strictObject({
    alerts: z
      .array(
        z.strictObject({
          alert_id: Line,
          version: Line.optional().describe('`triage.version` as it was read; whichever it has when left out.'),
        }),
      )
      .min(1)
      .max(MAX_BULK),
    change: Change.superRefine(judge),
  })
  .meta({
    examples: [
      {
        alerts: [{ alert_id: '0c6f…', version: '1.0' }],
        change: { status: 'acknowledged', assignee: 'ana@acme.example' },
      },
      { alerts: [{ alert_id: '0c6f…' }], change: { note: 'seen in the morning round' } },
    ],
  })

export const BULK_VERDICTS = ['changed', 'not_found', 'stale'] as const

/** What became of each. */
export const BulkChanged = z
  .object({
    items: z
      .array(
        z.object({
          alert_id: z.string(),
          verdict: z
            .enum(BULK_VERDICTS)
            .describe('`stale`: it has another version by now; read it again. Nothing was changed then.'),
          triage: Triage.optional(),
        }),
      )
      .describe('In the order of the request.'),
  })
  .meta({ id: 'BulkChanged' })

export const triageJson = (triage: TriageOf): z.output<typeof Triage> => ({
  version: triage.version,
  status: triage.status,
  assignee: triage.assignee,
  verdict: triage.verdict,
  reason: triage.reason,
  changed_at: isoOrNull(triage.changedAt),
  changed_by: triage.changedBy,
  reopened: triage.isReopened,
})

export const actionJson = (action: AlertAction): z.output<typeof Action> => ({
  number: action.number,
  at: iso(action.at),
  by: action.by,
  status: action.status,
  assignee: action.assignee,
  verdict: action.verdict,
  reason: action.reason,
  note: action.note,
  revision: action.revision,
  severity: action.severity,
})

export const TriageFilters = {
  triage: Status.optional().describe('Where people stand with it. One that was closed and says more since is open.'),
  assignee: Line.optional().describe('Who sees to it.'),
}
