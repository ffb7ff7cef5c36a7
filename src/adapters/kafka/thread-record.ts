import { z } from 'zod'
import type { Fact } from '../../ports/index.ts'

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
] as const

const Told = z.looseObject({
  event: z.looseObject({ id: z.string(), source: z.string(), tenant: z.string(), kind: z.string(), at: z.number() }),
  attribution: z.looseObject({ workflowId: z.string(), rule: z.string(), grade: z.string() }),
})

const Record = z.object({
  v: z.literal(1),
  from: z.int().min(0),
  epoch: z.int().min(0),
  fact: z.looseObject({ to: Address, what: z.enum(WHATS), told: Told.optional() }).optional(),
  time: Time.optional(),
})

export interface TimeRecord {
  readonly from: number
  readonly maxAt: number | null
  readonly levels: readonly (number | null)[]
}

/** One record of the threads topic: a fact, or a partition's notice of time; from whom, and by which of its owners. */
export interface ThreadRecord {
  readonly from: number
  readonly epoch: number
  readonly fact?: Fact
  readonly time?: TimeRecord
}

/** -Infinity has no JSON. */
const asJson = (_key: string, value: unknown): unknown => (value === Number.NEGATIVE_INFINITY ? '-Infinity' : value)

export const writeThreadRecord = (record: ThreadRecord): Buffer =>
  Buffer.from(JSON.stringify({ v: 1, ...record }, asJson))

/** The reverse. The refusal says why the bytes are no such record. */
export function readThreadRecord(value: Buffer | null): ThreadRecord | { readonly refusal: string } {
  let json: unknown
  try {
    json = JSON.parse(value?.toString() ?? '')
  } catch {
    return { refusal: 'the record is no JSON; only Catenary writes to this topic' }
  }
  const { success, data, error } = Record.safeParse(json)
  if (!success) {
    const [issue] = error.issues
    return { refusal: `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}; only Catenary writes to this topic` }
  }
  const { from, epoch, fact, time } = data
  return {
    from,
    epoch,
    ...(fact === undefined ? {} : { fact: fact as unknown as Fact }),
    ...(time === undefined
      ? {}
      : { time: { ...time, levels: time.levels.map((at) => (at === '-Infinity' ? Number.NEGATIVE_INFINITY : at)) } }),
  }
}
