import { z } from 'zod'
import type {
  Alert as AlertOf,
  Counterfactual,
  Silence,
  SmallestSet,
  Triage as TriageOf,
} from '../../src/core/index.ts'
import { alertJson, type FrameworkOf } from '../output.ts'
import { Action, Triage, triageJson } from './triage.ts'
import { Grade, iso, Principal, pageOf, Score, Severity, Time } from './words.ts'

const Term = z.union([z.string(), z.number(), z.boolean()])

export const Evidence = z
  .object({
    event_id: z.string(),
    step_id: z.string(),
    role: z.string().describe("The part it played, in the detector's words."),
    note: z.string(),
    grade: Grade,
    time: Time,
    workflow_id: z.string(),
    agent_id: z.string().nullable().optional().describe('Who took the step.'),
    context: z.boolean().optional().describe('Background: what a thing hangs on, and no part of the harm.'),
  })
  .meta({ id: 'Evidence' })

export const Framework = z
  .object({ framework: z.string(), version: z.string().optional(), id: z.string(), title: z.string() })
  .meta({ id: 'Framework' })

/** What `alertJson` writes, and why it was revised. Where its chain came from is not told. */
export const Alert = z
  .object({
    type: z.literal('alert'),
    alert_id: z.string(),
    revision: z.number().int(),
    status: z.enum(['open', 'retracted']),
    reason: z.string().nullable().describe('Why it was revised or retracted; null on the first revision.'),
    detector: z.string(),
    detector_version: z.number().int(),
    detectors: z.array(z.string()),
    title: z.string(),
    summary: z.string(),
    severity: Severity,
    score: Score,
    confidence: z.number(),
    tenant: z.string(),
    workflow_id: z.string(),
    workflow_ids: z.array(z.string()),
    agent_ids: z.array(z.string()),
    principal: Principal.nullable(),
    credential_ids: z.array(z.string()),
    grant_ids: z.array(z.string()),
    first_at: Time,
    last_at: Time,
    evidence: z.array(Evidence),
    terms: z.record(z.string(), Term),
    frameworks: z.array(Framework),
    respond: z.array(z.string()),
    triage: Triage.optional().describe('Where people stand with it. The tail and earlier revisions leave it out.'),
    silenced: z
      .object({ silence_id: z.string(), reason: z.string(), expires_at: Time })
      .nullable()
      .optional()
      .describe('The silence that keeps it from being sent now. The tail and earlier revisions leave it out.'),
  })
  .meta({ id: 'Alert' })

export const AlertPage = pageOf(Alert, 'AlertPage')

export const AlertHistory = z
  .object({
    items: z.array(Alert).describe('Every revision, oldest first.'),
    actions: z.array(Action).describe('What people did about it, oldest first.'),
  })
  .meta({ id: 'AlertHistory' })

/** Why an alert was raised, in a form that can be checked. */
export const Explanation = z
  .object({
    type: z.literal('explanation'),
    alert_id: z.string(),
    revision: z.number().int(),
    tenant: z.string(),
    workflow_id: z.string(),
    detector: z.string(),
    summary: z.string(),
    score: Score.describe('Of the alert.'),
    terms: z.record(z.string(), Term).describe('What held.'),
    evidence: z.array(Evidence),
    without: z
      .array(
        z.object({
          event_id: z.string(),
          label: z.string(),
          score: Score.describe('What the chain would score without the event.'),
          falls: z.boolean().describe("Whether the detector's finding falls without it."),
        }),
      )
      .describe(
        'For each piece of evidence in this workflow, the chain without it. The one that carries most comes first.',
      ),
    smallest: z
      .object({
        event_ids: z.array(z.string()),
        is_smallest: z
          .boolean()
          .describe(
            'No smaller set of its evidence does it. False: none can be put back, but not every set was tried.',
          ),
      })
      .nullable()
      .describe(
        'The events without which, together, the alert falls. Null: it stands without all of its evidence here.',
      ),
  })
  .meta({ id: 'Explanation' })

/** An alert as the API shows it. */
export const alertDetail = (
  alert: AlertOf,
  frameworkOf: FrameworkOf,
  around?: { readonly triage: TriageOf; readonly silence: Silence | null },
): object => ({
  ...alertJson(alert, frameworkOf, null),
  reason: alert.reason,
  origin: undefined,
  ...(around === undefined ? {} : { triage: triageJson(around.triage), silenced: silencedJson(around.silence) }),
})

const silencedJson = (silence: Silence | null): object | null =>
  silence === null ? null : { silence_id: silence.id, reason: silence.reason, expires_at: iso(silence.expiresAt) }

/** An explanation as the API and `catenary explain --json` show it. */
export const explanationJson = (
  alert: AlertOf,
  without: readonly Counterfactual[],
  smallest: SmallestSet | null,
  frameworkOf: FrameworkOf,
): object => ({
  type: 'explanation',
  alert_id: alert.id,
  revision: alert.revision,
  tenant: alert.tenant,
  workflow_id: alert.workflowId,
  detector: alert.detector,
  summary: alert.summary,
  score: alert.score,
  terms: alert.terms,
  evidence: (alertJson(alert, frameworkOf, null) as { readonly evidence: unknown }).evidence,
  without: without.map(({ eventId, label, score, falls }) => ({ event_id: eventId, label, score, falls })),
  smallest: smallest === null ? null : { event_ids: smallest.eventIds, is_smallest: smallest.isSmallest },
})
