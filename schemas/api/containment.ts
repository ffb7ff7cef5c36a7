import { z } from 'zod'
import { Time } from './words.ts'

const Text = z.string().min(1).max(4_096)
const MAX_TARGETS = 200

export const TARGET_KINDS = ['agent', 'credential', 'grant'] as const

const Target = z.strictObject({ kind: z.enum(TARGET_KINDS), id: Text })

/** What a responder orders. */
export const ContainmentWanted = z
  .strictObject({
    action: z
      .enum(['contain', 'release'])
      .default('contain')
      .describe('`release` ends the watch over what was contained; it tells no receiver.'),
    subject: z
      .strictObject({ kind: z.enum(['alert', 'workflow', 'agent', 'credential']), id: Text })
      .optional()
      .describe('All that its plan of containment names.'),
    targets: z.array(Target).min(1).max(MAX_TARGETS).optional().describe('These, and nothing else.'),
    reason: z.string().trim().min(3).max(1_000).describe('Kept in the audit log, and told to the receivers.'),
    dry_run: z.boolean().default(true).describe('Say what would be done, and do nothing.'),
  })
  .refine(({ subject, targets }) => (subject === undefined) !== (targets === undefined), {
    error: 'give subject or targets, one of them',
    path: ['subject'],
  })
  .refine(({ action, targets }) => action === 'contain' || targets !== undefined, {
    error: 'a release names its targets',
    path: ['targets'],
  })
  .meta({ id: 'ContainmentWanted' })

const Push = z.object({
  receiver: z.string(),
  verdict: z.enum(['would_push', 'delivered', 'failed']),
  why: z.string().nullable().describe('Why it failed.'),
})

const OrderStep = z.object({
  order: z.number().int(),
  action: z.string(),
  target: z.object({ kind: z.enum(['agent', 'grant', 'credential', 'resource', 'step']), id: z.string() }),
  why: z.string(),
  event_type: z.string().nullable().describe('The CAEP event that tells it; null for what only people can do.'),
  pushes: z.array(Push).describe('What became of the event at each receiver; none where none is set.'),
  watched: z.boolean().describe('A use from now on is a critical alert (`use-after-containment`).'),
})

export const ContainmentOrder = z
  .object({
    type: z.literal('containment_order'),
    id: z.string(),
    action: z.enum(['contain', 'release']),
    dry_run: z.boolean(),
    tenant: z.string(),
    at: Time,
    by: z.string(),
    reason: z.string(),
    workflow_id: z.string().nullable().describe('The chain that the order is kept in; null for a dry run.'),
    steps: z.array(OrderStep).describe('In the order they are done.'),
  })
  .meta({ id: 'ContainmentOrder' })

export type ContainmentWanted = z.output<typeof ContainmentWanted>
export type ContainmentOrder = z.output<typeof ContainmentOrder>
