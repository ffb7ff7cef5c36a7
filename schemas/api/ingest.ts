import { z } from 'zod'
import { REJECT_REASONS } from '../../src/ports/index.ts'

/** What became of each record of a body. */
export const Ingested = z
  .object({
    type: z.literal('ingested'),
    received: z.number().int(),
    accepted: z.number().int(),
    duplicates: z.number().int(),
    rejected: z.number().int(),
    verdicts: z.array(
      z.object({
        index: z.number().int().describe('0-based, in the order of the body.'),
        line: z.number().int().describe('1-based line of the body on which the record starts.'),
        verdict: z.enum(['accepted', 'duplicate', 'rejected']),
        event_id: z.string().optional(),
        reason: z.enum(REJECT_REASONS).optional(),
        path: z.string().optional().describe('The field at fault; empty for the whole record.'),
        message: z.string().optional(),
      }),
    ),
  })
  .meta({ id: 'Ingested' })

export type Ingested = z.output<typeof Ingested>
