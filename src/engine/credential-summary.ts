import type { CredentialSummary } from '../core/index.ts'
import type { Credential } from './lineage.ts'

/** The row behind `credential` lines and `/v1/credentials`. */
export function summaryOf(tenant: string, credential: Credential): CredentialSummary {
  const { holders, guests } = credential
  const workflowIds = [...new Set([...holders.map(({ workflowId }) => workflowId), ...guests])].sort()
  const { id, type, parentId, parentGrade, agentIds, scopes, issuer, subject, uses } = credential
  const { firstAt, lastAt, expiresAt, revokedAt } = credential
  return {
    tenant,
    id,
    type,
    parentId,
    parentGrade,
    workflowIds,
    agentIds,
    scopes,
    issuer,
    subject,
    uses,
    firstAt,
    lastAt,
    expiresAt,
    revokedAt,
  }
}
