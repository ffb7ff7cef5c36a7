import type { FastifyReply, FastifyRequest } from 'fastify'
import type { z } from 'zod'
import { chainDetail } from '../../schemas/api/chain.ts'
import { coverageJson } from '../../schemas/api/coverage.ts'
import { credentialDetail } from '../../schemas/api/credential.ts'
import {
  AlertQuery,
  ChainQuery,
  CoverageQuery,
  CredentialQuery,
  IncidentQuery,
  listQuery,
} from '../../schemas/api/query.ts'
import type { QueryList } from '../../schemas/api/saved-query.ts'
import { sendAlerts } from './alerts.ts'
import { sendIncidents } from './incidents.ts'
import { sendPage } from './paging.ts'
import type { Api } from './parts.ts'

interface List<Query extends z.ZodType = z.ZodType> {
  /** What it is narrowed by. */
  readonly query: Query
  send(api: Api, query: z.output<Query>, request: FastifyRequest, reply: FastifyReply): Promise<object>
}

const list = <Query extends z.ZodType>(one: List<Query>): List => one as unknown as List

/** The lists that can be asked by a name. */
export const LISTS: Readonly<Record<QueryList, List>> = {
  chains: list({
    query: ChainQuery,
    send: ({ reader }, query, request, reply) => sendPage(request, reply, reader.chains(listQuery(query)), chainDetail),
  }),
  alerts: list({ query: AlertQuery, send: sendAlerts }),
  incidents: list({ query: IncidentQuery, send: sendIncidents }),
  credentials: list({
    query: CredentialQuery,
    send: ({ reader }, query, request, reply) =>
      sendPage(request, reply, reader.credentials(listQuery(query)), credentialDetail),
  }),
  coverage: list({
    query: CoverageQuery,
    send: ({ reader }, query, request, reply) =>
      sendPage(request, reply, reader.coverage(listQuery(query)), coverageJson),
  }),
}
