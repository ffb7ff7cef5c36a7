import type { FastifyReply, FastifyRequest } from 'fastify'
import type { z } from 'zod'
import { Incident, IncidentPage } from '../../schemas/api/incident.ts'
import { IncidentQuery, listQuery } from '../../schemas/api/query.ts'
import { incidentJson } from '../../schemas/output.ts'
import { CatenaryError, type Incident as IncidentOf } from '../core/index.ts'
import type { Page } from '../ports/index.ts'
import { sendPage } from './paging.ts'
import type { Api, Routes } from './parts.ts'
import { notFound } from './problems.ts'
import { answers, oneOf } from './responses.ts'

const tags = ['incidents']

/** `GET /v1/incidents`, and one of them. */
export function addIncidents(app: Routes, api: Api): void {
  const { incidents } = api
  app.get(
    '/v1/incidents',
    {
      schema: {
        tags,
        operationId: 'listIncidents',
        summary: 'List incidents',
        description:
          'The open alerts of one attack, over all the chains it went through. Put together when asked for, so an ' +
          'incident is never older than its alerts. Last seen first.',
        querystring: IncidentQuery,
        response: answers('A page of incidents.', IncidentPage, ['bad-request', 'store-away']),
      },
    },
    (request, reply) => sendIncidents(api, request.query, request, reply),
  )
  app.get(
    '/v1/incidents/:id',
    { schema: oneOf(tags)('getIncident', 'One incident', Incident) },
    async ({ params: { id }, query: { tenant } }) => {
      const incident = await incidents.one(tenant, id)
      if (incident === null) throw notFound('incident', id, tenant)
      return incidentJson(incident)
    },
  )
}

/** A page of incidents. */
export async function sendIncidents(
  { incidents }: Api,
  asked: z.output<typeof IncidentQuery>,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<object> {
  const { limit, cursor, ...query } = listQuery(asked)
  const { items, isCut } = await incidents.list(query)
  const page = await sendPage(request, reply, pageOf(items, limit, cursor), incidentJson)
  return { ...page, truncated: isCut }
}

/** A page after the incident that the cursor names by its time and id. */
async function pageOf(
  items: readonly IncidentOf[],
  limit: number,
  cursor: string | undefined,
): Promise<Page<IncidentOf>> {
  const after = cursor === undefined ? null : readCursor(cursor)
  const rest = after === null ? items : items.filter(({ lastAt, id }) => isAfter(after, lastAt, id))
  const shown = rest.slice(0, limit)
  const last = shown.at(-1)
  const hasMore = last !== undefined && rest.length > limit
  return { items: shown, cursor: hasMore ? writeCursor(last.lastAt, last.id) : null }
}

const isAfter = ([at, id]: readonly [number, string], lastAt: number, other: string): boolean =>
  lastAt < at || (lastAt === at && other > id)

const writeCursor = (at: number, id: string): string =>
  Buffer.from(JSON.stringify(['incidents', at, id])).toString('base64url')

function readCursor(cursor: string): readonly [number, string] {
  try {
    const [list, at, id]: readonly unknown[] = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
    if (list === 'incidents' && Number.isSafeInteger(at) && typeof id === 'string') return [at as number, id]
  } catch {
    // Told below.
  }
  throw new CatenaryError('CAT_USAGE', 'The cursor is none of this list. Take it from the page before, unchanged.')
}
