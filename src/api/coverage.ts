import { CoveragePage, coverageJson, RejectedPage, rejectedDetail } from '../../schemas/api/coverage.ts'
import { CoverageQuery, listQuery, RejectedQuery } from '../../schemas/api/query.ts'
import { sendPage } from './paging.ts'
import type { Api, Routes } from './parts.ts'
import { answers } from './responses.ts'

const tags = ['coverage']

/** `GET /v1/coverage` and `GET /v1/rejected`: what could not be seen, and what was refused. */
export function addCoverage(app: Routes, { reader }: Api): void {
  app.get(
    '/v1/coverage',
    {
      schema: {
        tags,
        operationId: 'listCoverage',
        summary: 'What could not be seen or kept',
        description: 'Newest first.',
        querystring: CoverageQuery,
        response: answers('A page of losses.', CoveragePage, ['bad-request', 'store-away']),
      },
    },
    (request, reply) => sendPage(request, reply, reader.coverage(listQuery(request.query)), coverageJson),
  )
  app.get(
    '/v1/rejected',
    {
      schema: {
        tags,
        operationId: 'listRejected',
        summary: 'Records that were refused',
        description: 'Last arrived first. Where each stood and what is wrong with it, never the record.',
        querystring: RejectedQuery,
        response: answers('A page of refusals.', RejectedPage, ['bad-request', 'store-away']),
      },
    },
    (request, reply) => {
      const { reason, ...query } = request.query
      return sendPage(request, reply, reader.rejected(listQuery({ ...query, what: reason })), rejectedDetail)
    },
  )
}
