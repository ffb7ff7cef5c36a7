import { z } from 'zod'

/** What a partition tells the others of time; see `runtime/watermarks.ts`. */
const Time = z.object({
  from: z.int().min(0),
  maxAt: z.number().nullable(),
  levels: z.array(z.number().nullable().or(z.literal('-Infinity'))).max(16),
})

const Address = z.object({
  kind: z.enum(['chain', 'credential', 'grant', 'agent', 'session']),
  tenant: z.string().min(1),
  subject: z.string(),
})

const WHATS = [
  'step',
  'gone',
  'shown',
  'bind',
  'ask',
  'kin',
  'place',
  'placed',
  'unplace',
  'link',
  'relate',
  'findings',
  'stands',
] as const

const Told = z.looseObject({
  event: z.looseObject({ id: z.string(), source: z.string(), tenant: z.string(), kind: z.string(), at: z.number() }),
  attribution: z.looseObject({ workflowId: z.string(), rule: z.string(), grade: z.string() }),
})

/** One record of the threads topic, as far as it is checked: only Catenary writes there. */
export const ThreadRecordJson = z.object({
  v: z.literal(2),
  from: z.int().min(0),
  epoch: z.int().min(0),
  facts: z.array(z.looseObject({ to: Address, what: z.enum(WHATS), told: Told.optional() })).optional(),
  time: Time.optional(),
})
