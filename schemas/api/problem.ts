import { z } from 'zod'

/** Every failure of the API: RFC 9457, `application/problem+json`. */
export const Problem = z
  .object({
    type: z.string().describe('Which problem it is: `urn:catenary:problem:<name>`. Stable.'),
    title: z.string(),
    status: z.number().int(),
    detail: z.string().describe('What is wrong here, and how to mend it.'),
    instance: z.string().describe('The path that was asked for.'),
    request_id: z.string().describe('Under which the log knows the request.'),
    errors: z
      .array(z.object({ field: z.string(), message: z.string() }))
      .optional()
      .describe('Each field at fault.'),
  })
  .meta({ id: 'Problem' })

export type Problem = z.output<typeof Problem>
