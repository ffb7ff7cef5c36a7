import { WalkQuery } from '../../schemas/api/query.ts'
import { WalkJson, walkJson } from '../../schemas/api/walk.ts'
import { walk } from '../response/walk.ts'
import { chainOrThrow } from './chains.ts'
import type { Api, Routes } from './parts.ts'
import { HttpProblem } from './problems.ts'
import { oneOf } from './responses.ts'

/** `GET /v1/chains/{id}/path`: what came of one step, or what led to it, over all workflows. */
export function addWalk(app: Routes, { reader, limits }: Api): void {
  app.get(
    '/v1/chains/:id/path',
    {
      schema: {
        ...oneOf(['chains'])(
          'getChainPath',
          'What came of a step, or what led to it, through every workflow',
          WalkJson,
        ),
        description:
          'Follows the edges of the chain, credentials into whatever workflow they were seen in, and hand-offs into workflows that were started. ' +
          'Each flow says how it is known: one that only follows in time is `inferred`.',
        querystring: WalkQuery,
      },
    },
    async ({ params: { id }, query: { tenant, from, direction } }) => {
      await chainOrThrow(reader, tenant, id)
      const found = await walk(reader, { tenant, workflowId: id, stepId: from, direction, most: limits.maxSteps })
      if (found !== null) return walkJson(found)
      throw new HttpProblem('bad-request', 'the workflow has no such step or event as from names', {
        errors: [{ field: 'from', message: 'is no step or event of this workflow' }],
      })
    },
  )
}
