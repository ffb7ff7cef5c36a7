import { setImmediate } from 'node:timers/promises'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { Ingested } from '../../schemas/api/ingest.ts'
import { IngestQuery } from '../../schemas/api/query.ts'
import { type Caller, isEnough } from '../core/index.ts'
import type { Arrival } from '../ports/index.ts'
import { callerOf } from './access.ts'
import type { Api, Routes, Verdict } from './parts.ts'
import { HttpProblem } from './problems.ts'
import { answers } from './responses.ts'

/** Media types whose bodies are read. Whether a body is one object, an array or lines is seen from the body. */
const MEDIA = [
  'application/json',
  'application/x-ndjson',
  'application/ndjson',
  'application/cloudevents+json',
  'application/cloudevents-batch+json',
  'text/plain',
  'application/gzip',
  'application/zstd',
] as const

const PACKINGS: Readonly<Record<string, 'gzip' | 'zstd'>> = { gzip: 'gzip', 'x-gzip': 'gzip', zstd: 'zstd' }
const NAME = 'POST /v1/events'
/** Records read before other requests have their turn. */
const TURN = 500

const Body = z
  .any()
  .describe(
    'Events as `docs/events.md` describes them: one object, an array, or one a line; CloudEvents 1.0 structured, as a ' +
      'batch, or binary with `ce-` headers. Plain, gzip or zstd, told by `Content-Encoding` or by the first bytes.',
  )

/** `POST /v1/events`: what is accepted is stored when the reply comes. */
export function addEvents(app: Routes, api: Api): void {
  const room = createRoom(api)
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: api.limits.maxBodyBytes }, (_request, body, done) =>
    done(null, body),
  )
  app.post(
    '/v1/events',
    {
      bodyLimit: api.limits.maxBodyBytes,
      onRequest: async (request, reply) => {
        readable(request)
        room.enter(request, reply)
      },
      schema: {
        tags: ['events'],
        operationId: 'postEvents',
        summary: 'Send events',
        description:
          'Answers 200 when the body was read, whatever became of its records: each has its verdict. Accepted events ' +
          'and duplicates are stored by then; refused records are kept for `GET /v1/rejected`. A bad record never ' +
          'harms its neighbours. On any other answer, send the same body again: what was stored already counts as duplicate.',
        consumes: [...MEDIA],
        querystring: IngestQuery,
        body: Body,
        response: answers('What became of each record.', Ingested, [
          'bad-request',
          'too-large',
          'unknown-media-type',
          'under-pressure',
          'store-away',
        ]),
      },
    },
    async (request) => {
      const arrivals = await read(request, request.query, api)
      return replyOf(arrivals, await api.ingest(arrivals))
    },
  )
}

/** Keeps count of the bodies at hand, so that many large ones at once do not fill the memory. */
function createRoom({ limits, pressure }: Api): { enter(request: FastifyRequest, reply: FastifyReply): void } {
  let taken = 0
  return {
    enter(request, reply) {
      const after = pressure()
      if (after !== null) throw busy(after.retryAfterS)
      const size = Math.min(Number(request.headers['content-length'] ?? limits.maxBodyBytes), limits.maxBodyBytes)
      if (taken > 0 && taken + size > limits.maxInFlightBytes) throw busy(1)
      taken += size
      reply.raw.once('close', () => {
        taken -= size
      })
    },
  }
}

const busy = (retryAfterS: number): HttpProblem =>
  new HttpProblem('under-pressure', 'events come faster than they are stored; send the same body again later', {
    headers: { 'retry-after': String(Math.max(1, Math.ceil(retryAfterS))) },
  })

