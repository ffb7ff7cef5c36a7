import { z } from 'zod'

export const Health = z.object({ status: z.literal('ok') }).meta({ id: 'Health' })

export const Readiness = z
  .object({
    status: z.enum(['ready', 'not_ready']),
    reasons: z.array(z.string()).describe('Why it is not ready; empty when it is.'),
  })
  .meta({ id: 'Readiness' })
