import { z } from 'zod'
import { type AgentEvent, parentCredentialOf, type Step } from '../../src/core/index.ts'
import { iso, Time } from './words.ts'

export const Grant = z
  .object({
    type: z.literal('grant'),
    tenant: z.string(),
    grant_id: z.string().describe('Of the grant, or of the client that holds it.'),
    client_ids: z.array(z.string()),
    app_names: z.array(z.string()),
    scopes: z.array(z.string()).describe('All that were ever given with it.'),
    credential_ids: z.array(z.string()).describe('Tokens that were issued under it.'),
    agent_ids: z.array(z.string()),
    workflow_ids: z.array(z.string()),
    steps: z.number().int().describe('Those that were read.'),
    truncated: z.boolean().describe('There are more steps than are read at once: the later ones are missing.'),
    first_at: Time,
    last_at: Time,
    revoked_at: Time.nullable().describe('When it was last revoked; null where nobody told of that.'),
  })
  .meta({ id: 'OauthGrant' })

const each = (values: readonly (string | null | undefined)[]): string[] => [
  ...new Set(values.flatMap((value) => value ?? [])),
]

/** A grant as the steps about it tell, of which there is one at least, in order of time. */
export function grantJson(
  { tenant, id }: { readonly tenant: string; readonly id: string },
  steps: readonly Step[],
  isCut: boolean,
): z.output<typeof Grant> {
  const events = steps.map(({ event }) => event)
  const oauth = events.flatMap((event) => (event.kind === 'oauth' ? [event.oauth] : []))
  const revoked = events.findLast((event) => isRevocation(event))
  return {
    type: 'grant',
    tenant,
    grant_id: id,
    client_ids: each(oauth.map(({ client_id }) => client_id)),
    app_names: each(oauth.map(({ app_name }) => app_name)),
    scopes: each(oauth.flatMap(({ scopes = [] }) => scopes)),
    credential_ids: each([...oauth.map(({ credential_id }) => credential_id), ...events.map(parentCredentialOf)]),
    agent_ids: each(events.map(({ agent }) => agent?.id)),
    workflow_ids: each(steps.map(({ attribution }) => attribution.workflowId)),
    steps: steps.length,
    truncated: isCut,
    first_at: iso(events[0]?.at ?? 0),
    last_at: iso(events.at(-1)?.at ?? 0),
    revoked_at: revoked === undefined ? null : iso(revoked.at),
  }
}

const isRevocation = (event: AgentEvent): boolean =>
  event.kind === 'oauth' && event.outcome === 'success' && event.oauth.action === 'revoke'
