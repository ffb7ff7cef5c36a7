import { z } from 'zod'
import type { CredentialSummary } from '../../src/core/index.ts'
import { credentialJson } from '../output.ts'
import { Grade, pageOf, Time } from './words.ts'

/** What `credentialJson` writes, and who issued it for whom. */
export const Credential = z
  .object({
    type: z.literal('credential'),
    id: z.string(),
    tenant: z.string(),
    credential_type: z.string().nullable(),
    issuer: z.string().nullable(),
    subject: z.string().nullable(),
    parent_id: z.string().nullable(),
    parent_grade: Grade.nullable(),
    workflow_ids: z.array(z.string()),
    agent_ids: z.array(z.string()),
    uses: z.number().int(),
    scopes: z.array(z.string()),
    first_at: Time,
    last_at: Time,
    expires_at: Time.nullable(),
    revoked_at: Time.nullable(),
  })
  .meta({ id: 'Credential' })

export const CredentialPage = pageOf(Credential, 'CredentialPage')

export const Lineage = z
  .object({
    type: z.literal('lineage'),
    tenant: z.string(),
    credential_id: z.string().describe('The one that was asked for.'),
    nodes: z.array(Credential).describe('It, its ancestors and all derived from them, oldest first.'),
    edges: z.array(z.object({ from: z.string().describe('The parent.'), to: z.string(), grade: Grade.nullable() })),
    truncated: z.boolean().describe('There may be more than are shown.'),
  })
  .meta({ id: 'Lineage' })

export const credentialDetail = (credential: CredentialSummary): object => ({
  ...credentialJson(credential),
  issuer: credential.issuer,
  subject: credential.subject,
})
