import {
  DestinationList,
  destinationsJson,
  Retried,
  RetryUndelivered,
  UndeliveredPage,
  undeliveredJson,
} from '../../schemas/api/destination.ts'
import { Id, UndeliveredQuery } from '../../schemas/api/query.ts'
import type { After } from '../ports/index.ts'
import { badCursor, sendPage } from './paging.ts'
import type { Api, Routes } from './parts.ts'
import { answers } from './responses.ts'

const tags = ['destinations']

/** `/v1/destinations`: where alerts are sent, what waits, what was given up. */
export function addDestinations(app: Routes, { destinations, outbox, retryUndelivered }: Api): void {
  app.get(
    '/v1/destinations',
    {
      schema: {
        tags,
        operationId: 'listDestinations',
        summary: 'Where alerts are sent, and how that goes',
        description: 'Those of the settings in their order, then those that were in them.',
        response: answers('All destinations.', DestinationList, ['store-away']),
      },
    },
    async () => ({ items: destinationsJson(destinations, await outbox.standing()) }),
  )
  app.get(
    '/v1/destinations/:id/undelivered',
    {
      schema: {
        tags,
        operationId: 'listUndelivered',
        summary: 'Alerts that a destination was not given',
        description: 'Given up: refused, or past the time limit. In the order in which they were told.',
        params: Id,
        querystring: UndeliveredQuery,
        response: answers('A page of revisions of alerts.', UndeliveredPage, ['bad-request', 'store-away']),
      },
    },
    (request, reply) => {
      const { limit, cursor } = request.query
      const after = cursor === undefined ? undefined : readCursor(cursor)
      const asked = { destination: request.params.id, state: 'dead' as const, limit: limit + 1, after }
      const page = outbox.deliveries(asked).then((found) => {
        const items = found.slice(0, limit)
        const last = items.at(-1)
        return { items, cursor: found.length > limit && last !== undefined ? writeCursor(last) : null }
      })
      return sendPage(request, reply, page, undeliveredJson)
    },
  )
  app.post(
    '/v1/destinations/:id/undelivered/retry',
    {
      schema: {
        tags,
        operationId: 'retryUndelivered',
        summary: 'Send alerts again that were given up',
        description: 'They wait again, and are sent within seconds, with a new time limit.',
        params: Id,
        body: RetryUndelivered,
        response: answers('How many.', Retried, ['bad-request', 'store-away']),
      },
    },
    async (request) => ({ retried: await retryUndelivered(request.params.id, request.body.ids ?? null) }),
  )
}

const writeCursor = ({ sequence, tenant, alertId, revision }: After): string =>
  Buffer.from(JSON.stringify([sequence, tenant, alertId, revision])).toString('base64url')

function readCursor(cursor: string): After {
  try {
    const [sequence, tenant, alertId, revision] = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
    if (isPlace(sequence) && isPlace(revision) && typeof tenant === 'string' && typeof alertId === 'string')
      return { sequence, tenant, alertId, revision }
  } catch {
    // Told below.
  }
  throw badCursor('the cursor is none of this list')
}

const isPlace = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0
