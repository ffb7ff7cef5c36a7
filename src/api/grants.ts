import { Grant, grantJson } from '../../schemas/api/grant.ts'
import { StepsQuery } from '../../schemas/api/query.ts'
import { StepPage, stepJson } from '../../schemas/api/step.ts'
import { standingIn } from '../ports/index.ts'
import { sendPage } from './paging.ts'
import type { Api, Routes } from './parts.ts'
import { notFound } from './problems.ts'
import { oneOf } from './responses.ts'

const one = oneOf(['grants'])

/** `GET /v1/grants/{id}`: an OAuth grant, or all those of a client, through every workflow. */
export function addGrants(app: Routes, { reader, limits }: Api): void {
  app.get(
    '/v1/grants/:id',
    { schema: one('getGrant', 'An OAuth grant, or all of a client: who got it, for what, and what came of it', Grant) },
    async ({ params: { id }, query: { tenant } }) => {
      const thread = { kind: 'grant', id } as const
      const { rows, isCut } = await standingIn((page) => reader.stepsOfThread(tenant, thread, page), limits.maxSteps)
      if (rows.length === 0) throw notFound('grant', id, tenant)
      return grantJson(
        { tenant, id },
        rows.map(({ step }) => step),
        isCut,
      )
    },
  )
  app.get(
    '/v1/grants/:id/path',
    {
      schema: {
        ...one('getGrantPath', 'The steps about a grant through all workflows, in event-time order', StepPage),
        querystring: StepsQuery,
      },
    },
    (request, reply) => {
      const { tenant, limit, cursor } = request.query
      const page = { limit, ...(cursor === undefined ? {} : { cursor }) }
      return sendPage(
        request,
        reply,
        reader.stepsOfThread(tenant, { kind: 'grant', id: request.params.id }, page),
        stepJson,
      )
    },
  )
}
