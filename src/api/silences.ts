import { OneQuery, SilencesQuery } from '../../schemas/api/query.ts'
import {
  matchOf,
  PreviewWanted,
  previewJson,
  Silence,
  SilencePage,
  SilencePreview,
  SilenceWanted,
  silenceJson,
} from '../../schemas/api/silence.ts'
import { callerName } from '../core/index.ts'
import { callerOf } from './access.ts'
import { note } from './audit.ts'
import { sendPage } from './paging.ts'
import type { Api, Routes } from './parts.ts'
import { notFound } from './problems.ts'
import { answers, oneOf, WRITE_PROBLEMS } from './responses.ts'

const tags = ['silences']

/** `/v1/silences`: alerts that are not sent for a while. */
export function addSilences(app: Routes, api: Api): void {
  addReads(app, api)
  addWrites(app, api)
}

const one = oneOf(tags)

function addReads(app: Routes, { reader, clock }: Api): void {
  app.get(
    '/v1/silences',
    {
      schema: {
        tags,
        operationId: 'listSilences',
        summary: 'List silences',
        description: 'Newest first, those that are over too.',
        querystring: SilencesQuery,
        response: answers('A page of silences.', SilencePage, ['bad-request', 'store-away']),
      },
    },
    (request, reply) => {
      const { active, ...query } = request.query
      const now = clock()
      const activeAt = active === undefined ? undefined : { at: now, is: active }
      return sendPage(request, reply, reader.silences({ ...query, activeAt }), (silence) => silenceJson(silence, now))
    },
  )
  app.get(
    '/v1/silences/:id',
    { schema: one('getSilence', 'One silence', Silence) },
    async ({ params: { id }, query: { tenant } }) => {
      const silence = await reader.silence(tenant, id)
      if (silence === null) throw notFound('silence', id, tenant)
      return silenceJson(silence, clock())
    },
  )
}

function addWrites(app: Routes, { silences, silencing, clock }: Api): void {
  app.post(
    '/v1/silences/preview',
    {
      schema: {
        tags,
        operationId: 'previewSilence',
        summary: 'What a silence would keep from being sent',
        description: 'Of the open alerts of the last days. Nothing is changed.',
        querystring: OneQuery,
        body: PreviewWanted,
        response: answers('How many alerts, and the newest.', SilencePreview, WRITE_PROBLEMS),
      },
    },
    async ({ query: { tenant }, body: { matches, days } }) =>
      previewJson(await silences.preview(tenant, matchOf(matches), days)),
  )
  app.post(
    '/v1/silences',
    {
      schema: {
        tags,
        operationId: 'createSilence',
        summary: 'Silence alerts for a while',
        description:
          'Alerts that match are stored, scored and listed as any other, and not sent to destinations until the silence is over; ' +
          'then those that still stand are sent. Other processes know of it within five seconds.',
        querystring: OneQuery,
        body: SilenceWanted,
        response: answers('The silence.', Silence, WRITE_PROBLEMS),
      },
    },
    async (request) => {
      const { matches, reason, expires_at: expiresAt } = request.body
      const wanted = {
        tenant: request.query.tenant,
        matches: matchOf(matches),
        reason,
        expiresAt,
        by: callerName(callerOf(request)),
      }
      const made = silenceJson(await silences.create(wanted), clock())
      silencing.forget()
      note(request, { silence: made.id, matches: made.matches, reason, expires_at: made.expires_at })
      return made
    },
  )
  app.delete(
    '/v1/silences/:id',
    {
      schema: {
        ...one('removeSilence', 'End a silence before its time', Silence),
        description: 'What was held back and still stands is sent. The silence stays in the list.',
      },
    },
    async (request) => {
      const { id } = request.params
      const { tenant } = request.query
      const removed = await silences.remove(tenant, id, callerName(callerOf(request)))
      if (removed === null) throw notFound('silence', id, tenant)
      silencing.forget()
      note(request, { silence: id })
      return silenceJson(removed, clock())
    },
  )
}
