import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { AlertPage } from '../../schemas/api/alert.ts'
import { ChainPage } from '../../schemas/api/chain.ts'
import { CoveragePage } from '../../schemas/api/coverage.ts'
import { CredentialPage } from '../../schemas/api/credential.ts'
import { IncidentPage } from '../../schemas/api/incident.ts'
import { Id, OneQuery, PagesQuery, StepsQuery } from '../../schemas/api/query.ts'
import {
  lastMs,
  QueryChange,
  type QueryList,
  QueryWanted,
  SavedQuery,
  SavedQueryPage,
  savedQueryJson,
} from '../../schemas/api/saved-query.ts'
import { iso } from '../../schemas/api/words.ts'
import { callerName } from '../core/index.ts'
import type { SavedQuery as SavedQueryOf } from '../ports/index.ts'
import { callerOf } from './access.ts'
import { note } from './audit.ts'
import { LISTS } from './lists.ts'
import { sendPage } from './paging.ts'
import type { Api, Routes } from './parts.ts'
import { HttpProblem, notFound } from './problems.ts'
import { answers, oneOf, WRITE_PROBLEMS } from './responses.ts'

const tags = ['queries']
const one = oneOf(tags)

/** `/v1/queries`: lists with their filters, by name. The id in the path is the name. */
export function addQueries(app: Routes, api: Api): void {
  addReads(app, api)
  addRun(app, api)
  addCreate(app, api)
  addChanges(app, api)
}

function addReads(app: Routes, { reader }: Api): void {
  app.get(
    '/v1/queries',
    {
      schema: {
        tags,
        operationId: 'listQueries',
        summary: 'List saved queries',
        description: 'Last changed first.',
        querystring: PagesQuery,
        response: answers('A page of saved queries.', SavedQueryPage, ['bad-request', 'store-away']),
      },
    },
    (request, reply) => sendPage(request, reply, reader.savedQueries(request.query), savedQueryJson),
  )
  app.get(
    '/v1/queries/:id',
    { schema: one('getQuery', 'One saved query', SavedQuery) },
    async ({ params: { id }, query: { tenant } }) => savedQueryJson(await queryOrThrow(reader, tenant, id)),
  )
}

const Found = z
  .union([AlertPage, ChainPage, CredentialPage, IncidentPage, CoveragePage])
  .describe('A page of the list that it asks.')

function addRun(app: Routes, api: Api): void {
  app.get(
    '/v1/queries/:id/run',
    {
      schema: {
        ...one('runQuery', 'What a saved query finds now', Found),
        description: 'A page, as the list itself gives it.',
        querystring: StepsQuery,
      },
    },
    async (request, reply) => {
      const { tenant, limit, cursor } = request.query
      const { list, parameters } = await queryOrThrow(api.reader, tenant, request.params.id)
      const query = parsed(list, { parameters, now: api.clock(), more: { tenant, limit: String(limit), cursor } })
      return LISTS[list as QueryList].send(api, query, request, reply)
    },
  )
}

function addCreate(app: Routes, api: Api): void {
  app.post(
    '/v1/queries',
    {
      schema: {
        tags,
        operationId: 'createQuery',
        summary: 'Save a list with its filters under a name',
        querystring: OneQuery,
        body: QueryWanted,
        response: answers('The saved query.', SavedQuery, WRITE_PROBLEMS),
      },
    },
    async (request) => {
      const { name, ...change } = request.body
      const { tenant } = request.query
      const there = await api.reader.savedQuery(tenant, name)
      if (there !== null && !there.isRemoved)
        throw new HttpProblem('bad-request', 'there is a saved query of this name; change it with PUT', {
          errors: [{ field: 'name', message: 'is taken' }],
        })
      return saved(api, request, { tenant, name, ...change, version: (there?.version ?? 0) + 1 })
    },
  )
}

function addChanges(app: Routes, api: Api): void {
  const { reader } = api
  app.put(
    '/v1/queries/:id',
    {
      schema: {
        tags,
        operationId: 'changeQuery',
        summary: 'Change a saved query',
        params: Id,
        querystring: OneQuery,
        body: QueryChange,
        response: answers('The saved query.', SavedQuery, [...WRITE_PROBLEMS, 'not-found']),
      },
    },
    async (request) => {
      const { tenant } = request.query
      const { name, version } = await queryOrThrow(reader, tenant, request.params.id)
      return saved(api, request, { tenant, name, ...request.body, version: version + 1 })
    },
  )
  app.delete('/v1/queries/:id', { schema: one('removeQuery', 'Remove a saved query', SavedQuery) }, async (request) => {
    const { tenant } = request.query
    const there = await queryOrThrow(reader, tenant, request.params.id)
    const changedBy = callerName(callerOf(request))
    await reader.saveQuery({
      ...there,
      version: there.version + 1,
      isRemoved: true,
      changedAt: api.clock(),
      changedBy,
    })
    note(request, { query: there.name })
    return savedQueryJson(there)
  })
}

type Wanted = Omit<SavedQueryOf, 'changedAt' | 'changedBy' | 'isRemoved'>

async function saved({ reader, clock }: Api, request: FastifyRequest, wanted: Wanted): Promise<object> {
  // What it asks has to be what the list takes, today.
  parsed(wanted.list, { parameters: wanted.parameters, now: clock(), more: { tenant: wanted.tenant } })
  const query: SavedQueryOf = {
    ...wanted,
    changedAt: clock(),
    changedBy: callerName(callerOf(request)),
    isRemoved: false,
  }
  await reader.saveQuery(query)
  note(request, { query: query.name, list: query.list, parameters: query.parameters })
  return savedQueryJson(query)
}

async function queryOrThrow({ savedQuery }: Api['reader'], tenant: string, name: string): Promise<SavedQueryOf> {
  const query = await savedQuery(tenant, name)
  if (query === null || query.isRemoved) throw notFound('saved query', name, tenant)
  return query
}

const OWN = new Set(['tenant', 'limit', 'cursor'])

interface Asked {
  readonly parameters: Readonly<Partial<Record<string, string>>>
  /** Milliseconds since the epoch: what `last` counts from. */
  readonly now: number
  readonly more: object
}

/** The query as its list takes it. Throws the problem with the name of what it does not take. */
function parsed(list: string, { parameters, now, more }: Asked): unknown {
  const { last, ...rest } = parameters
  const own = Object.keys(rest).find((name) => OWN.has(name))
  if (own !== undefined) throw wrong(own, 'is given when the query is run')
  if (last !== undefined && rest['since'] !== undefined) throw wrong('last', 'does not go with since')
  const ms = last === undefined ? null : lastMs(last)
  if (last !== undefined && ms === null) throw wrong('last', 'is no duration; write 30m, 24h or 7d')
  const since = ms === null ? {} : { since: iso(now - ms) }
  const result = LISTS[list as QueryList].query.safeParse({ ...rest, ...since, ...more })
  if (result.success) return result.data
  const [issue] = result.error.issues
  if (issue?.code === 'unrecognized_keys') throw wrong(issue.keys[0] ?? '', `is no parameter of ${list}`)
  throw wrong(String(issue?.path[0] ?? ''), issue?.message ?? 'is not allowed')
}

const wrong = (name: string, message: string): HttpProblem =>
  new HttpProblem('bad-request', `the parameter "${name}" ${message}`, {
    errors: [{ field: `parameters.${name}`, message }],
  })
