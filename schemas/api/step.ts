import { z } from 'zod'
import {
  type AgentEvent,
  type AuthorizationDetail,
  type Entitlement,
  entitlementOf,
  type Finding,
  type Grant as GrantOf,
  type GrantUse,
  isInForce,
  labelOf,
  type ReplayFrame,
  type Step as StepOf,
} from '../../src/core/index.ts'
import type { FindingRow, StepRow } from '../../src/ports/index.ts'
import { Evidence } from './alert.ts'
import { Grade, iso, isoOrNull, pageOf, Score, Severity, Time } from './words.ts'

/** What is told of a step wherever it is shown. */
export const StepFields = {
  step_id: z.string(),
  event_id: z.string(),
  index: z.number().int().describe('0 at the first step of the chain.'),
  time: Time.describe('As the producer wrote it.'),
  tenant: z.string(),
  workflow_id: z.string(),
  kind: z.string(),
  label: z.string().describe('How a person would name it.'),
  outcome: z.enum(['attempted', 'success', 'failure', 'denied']),
  agent_id: z.string().nullable(),
  grade: Grade,
  attribution: z
    .object({
      rule: z.enum(['reported', 'session', 'credential', 'own']),
      candidates: z.array(z.string()).optional(),
    })
    .describe('How it came to its chain.'),
  event: z
    .record(z.string(), z.unknown())
    .describe('The event as `docs/events.md` describes it. Content fields hold fingerprints and facts, not content.'),
}

export const Step = z
  .object({
    type: z.literal('step'),
    ...StepFields,
    origin: z.object({ file: z.string(), line: z.number().int() }).nullable(),
    arrived_at: Time,
    late: z.boolean(),
    clock_skew: z.boolean(),
  })
  .meta({ id: 'Step' })

export const StepPage = pageOf(Step, 'StepPage')

const Limit = z.array(z.string()).nullable().describe('Null: not limited by this.')

const Permissions = z
  .array(
    z.object({
      type: z.string(),
      locations: z.array(z.string()).optional(),
      actions: z.array(z.string()).optional(),
      datatypes: z.array(z.string()).optional(),
      identifier: z.string().optional(),
      privileges: z.array(z.string()).optional(),
    }),
  )
  .nullable()
  .describe('RFC 9396. Null: not limited by this.')

const Held = { scopes: Limit, authorization_details: Permissions, tools: Limit, resources: Limit }

const Used = z
  .object({
    scopes: z.array(z.string()),
    authorization_details: z.array(z.string()).describe('A line each.'),
    tools: z.array(z.string()),
    resources: z.array(z.string()),
  })
  .describe('What calls that succeeded used of it so far, the step included.')

const Grant = z.object({
  via: z.enum(['start', 'approval', 'handoff', 'credential']),
  event_id: z.string(),
  given_by: z
    .string()
    .nullable()
    .describe('The requester, the approver, the agent that handed over or the issuer; null where no event says.'),
  at: Time,
  expires_at: Time.nullable(),
  in_force: z.boolean().describe('Neither expired nor used up at the step.'),
  ...Held,
  step_ids: Limit,
  max_uses: z.number().nullable(),
  used: z.number(),
  approval_id: z.string().nullable(),
  grade: Grade,
  uses: Used.optional(),
})

export const FindingJson = z
  .object({
    finding_id: z.string(),
    detector: z.string(),
    detector_version: z.number().int(),
    severity: Severity,
    confidence: z.number(),
    summary: z.string(),
    at: Time,
    evidence: z.array(Evidence),
    terms: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  })
  .meta({ id: 'Finding' })

/** A finding with its standing. */
export const StandingFinding = FindingJson.extend({
  status: z.enum(['open', 'retracted']),
  reason: z.string().nullable(),
}).meta({ id: 'StandingFinding' })

export const Frame = z
  .object({
    type: z.literal('frame'),
    step: z.object(StepFields),
    score_before: Score,
    score_after: Score,
    authority: z
      .object({
        explicit: z.boolean(),
        task: z.string().nullable(),
        expires_at: Time.nullable(),
        effective: z.object(Held).describe('All grants in force together.'),
        grants: z.array(Grant),
      })
      .describe('What the chain was entitled to before the step.'),
    detectors: z
      .array(z.object({ detector: z.string(), before: z.unknown(), after: z.unknown() }))
      .describe('What each detector knew before the step and after it, in its own words.'),
    findings: z.array(FindingJson).describe('Raised or replaced by the step.'),
  })
  .meta({ id: 'Frame' })