/** Throws a problem for a body that would not be read, before it is taken in. */
function readable(request: FastifyRequest): void {
  const [type = '', ...parameters] = (request.headers['content-type'] ?? 'application/json')
    .split(';')
    .map((part) => part.trim().toLowerCase())
  const charset = parameters.find((one) => one.startsWith('charset='))?.replace(/^charset=|"/g, '')
  if (!MEDIA.some((known) => known === type)) {
    throw new HttpProblem(
      'unknown-media-type',
      `the media type is none that is read; send one of: ${MEDIA.join(', ')}`,
      {
        headers: { 'accept-post': MEDIA.join(', ') },
      },
    )
  }
  if (charset !== undefined && charset !== 'utf-8' && charset !== 'utf8' && charset !== 'us-ascii') {
    throw new HttpProblem('unknown-media-type', 'the charset is none that is read; send UTF-8')
  }
  packingOf(request)
}

function packingOf(request: FastifyRequest): 'gzip' | 'zstd' | undefined {
  const encoding = request.headers['content-encoding']?.trim().toLowerCase() ?? ''
  if (encoding === '' || encoding === 'identity') return undefined
  const packing = PACKINGS[encoding]
  if (packing !== undefined) return packing
  throw new HttpProblem('unknown-media-type', 'the content encoding is none that is read; send gzip, zstd or plain', {
    headers: { 'accept-encoding': 'gzip, zstd' },
  })
}

type Asked = z.output<typeof IngestQuery>

async function read(request: FastifyRequest, { tenant, format }: Asked, api: Api): Promise<readonly Arrival[]> {
  const body = request.body
  if (!(body instanceof Uint8Array) || body.length === 0) {
    throw new HttpProblem('bad-request', 'the body is empty; send one event, an array, or one a line')
  }
  const packing = packingOf(request)
  const arrivals: Arrival[] = []
  const caller = callerOf(request)
  const asked = { name: NAME, tenant, headers: cloudEventOf(request), maxBytes: api.limits.maxUnpackedBytes }
  for await (const arrival of api.readBody(body, {
    ...asked,
    ...(format === undefined ? {} : { format }),
    ...(packing === undefined ? {} : { packing }),
  })) {
    if (arrivals.push(ownOnly(arrival, caller)) > api.limits.maxRecords) {
      throw new HttpProblem('too-large', `the body holds more than ${api.limits.maxRecords} records; send it in parts`)
    }
    if (arrivals.length % TURN === 0) await setImmediate()
  }
  return arrivals
}

/**
 * An event of another tenant than its sender's is refused, and kept as the sender's own refusal. So is a containment by who may
 * not order one: a release would silence the watch.
 */
function ownOnly(arrival: Arrival, { tenant, role }: Caller): Arrival {
  if (!arrival.ok) return arrival
  if (arrival.event.kind === 'containment' && !isEnough(role, 'responder'))
    return {
      ok: false,
      tenant: tenant ?? arrival.event.tenant,
      origin: arrival.origin,
      raw: null,
      reason: 'not_yours',
      path: 'kind',
      message: '"kind" is containment, which only a responder may order; ask POST /v1/containments with such a key',
    }
  if (tenant === null || arrival.event.tenant === tenant) return arrival
  return {
    ok: false,
    tenant,
    origin: arrival.origin,
    raw: null,
    reason: 'foreign_tenant',
    path: 'tenant',
    message:
      '"tenant" is not the tenant of the key it was sent with; leave it out, or send it with a key of that tenant',
  }
}

/** The headers of a binary CloudEvent, percent-decoded; none where the body says it is a CloudEvent itself. */
function cloudEventOf({ headers }: FastifyRequest): Readonly<Record<string, string>> {
  if (headers['ce-specversion'] === undefined || headers['content-type']?.includes('cloudevents') === true) return {}
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      name.startsWith('ce-') && typeof value === 'string' ? [[name, decoded(value)]] : [],
    ),
  )
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value)
  } catch {
    return value
  }
}

function replyOf(arrivals: readonly Arrival[], verdicts: readonly Verdict[]): Ingested {
  const count = (verdict: Verdict): number => verdicts.filter((one) => one === verdict).length
  return {
    type: 'ingested',
    received: arrivals.length,
    accepted: count('accepted'),
    duplicates: count('duplicate'),
    rejected: count('rejected'),
    verdicts: arrivals.map((arrival, index) => {
      const place = { index, line: arrival.origin.line, verdict: verdicts[index] ?? 'rejected' }
      if (arrival.ok) return { ...place, event_id: arrival.event.id }
      return { ...place, reason: arrival.reason, path: arrival.path, message: arrival.message }
    }),
  }
}
