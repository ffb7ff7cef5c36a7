import { AuditPage, auditJson } from '../../schemas/api/audit.ts'
import { AuditLogQuery } from '../../schemas/api/query.ts'
import { sendPage } from './paging.ts'
import type { Api, Routes } from './parts.ts'
import { answers } from './responses.ts'

/** `GET /v1/audit`: who read and did what. */
export function addAuditList(app: Routes, { reader }: Api): void {
  app.get(
    '/v1/audit',
    {
      schema: {
        tags: ['audit'],
        operationId: 'listAudit',
        summary: 'Who read and did what',
        description:
          'Newest first: every read of what agents did and every change, what was refused too. `catenary audit verify` checks the hashes.',
        querystring: AuditLogQuery,
        response: answers('A page of the audit log.', AuditPage, ['bad-request', 'store-away']),
      },
    },
    (request, reply) => {
      const { status, ...query } = request.query
      return sendPage(request, reply, reader.audit({ ...query, httpStatus: status }), auditJson)
    },
  )
}
