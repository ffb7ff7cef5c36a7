import { Credential, CredentialPage, credentialDetail, Lineage } from '../../schemas/api/credential.ts'
import { CredentialQuery, listQuery } from '../../schemas/api/query.ts'
import type { CredentialSummary } from '../core/index.ts'
import { sendPage } from './paging.ts'
import type { Api, Routes } from './parts.ts'
import { notFound } from './problems.ts'
import { answers, oneOf } from './responses.ts'

const tags = ['credentials']
/** The most the store hands back of one lineage. */
const MAX_LINEAGE = 1_000

/** `GET /v1/credentials`, and one credential: itself, and where it came from and what came of it. */
export function addCredentials(app: Routes, { reader }: Api): void {
  app.get(
    '/v1/credentials',
    {
      schema: {
        tags,
        operationId: 'listCredentials',
        summary: 'List credentials',
        description: 'Last seen first.',
        querystring: CredentialQuery,
        response: answers('A page of credentials.', CredentialPage, ['bad-request', 'store-away']),
      },
    },
    (request, reply) => sendPage(request, reply, reader.credentials(listQuery(request.query)), credentialDetail),
  )
  app.get(
    '/v1/credentials/:id',
    { schema: one('getCredential', 'One credential', Credential) },
    async ({ params: { id }, query: { tenant } }) => {
      const credential = await reader.credential(tenant, id)
      if (credential === null) throw notFound('credential', id, tenant)
      return credentialDetail(credential)
    },
  )
  app.get(
    '/v1/credentials/:id/lineage',
    { schema: one('getLineage', 'The ancestors of a credential, and all derived from them', Lineage) },
    async ({ params: { id }, query: { tenant } }) => {
      const family = await reader.lineage(tenant, id)
      if (family.length === 0) throw notFound('credential', id, tenant)
      return lineageJson(tenant, id, family)
    },
  )
}

const one = oneOf(tags)

function lineageJson(tenant: string, id: string, family: readonly CredentialSummary[]): object {
  return {
    type: 'lineage',
    tenant,
    credential_id: id,
    nodes: family.map(credentialDetail),
    edges: family.flatMap(({ id: to, parentId, parentGrade }) =>
      parentId === null ? [] : [{ from: parentId, to, grade: parentGrade }],
    ),
    truncated: family.length >= MAX_LINEAGE,
  }
}
