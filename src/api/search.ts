import { SearchQuery } from '../../schemas/api/query.ts'
import { nameJson, SearchPage } from '../../schemas/api/search.ts'
import { sendPage } from './paging.ts'
import type { Api, Routes } from './parts.ts'
import { answers } from './responses.ts'

/** `GET /v1/search`: what things are called, by words. */
export function addSearch(app: Routes, { reader }: Api): void {
  app.get(
    '/v1/search',
    {
      schema: {
        tags: ['search'],
        operationId: 'search',
        summary: 'Find tools, resources, agents and credentials by words',
        description:
          'Looks into every name that a stored step has, wherever in it the words stand. Last seen first. A list takes a whole name, or its beginning ' +
          'with a star; this is for who knows neither.',
        querystring: SearchQuery,
        response: answers('A page of names.', SearchPage, ['bad-request', 'store-away']),
      },
    },
    async (request, reply) => {
      const { q: words, kind, ...paging } = request.query
      const asked = { ...paging, words, ...(kind === undefined ? {} : { kinds: [kind] }) }
      const page = await sendPage(request, reply, reader.names(asked), nameJson)
      return { ...page, counts: await reader.nameCounts(asked) }
    },
  )
}
