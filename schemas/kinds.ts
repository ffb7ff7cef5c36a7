import { z } from 'zod'
import { EVENT_KINDS } from '../src/core/index.ts'

const text = z.string()
const name = z.string().min(1)
const texts = z.array(text)
const flag = z.boolean()
/** RFC 3339; checked after the shape, because a check here would cost every event. */
const time = z.string().meta({ format: 'date-time' })
const content = z
  .unknown()
  .meta({ description: 'Content: any JSON. Turned into keyed fingerprints on the way in and dropped.' })
const amount = z.number().nonnegative()

const resource = z.object({
  id: text.optional(),
  type: text.optional(),
  zone: text.optional(),
  sensitivity: z.enum(['public', 'internal', 'confidential', 'restricted']).optional(),
  owner: text.optional(),
})

const destination = z.object({
  id: text.optional(),
  type: z.enum(['email', 'url', 'host', 'account', 'channel']).optional(),
  external: flag.optional(),
})

const client = z.object({
  ip: text.optional(),
  user_agent: text.optional(),
  host: text.optional(),
  asn: z.union([text, z.number()]).optional(),
})

/** RFC 9396, section 2.2. Fields that an API adds of its own are kept in `attributes`, and limit nothing here. */
const details = z
  .array(
    z.object({
      type: name,
      locations: texts.optional(),
      actions: texts.optional(),
      datatypes: texts.optional(),
      identifier: text.optional(),
      privileges: texts.optional(),
    }),
  )
  .optional()

const workflow = z.object({
  action: z.enum(['start', 'complete', 'fail', 'cancel']),
  task: text.optional().describe('Short name of the task.'),
  trigger: z.enum(['human', 'schedule', 'event', 'agent']).optional(),
  requested_by: text.optional(),
  request: content.optional().describe('What was asked. Content: fingerprinted and dropped.'),
  scopes: texts.optional().describe('Part of the granted envelope that scope expansion is measured against.'),
  authorization_details: details.describe('Permissions granted, as RFC 9396 writes them.'),
  tools: texts.optional().describe('Tools granted.'),
  resources: texts.optional().describe('Resources granted; `*` globs.'),
  expires_at: time.optional(),
  parent_workflow_id: name.optional(),
})

const message = z.object({
  role: z.enum(['user', 'assistant', 'system']),
  content: content
    .optional()
    .describe('Content: fingerprinted and dropped. A later user message may widen what was asked.'),
})

const toolCall = z.object({
  name: name.describe('The tool.'),
  call_id: text.optional().describe('A call and its result with one call_id are one step.'),
  server: text.optional().describe('MCP server or connector.'),
  operation: z.enum(['read', 'list', 'search', 'create', 'update', 'delete', 'send', 'execute', 'admin']).optional(),
  resource: resource.optional(),
  destination: destination.optional(),
  credential_id: name.optional().describe('The credential in use: a stable name, never the secret.'),
  scopes: texts.optional().describe('Those this call used.'),
  authorization_details: details.describe('Those this call used, as RFC 9396 writes them.'),
  annotations: z
    .object({
      readOnlyHint: flag.optional(),
      destructiveHint: flag.optional(),
      idempotentHint: flag.optional(),
      openWorldHint: flag.optional(),
    })
    .optional()
    .describe('As MCP gives them.'),
  arguments: content.optional().describe('Content: fingerprinted and dropped.'),
  result: content.optional().describe('Content: fingerprinted and dropped.'),
  duration_ms: z.number().optional(),
})

const credential = z.object({
  id: name.describe('A stable name that is not the secret: an access-key id, a token accessor, a jti, or an HMAC.'),
  type: z
    .enum([
      'api_key',
      'access_token',
      'refresh_token',
      'jwt',
      'session_token',
      'service_account_key',
      'role_session',
      'certificate',
      'password',
      'ssh_key',
      'secret',
    ])
    .optional(),
  action: z
    .enum(['issue', 'use', 'read', 'refresh', 'exchange', 'assume_role', 'rotate', 'revoke', 'expire', 'deny'])
    .optional(),
  parent_id: name.optional().describe('The credential it was derived from.'),
  issuer: text.optional(),
  subject: text.optional(),
  audience: texts.optional(),
  scopes: texts.optional(),
  authorization_details: details.describe('What it permits, as RFC 9396 writes it.'),
  issued_at: time.optional(),
  expires_at: time.optional(),
  bound_to: text.optional().describe('Workload, key thumbprint or task it is bound to: cnf, SPIFFE id.'),
  shared: flag.optional().describe('Known to be shared.'),
  resource: resource.optional(),
  client: client.optional(),
})

const oauth = z.object({
  action: z.enum([
    'consent',
    'grant',
    'token_issue',
    'token_refresh',
    'token_exchange',
    'token_use',
    'scope_change',
    'revoke',
    'app_register',
    'app_update',
  ]),
  client_id: name,
  app_name: text.optional(),
  publisher: text.optional(),
  publisher_verified: flag.optional(),
  first_party: flag.optional(),
  grant_id: name.optional(),
  credential_id: name.optional(),
  parent_credential_id: name.optional(),
  scopes: texts.optional(),
  authorization_details: details.describe('What it permits, as RFC 9396 writes it.'),
  previous_scopes: texts.optional(),
  previous_authorization_details: details,
  consent_type: z.enum(['user', 'admin', 'policy']).optional(),
  user: text.optional(),
  resource_server: text.optional(),
  audience: texts.optional(),
  redirect_uris: texts.optional(),
  offline: flag.optional().describe('Refresh tokens allowed.'),
  client: client.optional(),
})

