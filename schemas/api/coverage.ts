import { z } from 'zod'
import type { Coverage as CoverageOf } from '../../src/core/index.ts'
import { REJECT_REASONS, type RejectedRow } from '../../src/ports/index.ts'
import { rejectedJson } from '../output.ts'
import { iso, pageOf, Time } from './words.ts'

export const Coverage = z
  .object({
    type: z.literal('coverage'),
    tenant: z.string(),
    at: Time,
    workflow_id: z.string().nullable(),
    what: z.enum(['late', 'clock_skew', 'bounded', 'fault', 'evicted', 'not_evaluated', 'ambiguous']),
    detector: z.string().nullable(),
    detail: z.string(),
  })
  .meta({ id: 'Coverage' })

export const CoveragePage = pageOf(Coverage, 'CoveragePage')

/** What `rejectedJson` writes, and whose, when. Never the record itself. */
export const Rejected = z
  .object({
    type: z.literal('rejected'),
    id: z.string(),
    tenant: z.string(),
    at: Time.describe('When it arrived.'),
    file: z.string().describe('The file or the request it came in.'),
    line: z.number().int(),
    reason: z.enum(REJECT_REASONS),
    path: z.string(),
    message: z.string(),
  })
  .meta({ id: 'Rejected' })

export const RejectedPage = pageOf(Rejected, 'RejectedPage')

export const coverageJson = ({
  tenant,
  at,
  workflowId,
  what,
  detector,
  detail,
}: CoverageOf): z.output<typeof Coverage> => ({
  type: 'coverage',
  tenant,
  at: iso(at),
  workflow_id: workflowId,
  what,
  detector,
  detail,
})

export const rejectedDetail = (row: RejectedRow): object => ({
  ...rejectedJson(row),
  id: row.id,
  tenant: row.tenant,
  at: iso(row.at),
})
