import { z } from 'zod'
import { type ListQuery, NAME_KINDS } from '../../src/ports/index.ts'
import { TriageFilters } from './triage.ts'
import { DEFAULT_TENANT, Instant, Match, numberIn, Severity } from './words.ts'

const MAX_PAGE = 500
const PAGE = 50

/** The largest list the store is asked for at once. */
export const MAX_LIMIT = MAX_PAGE

const Text = z.string().min(1).max(4096)
export const Tenant = Text.describe("Whose. When left out: the caller's tenant; every tenant for a caller of all.")
const OneTenant = Text.default(DEFAULT_TENANT).describe(
  "Whose. When left out: the caller's tenant; `default` for a caller of all.",
)

/** What every list takes to be read page by page. */
export const Paging = {
  limit: numberIn('whole', 1, MAX_PAGE, PAGE).default(PAGE).describe('The most items of a page.'),
  cursor: z.string().min(1).max(16_384).optional().describe('`next_cursor` of the page before.'),
}

const Bounds = {
  tenant: Tenant.optional(),
  since: Instant.optional().describe('Last seen at this time or after it.'),
  until: Instant.optional().describe('Last seen before this time.'),
}

export const STAR = 'A star at the end stands for anything.'

const Filters = {
  ...Bounds,
  agent: Match.optional().describe(`Agent id. ${STAR}`),
  principal: Match.optional().describe(`Principal id. ${STAR}`),
  credential: Match.optional().describe(`Credential id. ${STAR}`),
  tool: Match.optional().describe(`With a step of this tool. ${STAR}`),
  resource: Match.optional().describe(`With a step on this resource. ${STAR}`),
  detector: Match.optional().describe(`With a finding of this detector. ${STAR}`),
  min_severity: Severity.optional().describe('At least this severe.'),
  max_severity: Severity.optional().describe('At most this severe.'),
  min_score: numberIn('decimal', 0, 100).optional().describe('At least this score.'),
}

/** Query parameters are texts. */
const Flag = z.enum(['true', 'false']).transform((text) => text === 'true')

export const ChainQuery = z.strictObject({
  ...Filters,
  status: z.enum(['open', 'closed']).optional(),
  ...Paging,
})

export const AlertQuery = z.strictObject({
  ...Filters,
  workflow: Match.optional().describe(`Workflow id. ${STAR}`),
  status: z.enum(['open', 'retracted']).optional().describe('What the detectors say of it.'),
  ...TriageFilters,
  silenced: Flag.optional().describe('Whether a silence in force keeps it from being sent.'),
  incident_id: Text.optional().describe('Of this incident, of the `default` tenant unless `tenant` is given.'),
  ...Paging,
})

/** Each is asked of the chains of an agent, but for the agent itself and when it was last seen. */
export const AgentQuery = z.strictObject({
  ...Filters,
  workflow: Match.optional().describe(`With a step of this workflow. ${STAR}`),
  status: z.enum(['open', 'closed']).optional().describe('With a chain that is open, or closed.'),
  ...Paging,
})

export const EXPORT_FORMATS = ['csv', 'ndjson', 'parquet'] as const
export type ExportFormat = (typeof EXPORT_FORMATS)[number]

const Format = z.enum(EXPORT_FORMATS).default('csv')

export const ChainExportQuery = ChainQuery.omit({ limit: true, cursor: true }).extend({ format: Format })
export const AlertExportQuery = AlertQuery.omit({ limit: true, cursor: true }).extend({ format: Format })
export const StepExportQuery = z.strictObject({
  tenant: Tenant.optional(),
  since: Instant.optional().describe('Done at this time or after it.'),
  until: Instant.optional().describe('Done before this time.'),
  agent: Filters.agent,
  principal: Filters.principal,
  credential: Filters.credential,
  tool: Filters.tool,
  resource: Filters.resource,
  workflow: Match.optional().describe(`Workflow id. ${STAR}`),
  format: Format,
})

export const IncidentQuery = z.strictObject({
  ...Bounds,
  agent: Filters.agent,
  credential: Filters.credential,
  detector: Filters.detector,
  min_severity: Filters.min_severity,
  min_score: Filters.min_score,
  workflow: Match.optional().describe(`Workflow id. ${STAR}`),
  ...Paging,
})

export const CredentialQuery = z.strictObject({
  ...Bounds,
  agent: Filters.agent,
  principal: Filters.principal,
  credential: Filters.credential,
  tool: Filters.tool,
  resource: Filters.resource,
  workflow: Match.optional().describe(`Workflow id. ${STAR}`),
  ...Paging,
})

export const CoverageQuery = z.strictObject({
  ...Bounds,
  workflow: Match.optional().describe(`Workflow id. ${STAR}`),
  detector: Match.optional().describe(`Detector id. ${STAR}`),
  what: z
    .enum(['late', 'clock_skew', 'bounded', 'fault', 'evicted', 'not_evaluated', 'ambiguous'])
    .optional()
    .describe('What was lost.'),
  ...Paging,
})

