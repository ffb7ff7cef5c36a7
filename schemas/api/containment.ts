import { z } from 'zod'
import { type Delivery, type Order, receiverOf } from '../../src/ports/index.ts'
import { iso, pageOf, Time } from './words.ts'

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
  .meta({
    examples: [
      {
        subject: { kind: 'alert', id: '9de79c6e03e3803f35a11c42e9971387' },
        reason: 'stolen by a prompt in a ticket',
        dry_run: true,
      },
      { targets: [{ kind: 'agent', id: 'billing-bot' }], reason: 'stolen by a prompt in a ticket', dry_run: false },
    ],
  })

const Push = z.object({
  receiver: z.string(),
  verdict: z
    .enum(['would_push', 'delivered', 'pending', 'failed'])
    .describe(
      '`pending`: not taken yet, and sent again by itself. `failed`: refused, or past the time limit; sent no more.',
    ),
  why: z.string().nullable().describe('Why the last attempt failed.'),
  attempts: z.number().int(),
  changed_at: Time.nullable().describe('When it came to stand so; null for a dry run.'),
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

export const ContainmentOrderPage = pageOf(ContainmentOrder, 'ContainmentOrderPage')

export type ContainmentWanted = z.output<typeof ContainmentWanted>
export type ContainmentOrder = z.output<typeof ContainmentOrder>

const VERDICTS = {
  delivered: 'delivered',
  pending: 'pending',
  dead: 'failed',
  left: 'failed',
  silenced: 'failed',
} as const

/** An order as the API sends it, with what became of its events. */
export function orderJson(order: Order, deliveries: readonly Delivery[]): ContainmentOrder {
  const own = deliveries
    .filter(({ tenant, alertId }) => tenant === order.tenant && alertId === order.id)
    .toSorted((a, b) => (a.destination < b.destination ? -1 : 1))
  return {
    ...headOf(order),
    dry_run: false,
    workflow_id: order.workflowId,
    steps: order.steps.map((step, i) => ({
      ...stepOf(step, i),
      pushes: own.flatMap((delivery): z.output<typeof Push>[] => {
        const receiver = receiverOf(delivery.destination)
        if (receiver === null || delivery.revision !== i + 1) return []
        const { state, error, attempts, changedAt, queuedAt } = delivery
        const changed = iso(Math.max(changedAt, queuedAt))
        return [{ receiver, verdict: VERDICTS[state], why: error, attempts, changed_at: changed }]
      }),
    })),
  }
}

/** The same for a dry run: nothing is kept, and these would hear of it. */
export const dryRunJson = (order: Order, hearers: readonly string[]): ContainmentOrder => ({
  ...headOf(order),
  dry_run: true,
  workflow_id: null,
  steps: order.steps.map((step, i) => ({
    ...stepOf(step, i),
    pushes: (step.event === null ? [] : hearers).map((receiver) => ({
      receiver,
      verdict: 'would_push',
      why: null,
      attempts: 0,
      changed_at: null,
    })),
  })),
})

const headOf = ({ id, action, tenant, at, by, reason }: Order) => ({
  type: 'containment_order' as const,
  id,
  action,
  tenant,
  at: iso(at),
  by,
  reason,
})

const stepOf = ({ action, target, why, event, isWatched }: Order['steps'][number], i: number) => ({
  order: i + 1,
  action,
  target,
  why,
  event_type: event?.type ?? null,
  watched: isWatched,
})
