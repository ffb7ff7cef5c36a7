import { z } from 'zod'
import { SEVERITIES, textMatch } from '../../src/core/index.ts'
import { parseTime } from '../time.ts'

/** The tenant of things that name none. */
export const DEFAULT_TENANT = 'default'

export const Severity = z.enum(SEVERITIES)
export const Grade = z
  .enum(['reported', 'derived', 'inferred'])
  .describe('How it is known: said by the producer, proved by an identifier, or concluded.')
export const Score = z.number().min(0).max(100)
export const Time = z.string().meta({ format: 'date-time' })

export const Principal = z
  .object({ type: z.enum(['user', 'service', 'agent']), id: z.string(), name: z.string().optional() })
  .describe('On whose behalf it was done.')

/** An RFC 3339 instant in a query, as milliseconds since the epoch. */
export const Instant = z
  .string()
  .meta({ format: 'date-time' })
  .transform((text, context) => {
    const moment = parseTime(text)
    if (moment !== null) return moment.at
    context.addIssue({ code: 'custom', message: 'is no time; write RFC 3339 with an offset, as 2026-11-20T09:00:00Z' })
    return z.NEVER
  })

const DIGITS = { whole: /^-?\d{1,15}$/, decimal: /^-?\d{1,15}(?:\.\d{1,15})?$/ } as const

/**
 * A number in a query, in decimal digits and from `min` to `max`. Nothing else is taken for one: no empty text, no `0x10`, no `1e2`.
 * `otherwise`: what the document says it is when it is left out.
 */
export const numberIn = (kind: keyof typeof DIGITS, min: number, max: number, otherwise?: number) =>
  z
    .string()
    .meta({
      type: kind === 'whole' ? 'integer' : 'number',
      minimum: min,
      maximum: max,
      ...(otherwise === undefined ? {} : { default: otherwise }),
    })
    .transform((text, context) => {
      const value = DIGITS[kind].test(text) ? Number(text) : Number.NaN
      if (value >= min && value <= max) return value
      const what = kind === 'whole' ? 'a whole number' : 'a number'
      context.addIssue({ code: 'custom', message: `must be ${what} from ${min} to ${max}` })
      return z.NEVER
    })

const MAX_TEXT = 4096

/** A text to be matched: itself, or with a star at its end all that begin so. */
export const Match = z.string().min(1).max(MAX_TEXT).transform(textMatch)

/** An instant as the API writes it. */
export const iso = (at: number): string => new Date(at).toISOString()

export const isoOrNull = (at: number | null): string | null => (at === null ? null : iso(at))

/** One page of a list. */
export const pageOf = <Item extends z.ZodType>(item: Item, id: string) =>
  z
    .object({
      items: z.array(item),
      next_cursor: z.string().nullable().describe('Give it as `cursor` for the next page; null on the last. Opaque.'),
    })
    .meta({ id })