export const RejectedQuery = z.strictObject({
  tenant: Tenant.optional(),
  since: Instant.optional().describe('Arrived at this time or after it.'),
  until: Instant.optional().describe('Arrived before this time.'),
  reason: Text.optional().describe('A reason for refusal; `docs/events.md` lists them.'),
  ...Paging,
})

/** Of what a tenant has, page by page. */
export const PagesQuery = z.strictObject({ tenant: Tenant.optional(), ...Paging })

export const AuditLogQuery = z.strictObject({
  tenant: Tenant.optional(),
  since: Instant.optional().describe('At this time or after it.'),
  until: Instant.optional().describe('Before this time.'),
  actor: Match.optional().describe(`Kind and id of the caller: \`key/q0Zt3XnB81Lw\`. ${STAR}`),
  action: Text.optional().describe('The operation, as this document names it.'),
  status: numberIn('whole', 0, 599).optional().describe('HTTP status of the answer.'),
  ...Paging,
})

const MAX_WORDS = 8

/** What is searched for, as words between spaces. */
const Words = z
  .string()
  .max(512)
  .transform((text, context) => {
    const words = text.split(/\s+/u).filter((word) => word !== '')
    if (words.length > 0 && words.length <= MAX_WORDS) return words
    context.addIssue({ code: 'custom', message: `must be 1 to ${MAX_WORDS} words with spaces between` })
    return z.NEVER
  })

export const SearchQuery = z.strictObject({
  tenant: Tenant.optional(),
  q: Words.describe(
    'Words, each of which stands somewhere in the name, within a word too. Small letters or capitals are one.',
  ),
  kind: z.enum(NAME_KINDS).optional().describe('Of this kind alone.'),
  ...Paging,
})

export const SilencesQuery = z.strictObject({
  tenant: Tenant.optional(),
  active: Flag.optional().describe('Whether it is in force now.'),
  ...Paging,
})

export const ContainmentsQuery = z.strictObject({
  tenant: Tenant.optional(),
  since: Instant.optional().describe('Ordered at this time or after it.'),
  until: Instant.optional().describe('Ordered before this time.'),
  action: z.enum(['contain', 'release']).optional(),
  agent: Match.optional().describe(`That name this agent. ${STAR}`),
  credential: Match.optional().describe(`That name this credential. ${STAR}`),
  grant: Match.optional().describe(`That name this grant. ${STAR}`),
  ...Paging,
})

export const UndeliveredQuery = z.strictObject({ ...Paging })

export const OneQuery = z.strictObject({ tenant: OneTenant })
export const RadiusQuery = z.strictObject({
  tenant: OneTenant,
  at: Instant.optional().describe('Judge what is live at this time. Now when left out.'),
})
export const CompareQuery = z.strictObject({
  tenant: OneTenant,
  with: Text.describe('The workflow id of the other run.'),
})
export const WalkQuery = z.strictObject({
  tenant: OneTenant,
  from: Text.describe('The step or event id that the walk begins at.'),
  direction: z.enum(['forward', 'back']).default('forward').describe('What came of it, or what led to it.'),
})
export const StepsQuery = z.strictObject({ tenant: OneTenant, ...Paging })

export const ReplayQuery = z.strictObject({
  tenant: OneTenant,
  until: Text.optional().describe('Stop after this step or event id.'),
  without: z
    .union([Text, z.array(Text).max(100)])
    .optional()
    .describe('Leave this event out, as if it had never come. May be given again.'),
  speed: z
    .string()
    .regex(/^(?=.*[1-9])\d{1,6}(\.\d{1,3})?x?$/, 'is no speed above 0; write it like 10x')
    .transform(Number.parseFloat)
    .optional()
    .describe('SSE only: pace the frames by event time divided by this. As fast as it goes when left out.'),
})

export const TailQuery = z.strictObject({
  tenant: Tenant.optional(),
  min_severity: Severity.optional().describe('Alerts at least this severe. Steps have no severity.'),
  what: z
    .string()
    .regex(/^(alerts|steps)(,(alerts|steps))*$/, 'must be alerts, steps, or both with a comma between')
    .default('alerts')
    .describe('`alerts`, `steps`, or `alerts,steps`.'),
})

export const IngestQuery = z.strictObject({
  tenant: OneTenant.describe(
    "The tenant of events that name none. When left out: the caller's; `default` for a caller of all.",
  ),
  format: Text.optional().describe('The one format to read; sniffed from each record when left out.'),
})

export const KeysQuery = z.strictObject({ tenant: Tenant.optional() })

/** The id in a path. Percent-encode it: it may hold slashes, `~`, `@` and any other character. */
export const Id = z.object({
  id: Text.describe('Percent-encoded: it may hold slashes, `~`, `@` and other characters.'),
})

type Asked = Omit<z.output<typeof AlertQuery>, 'status' | 'incident_id' | 'silenced'> & {
  readonly status?: string | undefined
  readonly what?: string | undefined
}

/** A query as the store reads it. */
export const listQuery = ({
  min_severity,
  max_severity,
  min_score,
  ...query
}: Partial<Asked> & { readonly limit: number }): ListQuery => ({
  ...query,
  minSeverity: min_severity,
  maxSeverity: max_severity,
  minScore: min_score,
})
