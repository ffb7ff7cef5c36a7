import { z } from 'zod'
import {
  type AlertMatch,
  matchText,
  type SilencePreview as PreviewOf,
  SILENCE_STATES,
  type Silence as SilenceOf,
  silenceState,
  type TextMatch,
} from '../../src/core/index.ts'
import { Instant, iso, isoOrNull, Match, pageOf, Severity, Time } from './words.ts'

const DAYS = 7
const MAX_DAYS = 90

export const SilenceMatch = z
  .strictObject({
    detector: Match.optional().describe('With a finding of this detector.'),
    agent: Match.optional(),
    principal: Match.optional(),
    credential: Match.optional(),
    workflow: Match.optional(),
    tool: Match.optional().describe('Its evidence cites a step of this tool.'),
    resource: Match.optional().describe('Its evidence cites a step on this resource.'),
    max_severity: Severity.optional().describe('Of this severity or a milder one. One that grows worse is sent.'),
  })
  .describe('What an alert has to have: all that is given. A star at the end stands for anything: `crm.*`.')

const Reason = z
  .string()
  .min(1)
  .max(1_000)
  .regex(/^[^\p{Cc}]*$/u, 'must hold no control characters')
  .describe('Why these are not to be sent.')

export const SilenceWanted = z
  .strictObject({
    matches: SilenceMatch,
    reason: Reason,
    expires_at: Instant.describe('Until when; a year ahead at most.'),
  })
  .meta({
    examples: [
      {
        matches: { detector: 'rare-path', agent: 'nightly-*', max_severity: 'medium' },
        reason: 'the new night job runs for the first time this week, CHG-1042',
        expires_at: '2026-12-04T06:00:00Z',
      },
    ],
  })

export const PreviewWanted = z
  .strictObject({
    matches: SilenceMatch,
    days: z.int().min(1).max(MAX_DAYS).default(DAYS).describe('How many of the last days to look at.'),
  })
  .meta({ examples: [{ matches: { tool: 'crm.*', max_severity: 'low' }, days: 7 }] })

const text = z.string().optional()

export const Silence = z
  .object({
    type: z.literal('silence'),
    id: z.string(),
    tenant: z.string(),
    status: z.enum(SILENCE_STATES),
    matches: z.object({
      detector: text,
      agent: text,
      principal: text,
      credential: text,
      workflow: text,
      tool: text,
      resource: text,
      max_severity: Severity.optional(),
    }),
    reason: z.string(),
    created_at: Time,
    created_by: z.string().describe('Kind and id of the caller.'),
    expires_at: Time,
    removed_at: Time.nullable(),
    removed_by: z.string().nullable(),
  })
  .meta({ id: 'Silence' })

export const SilencePage = pageOf(Silence, 'SilencePage')

/** What a silence would have kept from being sent. */
export const SilencePreview = z
  .object({
    type: z.literal('silence_preview'),
    since: Time,
    alerts: z.number().int().describe('Open alerts of that time which it matches.'),
    truncated: z.boolean().describe('There are more; the newest were counted.'),
    by_severity: z.partialRecord(Severity, z.number().int()),
    by_detector: z.record(z.string(), z.number().int()),
    newest: z
      .array(
        z.object({
          alert_id: z.string(),
          title: z.string(),
          detector: z.string(),
          severity: Severity,
          workflow_id: z.string(),
          last_at: Time,
        }),
      )
      .describe('The newest of them.'),
  })
  .meta({ id: 'SilencePreview' })

/** The fields of a request as the store asks for them. */
export const matchOf = ({ max_severity, ...rest }: z.output<typeof SilenceMatch>): AlertMatch => ({
  ...rest,
  ...(max_severity === undefined ? {} : { maxSeverity: max_severity }),
})

export const silenceJson = (silence: SilenceOf, now: number): z.output<typeof Silence> => ({
  type: 'silence',
  id: silence.id,
  tenant: silence.tenant,
  status: silenceState(silence, now),
  matches: matchesJson(silence.matches),
  reason: silence.reason,
  created_at: iso(silence.createdAt),
  created_by: silence.createdBy,
  expires_at: iso(silence.expiresAt),
  removed_at: isoOrNull(silence.removedAt),
  removed_by: silence.removedBy,
})

function matchesJson({ maxSeverity, ...texts }: AlertMatch): z.output<typeof Silence>['matches'] {
  const given = Object.entries(texts) as [keyof typeof texts, TextMatch | undefined][]
  return {
    ...Object.fromEntries(given.flatMap(([name, one]) => (one === undefined ? [] : [[name, matchText(one)]]))),
    ...(maxSeverity === undefined ? {} : { max_severity: maxSeverity }),
  }
}

export const previewJson = ({
  since,
  alerts,
  isCut,
  bySeverity,
  byDetector,
  newest,
}: PreviewOf): z.output<typeof SilencePreview> => ({
  type: 'silence_preview',
  since: iso(since),
  alerts,
  truncated: isCut,
  by_severity: bySeverity,
  by_detector: byDetector,
  newest: newest.map(({ id, title, detector, severity, workflowId, lastAt }) => ({
    alert_id: id,
    title,
    detector,
    severity,
    workflow_id: workflowId,
    last_at: iso(lastAt),
  })),
})