/** A stored step as the API shows it. */
export const stepJson = ({ step, origin, arrivedAt, late, clockSkew }: StepRow): z.output<typeof Step> => ({
  type: 'step',
  ...fieldsOf(step),
  origin: origin === null ? null : { file: origin.file, line: origin.line },
  arrived_at: iso(arrivedAt),
  late,
  clock_skew: clockSkew,
})

/** A step as everything that shows one writes it. */
export function fieldsOf({ id, index, event, attribution }: StepOf): Omit<z.output<typeof Frame>['step'], never> {
  const { workflowId, grade, rule, candidates } = attribution
  return {
    step_id: id,
    event_id: event.id,
    index,
    time: event.time,
    tenant: event.tenant,
    workflow_id: workflowId,
    kind: event.kind,
    label: labelOf(event),
    outcome: event.outcome,
    agent_id: event.agent?.id ?? null,
    grade,
    attribution: candidates === undefined ? { rule } : { rule, candidates: [...candidates] },
    event: eventJson(event),
  }
}

/** The event without what was derived from its `time`. */
function eventJson(event: AgentEvent): Record<string, unknown> {
  const { at, ns, ...fields } = event
  return fields
}

/** A frame of a replay as the API shows it. */
export const frameJson = (frame: ReplayFrame): z.output<typeof Frame> => ({
  type: 'frame',
  step: fieldsOf(frame.step),
  score_before: frame.scoreBefore,
  score_after: frame.scoreAfter,
  authority: authorityJson(frame),
  detectors: Object.keys(frame.states).map((detector) => ({
    detector,
    before: frame.statesBefore[detector] ?? null,
    after: frame.states[detector] ?? null,
  })),
  findings: frame.findings.map(findingJson),
})

const authorityJson = ({ step, authority, uses = [] }: ReplayFrame): z.output<typeof Frame>['authority'] => {
  const { explicit, task, expiresAt, grants } = authority
  const { at } = step.event
  return {
    explicit,
    task,
    expires_at: isoOrNull(expiresAt),
    effective: heldJson(entitlementOf(grants.filter((grant) => isInForce(grant, at)))),
    grants: grants.map((grant) => grantJson(grant, at, uses)),
  }
}

function grantJson(grant: GrantOf, at: number, uses: readonly GrantUse[]): z.output<typeof Grant> {
  const use = uses.find(({ eventId }) => eventId === grant.eventId)
  return {
    via: grant.via,
    event_id: grant.eventId,
    given_by: grant.by,
    at: iso(grant.at),
    expires_at: isoOrNull(grant.expiresAt),
    in_force: isInForce(grant, at),
    ...heldJson(grant),
    step_ids: copied(grant.stepIds),
    max_uses: grant.maxUses,
    used: grant.used,
    approval_id: grant.approvalId,
    grade: grant.grade,
    ...(use === undefined
      ? {}
      : {
          uses: {
            scopes: [...use.scopes],
            authorization_details: [...use.details],
            tools: [...use.tools],
            resources: [...use.resources],
          },
        }),
  }
}

const heldJson = ({ scopes, tools, resources, details = null }: Entitlement): z.output<z.ZodObject<typeof Held>> => ({
  scopes: copied(scopes),
  authorization_details: details === null ? null : details.map(permissionJson),
  tools: copied(tools),
  resources: copied(resources),
})

const permissionJson = (detail: AuthorizationDetail): NonNullable<z.output<typeof Permissions>>[number] =>
  JSON.parse(JSON.stringify(detail))

const copied = (list: readonly string[] | null): string[] | null => (list === null ? null : [...list])

const findingJson = (finding: Finding): z.output<typeof FindingJson> => ({
  finding_id: finding.id,
  detector: finding.detector,
  detector_version: finding.version,
  severity: finding.severity,
  confidence: finding.confidence,
  summary: finding.summary,
  at: iso(finding.at),
  evidence: finding.evidence.map(({ eventId, stepId, role, note, grade, time, workflowId, agentId }) => ({
    event_id: eventId,
    step_id: stepId,
    role,
    note,
    grade,
    time,
    workflow_id: workflowId,
    agent_id: agentId,
  })),
  terms: finding.terms,
})

/** A finding of a chain, open or retracted. */
export const standingJson = ({ finding, status, reason }: FindingRow): z.output<typeof StandingFinding> => ({
  ...findingJson(finding),
  status,
  reason,
})
