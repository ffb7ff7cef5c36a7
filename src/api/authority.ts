import { AuthorityPage, AuthorityQuery, authorityJson, authorityQuery } from '../../schemas/api/authority.ts'
import { ofList, sendPage } from './paging.ts'
import type { Api, Routes } from './parts.ts'
import { answers } from './responses.ts'

/** `GET /v1/authority`: what agents, credentials and grants hold, and what of it they use. */
export function addAuthority(app: Routes, { reader, authorityJudge, arrivalClock }: Api): void {
  app.get(
    '/v1/authority',
    {
      schema: {
        tags: ['agents'],
        operationId: 'listAuthority',
        summary: 'What is held, and what of it is used',
        description:
          'Posture, not alerts: authority that nobody uses is for taking back. High risk first, then what was given first. ' +
          'As far as stored steps tell; credentials that were revoked or have expired, and grants taken back, are left out.',
        querystring: AuthorityQuery,
        response: answers('A page of authority.', AuthorityPage, ['bad-request', 'store-away']),
      },
    },
    async (request, reply) => {
      const { query } = request
      const { items, cursor } = await ofList(reader.authority(authorityQuery(query, arrivalClock(), authorityJudge)))
      const shown = items.map((one) => authorityJson(one, authorityJudge))
      const asked = query.use === undefined ? shown : shown.filter(({ use }) => use === query.use)
      return sendPage(request, reply, { items: asked, cursor }, (one) => one)
    },
  )
}