const handoff = z.object({
  to_agent: z.object({ id: name, name: text.optional(), workload_id: text.optional() }).optional(),
  to_workflow_id: name.optional(),
  mode: z.enum(['delegate', 'transfer', 'spawn', 'message']).optional(),
  scopes: texts.optional(),
  authorization_details: details.describe('What is passed on, as RFC 9396 writes it.'),
  tools: texts.optional(),
  credential_id: name.optional(),
  context: content.optional().describe('Content: fingerprinted and dropped.'),
  protocol: z.enum(['a2a', 'mcp', 'native']).optional(),
})

const approval = z.object({
  action: z.enum(['request', 'approve', 'reject', 'expire']),
  approval_id: text.optional(),
  approver: z.object({ type: text.optional(), id: name }).optional(),
  covers: z
    .object({
      tools: texts.optional(),
      scopes: texts.optional(),
      authorization_details: details,
      resources: texts.optional(),
      step_ids: texts.optional(),
      max_uses: amount.optional(),
    })
    .optional(),
  expires_at: time.optional(),
  reason: text.optional(),
})

const decision = z.object({
  effect: z.enum(['allow', 'deny', 'require_approval']),
  engine: text.optional(),
  policy_id: text.optional(),
  policy_version: text.optional(),
  for_step_id: text.optional(),
  reason: text.optional(),
  context: z.unknown().optional().describe('What it looked at: any JSON, kept.'),
})

const heartbeat = z.object({ interval_s: amount.optional() })

const containment = z.object({
  action: z.enum(['contain', 'release']),
  target: z.object({ kind: z.enum(['agent', 'credential', 'grant']), id: name }),
  reason: text.optional(),
})

const agent = z.object({
  id: name,
  name: text.optional(),
  version: text.optional(),
  provider: text.optional(),
  model: text.optional(),
  workload_id: text.optional().describe('A SPIFFE id or OIDC subject.'),
  attestation: z
    .object({
      type: z.enum(['spiffe-x509', 'spiffe-jwt', 'oidc', 'mtls', 'cloud-iam', 'shared-secret', 'none']),
      verified: flag.optional(),
      issuer: text.optional(),
      expires_at: time.optional(),
    })
    .optional(),
  host: text.optional(),
  ip: text.optional(),
})

const delegationHop = z.object({
  type: text,
  id: text,
  via: z.enum(['start', 'consent', 'token_exchange', 'handoff', 'assume_role', 'spawn']).optional(),
  scopes: texts.optional(),
  authorization_details: details,
  at: time.optional(),
})

const envelope = {
  id: z.string().min(1).max(256).describe('Unique within the source.'),
  time: time.describe('RFC 3339 with offset, up to nanoseconds: when it happened, as the producer saw it.'),
  tenant: name.optional().describe('Whose data. Default: `default`. Nothing ever crosses tenants.'),
  source: name.optional().describe('What emitted it: a URI or name. Default: `unknown`.'),
  workflow_id: name.optional().describe('One task given to agents: the key of a chain.'),
  session_id: name.optional().describe('A runtime session within it. Never trusted alone.'),
  step_id: name.optional().describe("The producer's id of this step. Default: `id`."),
  parent_step_id: name.optional().describe('The step that caused it.'),
  agent: agent.optional().describe('Who acts.'),
  principal: z
    .object({ type: z.enum(['user', 'service', 'agent']), id: name, name: text.optional() })
    .optional()
    .describe('On whose authority the workflow runs.'),
  delegation: z
    .array(delegationHop)
    .optional()
    .describe('The path of authority, from its origin to the current actor.'),
  outcome: z
    .enum(['attempted', 'success', 'failure', 'denied'])
    .optional()
    .describe('Default: `attempted`. A step counts as done only on `success`.'),
  error: text.optional().describe("The producer's code or reason on `failure` or `denied`."),
  attributes: z.record(z.string(), z.unknown()).optional().describe('Anything else.'),
}

/** The wire form of each kind of event: what a producer sends, before defaults and fingerprints. */
export const KINDS = {
  workflow: z.object({ ...envelope, kind: z.literal('workflow'), workflow }),
  message: z.object({ ...envelope, kind: z.literal('message'), message }),
  tool_call: z.object({ ...envelope, kind: z.literal('tool_call'), tool_call: toolCall }),
  credential: z.object({ ...envelope, kind: z.literal('credential'), credential }),
  oauth: z.object({ ...envelope, kind: z.literal('oauth'), oauth }),
  handoff: z.object({ ...envelope, kind: z.literal('handoff'), handoff }),
  approval: z.object({ ...envelope, kind: z.literal('approval'), approval }),
  decision: z.object({ ...envelope, kind: z.literal('decision'), decision }),
  heartbeat: z.object({ ...envelope, kind: z.literal('heartbeat'), heartbeat: heartbeat.optional() }),
  containment: z.object({ ...envelope, kind: z.literal('containment'), containment }),
} as const

/** The content fields of each kind's own object, which are fingerprinted and never kept. */
export const CONTENT_FIELDS = {
  workflow: ['request'],
  message: ['content'],
  tool_call: ['arguments', 'result'],
  handoff: ['context'],
} as const

/** The fields that hold a time beside the envelope's own. */
export const TIME_FIELDS: readonly (readonly string[])[] = [
  ['workflow', 'expires_at'],
  ['credential', 'issued_at'],
  ['credential', 'expires_at'],
  ['approval', 'expires_at'],
  ['agent', 'attestation', 'expires_at'],
]

/** One sentence for the refusal of a kind nobody knows. */
export const KNOWN_KINDS = EVENT_KINDS.join(', ')
