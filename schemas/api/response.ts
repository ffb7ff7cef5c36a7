import { z } from 'zod'
import type {
  BlastRadius as BlastRadiusOf,
  ContainmentAction,
  Held,
  Reached,
  StepRef,
  Touched,
} from '../../src/core/index.ts'
import { Grade, iso, isoOrNull, Time } from './words.ts'

const By = z
  .object({
    event_id: z.string(),
    step_id: z.string(),
    time: Time,
    label: z.string(),
    workflow_id: z.string(),
    agent_id: z.string().nullable(),
    grade: Grade,
  })
  .describe('The step that says so.')

const OutcomeCounts = z.partialRecord(z.enum(['attempted', 'success', 'failure', 'denied']), z.number().int())

const Resource = z.object({
  id: z.string(),
  type: z.string().nullable().describe('`tool` for a tool whose calls named no resource.'),
  zone: z.string().nullable(),
  sensitivity: z.string().nullable(),
  operations: z.array(z.string()).describe('What was done to it and succeeded.'),
  outcomes: OutcomeCounts.describe('How many steps ended so.'),
  first_at: Time,
  last_at: Time,
  by: By,
})

const End = z.object({
  id: z.string(),
  type: z.string().nullable(),
  external: z.boolean().nullable(),
  count: z.number().int(),
  by: By,
})

const Others = z.object({ agents: z.array(z.string()), workflows: z.array(z.string()) })

const HeldThing = z.object({
  kind: z.enum(['credential', 'grant']),
  id: z.string(),
  type: z.string().nullable().describe('A credential’s type; a grant’s app.'),
  as: z.enum(['issued', 'read', 'used', 'consented', 'derived']).describe('How it came into hands.'),
  by: By.nullable(),
  from: z.string().nullable().describe('What it derives from.'),
  grade: Grade,
  state: z.enum(['live', 'expired', 'revoked']),
  expires_at: Time.nullable(),
  revoked_at: Time.nullable(),
  scopes: z.array(z.string()),
  audience: z.array(z.string()),
  opened: z.array(z.string()).describe('Resources that it was seen to open, in anybody’s hands.'),
  also_used_by: Others.describe('What breaks when it is revoked.'),
  last_used_at: Time.nullable(),
})

const SubjectJson = z.object({
  kind: z.enum(['alert', 'workflow', 'agent', 'credential']),
  tenant: z.string(),
  id: z.string(),
})

export const BlastRadius = z
  .object({
    type: z.literal('blast_radius'),
    subject: SubjectJson,
    at: Time.describe('When what is held was judged live.'),
    steps: z.number().int(),
    truncated: z.boolean().describe('There are more steps than were read.'),
    first_at: Time,
    last_at: Time,
    workflow_ids: z.array(z.string()),
    agent_ids: z.array(z.string()),
    principal_ids: z.array(z.string()),
    resources: z.array(Resource).describe('Most sensitive first.'),
    destinations: z.array(End),
    agents: z.array(End).describe('Who was handed work.'),
    held: z.array(HeldThing).describe('What could still be used, live ones first.'),
  })
  .meta({ id: 'BlastRadius' })

const Action = z.object({
  order: z.number().int(),
  action: z.enum(['stop-agent', 'revoke-grant', 'revoke-credential', 'rotate-secret', 'undo', 'check-agent']),
  target: z.object({ kind: z.enum(['agent', 'grant', 'credential', 'resource', 'step']), id: z.string() }),
  why: z.string(),
  by: By.nullable(),
  breaks: Others.describe('Who else uses it and will notice.'),
  ends_at: Time.nullable().describe('When it ends by itself.'),
})

export const Containment = z
  .object({
    type: z.literal('containment'),
    subject: SubjectJson,
    at: Time,
    actions: z.array(Action).describe('In the order they should be done.'),
  })
  .meta({ id: 'Containment' })

const byJson = ({ eventId, stepId, time, label, workflowId, agentId, grade }: StepRef): z.output<typeof By> => ({
  event_id: eventId,
  step_id: stepId,
  time,
  label,
  workflow_id: workflowId,
  agent_id: agentId,
  grade,
})

const byOrNull = (by: StepRef | null): z.output<typeof By> | null => (by === null ? null : byJson(by))

const resourceJson = ({ firstAt, lastAt, by, operations, outcomes, ...rest }: Touched): z.output<typeof Resource> => ({
  ...rest,
  operations: [...operations],
  outcomes: { ...outcomes },
  first_at: iso(firstAt),
  last_at: iso(lastAt),
  by: byJson(by),
})

const endJson = ({ id, type, isExternal, count, by }: Reached): z.output<typeof End> => ({
  id,
  type,
  external: isExternal,
  count,
  by: byJson(by),
})

const othersJson = ({ agents, workflows }: Held['alsoUsedBy']): z.output<typeof Others> => ({
  agents: [...agents],
  workflows: [...workflows],
})

const heldJson = (held: Held): z.output<typeof HeldThing> => ({
  kind: held.kind,
  id: held.id,
  type: held.type,
  as: held.as,
  by: byOrNull(held.by),
  from: held.from,
  grade: held.grade,
  state: held.state,
  expires_at: isoOrNull(held.expiresAt),
  revoked_at: isoOrNull(held.revokedAt),
  scopes: [...held.scopes],
  audience: [...held.audience],
  opened: [...held.opened],
  also_used_by: othersJson(held.alsoUsedBy),
  last_used_at: isoOrNull(held.lastUsedAt),
})

/** What a subject did and could still do, as the API shows it. */
export const blastRadiusJson = (radius: BlastRadiusOf): z.output<typeof BlastRadius> => ({
  type: 'blast_radius',
  subject: radius.subject,
  at: iso(radius.at),
  steps: radius.steps,
  truncated: radius.isCut,
  first_at: iso(radius.firstAt),
  last_at: iso(radius.lastAt),
  workflow_ids: [...radius.workflowIds],
  agent_ids: [...radius.agentIds],
  principal_ids: [...radius.principalIds],
  resources: radius.resources.map(resourceJson),
  destinations: radius.destinations.map(endJson),
  agents: radius.agents.map(endJson),
  held: radius.held.map(heldJson),
})

/** A plan of containment as the API shows it. */
export const containmentJson = (
  { subject, at }: Pick<BlastRadiusOf, 'subject' | 'at'>,
  actions: readonly ContainmentAction[],
): z.output<typeof Containment> => ({
  type: 'containment',
  subject,
  at: iso(at),
  actions: actions.map(({ action, target, why, by, breaks, endsAt }, i) => ({
    order: i + 1,
    action,
    target,
    why,
    by: byOrNull(by),
    breaks: othersJson(breaks),
    ends_at: isoOrNull(endsAt),
  })),
})
