import type { z } from 'zod'
import { Problem } from '../../schemas/api/problem.ts'
import { Id, OneQuery } from '../../schemas/api/query.ts'
import { PROBLEMS, type ProblemName } from './problems.ts'

interface Content {
  readonly description: string
  readonly content: Readonly<Record<string, { readonly schema: z.ZodType }>>
}

/** What a route may answer, for the OpenAPI document: its reply, and the problems it can end in. */
export function answers(
  description: string,
  schema: z.ZodType,
  problems: readonly ProblemName[],
  types: readonly string[] = ['application/json'],
): Record<number, Content> {
  const answer = { description, content: Object.fromEntries(types.map((type) => [type, { schema }])) }
  return withProblems({ 200: answer }, [...problems, 'foreign-host', 'internal'])
}

/** What may go wrong with a body that is to be stored. */
export const WRITE_PROBLEMS = [
  'bad-request',
  'too-large',
  'unknown-media-type',
  'store-away',
] as const satisfies readonly ProblemName[]

/** The same answers, and more problems. */
export function withProblems(
  before: Readonly<Record<number, Content>>,
  problems: readonly ProblemName[],
): Record<number, Content> {
  const responses = { ...before }
  for (const name of problems) {
    const [status, title] = PROBLEMS[name]
    const told = responses[status]?.description
    responses[status] = {
      description: told === undefined ? title : `${told}, or: ${title}`,
      content: { 'application/problem+json': { schema: Problem } },
    }
  }
  return responses
}

/** The schema of a route that shows one thing by its id, for routes under these tags. */
export const oneOf =
  (tags: readonly string[]) =>
  <Shape extends z.ZodType>(operationId: string, summary: string, shape: Shape) => ({
    tags,
    operationId,
    summary,
    params: Id,
    querystring: OneQuery,
    response: answers(summary, shape, ['bad-request', 'not-found', 'store-away']),
  })
