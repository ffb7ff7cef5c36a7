import {
  type AgentEvent,
  type Authority,
  type AuthorizationDetail,
  appended,
  type ContentFacts,
  detailsAllow,
  detailsWithin,
  type Entitlement,
  entitlementOf,
  type Grant,
  globMatches,
  type Step,
  type ToolCallEvent,
} from '../core/index.ts'

const MAX_GRANTS = 64
const MAX_ASKED = 2_000

type Given = {
  scopes?: readonly string[] | undefined
  tools?: readonly string[] | undefined
  resources?: readonly string[] | undefined
  authorization_details?: readonly AuthorizationDetail[] | undefined
}

/** What only some grants say of themselves. */
type More = { readonly by?: string | undefined } & Partial<
  Pick<Grant, 'expiresAt' | 'stepIds' | 'maxUses' | 'approvalId' | 'grade'>
>

/** A grant as it is first given. One literal, so that all have one shape. */
const grantOf = (
  via: Grant['via'],
  { id, at }: AgentEvent,
  { scopes, tools, resources, details }: Entitlement,
  more: More,
): Grant => ({
  via,
  eventId: id,
  at,
  by: more.by ?? null,
  scopes,
  tools,
  resources,
  details: details ?? null,
  expiresAt: more.expiresAt ?? null,
  stepIds: more.stepIds ?? null,
  maxUses: more.maxUses ?? null,
  used: 0,
  approvalId: more.approvalId ?? null,
  grade: more.grade ?? 'reported',
})

/** Folds one step into the authority of its chain: what was given, asked, approved, used up and ended. */
export function foldAuthority(authority: Authority, step: Step): Authority {
  const { event } = step
  if (step.link !== undefined) return step.link.what === 'handoff' ? receive(authority, step) : authority
  switch (event.kind) {
    case 'workflow':
      return event.workflow.action === 'start'
        ? start(authority, event)
        : { ...authority, endedAt: Math.max(authority.endedAt ?? event.at, event.at) }
    case 'message':
      return event.message.role === 'user' ? ask(authority, event.message.content) : authority
    case 'approval':
      return approve(authority, event)
    case 'credential':
    case 'oauth':
      return learn(authority, event)
    case 'tool_call':
      return event.outcome === 'success' ? use(authority, event, step.id) : authority
    default:
      return authority
  }
}

/** The authority as one set, for telling a child chain what its giver held. Null lists: that dimension was not limited. */
export const heldIn = ({ grants, explicit }: Authority): Entitlement | null => (explicit ? entitlementOf(grants) : null)

function start(authority: Authority, event: Extract<AgentEvent, { kind: 'workflow' }>): Authority {
  const { workflow } = event
  const expiresAt = millisOf(workflow.expires_at)
  const lists = listsOf(workflow)
  const gives = Object.values(lists).some((list) => list !== null)
  const by = workflow.requested_by ?? event.principal?.id
  return {
    ...ask(authority, workflow.request),
    grants: gives ? add(authority.grants, grantOf('start', event, lists, { by, expiresAt })) : authority.grants,
    explicit: authority.explicit || gives,
    startedAt: authority.startedAt ?? event.at,
    startEventId: authority.startEventId ?? event.id,
    task: authority.task ?? workflow.task ?? null,
    trigger: authority.trigger ?? workflow.trigger ?? null,
    expiresAt: expiresAt ?? authority.expiresAt,
    parentWorkflowId: workflow.parent_workflow_id ?? authority.parentWorkflowId,
  }
}

function ask(authority: Authority, content: ContentFacts | undefined): Authority {
  if (content === undefined || content.values.length === 0) return authority
  return { ...authority, asked: [...authority.asked, ...content.values].slice(0, MAX_ASKED) }
}

function approve(authority: Authority, event: Extract<AgentEvent, { kind: 'approval' }>): Authority {
  const { approval } = event
  const approvalId = approval.approval_id ?? null
  if (approval.action === 'reject' || approval.action === 'expire') {
    const ends = (grant: Grant): boolean => grant.via === 'approval' && grant.approvalId === approvalId
    return approvalId === null ? authority : { ...authority, grants: authority.grants.filter((grant) => !ends(grant)) }
  }
  if (approval.action !== 'approve' || event.outcome === 'failure' || event.outcome === 'denied') return authority
  const grant = grantOf('approval', event, listsOf(approval.covers ?? {}), {
    by: approval.approver?.id,
    expiresAt: millisOf(approval.expires_at),
    stepIds: approval.covers?.step_ids ?? null,
    maxUses: approval.covers?.max_uses ?? null,
    approvalId,
  })
  return { ...authority, grants: add(authority.grants, grant) }
}

/** A hand-off received from another chain: never more than its giver had. */
function receive(authority: Authority, { event, link }: Step): Authority {
  if (event.kind !== 'handoff') return authority
  const { scopes, tools, authorization_details: details } = event.handoff
  if (scopes === undefined && tools === undefined && details === undefined) return authority
  const within = (
    list: readonly string[] | undefined,
    had: readonly string[] | null | undefined,
  ): readonly string[] | null =>
    list === undefined
      ? (had ?? null)
      : had == null
        ? list
        : list.filter((one) => had.some((own) => globMatches(own, one)))
  const lists = {
    scopes: within(scopes, link?.giver?.scopes),
    tools: within(tools, link?.giver?.tools),
    resources: link?.giver?.resources ?? null,
    details: passedOn(details, link?.giver?.details),
  }
  const grant = grantOf('handoff', event, lists, { by: event.agent?.id, grade: 'derived' })
  return { ...authority, grants: add(authority.grants, grant), explicit: true }
}

/** Of permissions, those that the giver had; all it had where the hand-off names none. */
const passedOn = (
  named: readonly AuthorizationDetail[] | undefined,
  had: readonly AuthorizationDetail[] | null | undefined,
): readonly AuthorizationDetail[] | null => {
  if (named === undefined) return had ?? null
  return had == null ? named : detailsWithin(had, named)
}

/** Where nothing was granted explicitly, the chain's first credential says what it may do; that is only inferred. */
function learn(authority: Authority, event: Extract<AgentEvent, { kind: 'credential' | 'oauth' }>): Authority {
  if (event.outcome === 'failure' || event.outcome === 'denied') return authority
  if (authority.grants.some(({ via }) => via === 'credential')) return authority
  const body = event.kind === 'credential' ? event.credential : event.oauth
  const first =
    body.action === 'issue' || body.action === 'token_issue' || body.action === 'use' || body.action === 'token_use'
  const { scopes, details } = listsOf(body)
  if (!first || (isNone(scopes) && isNone(details))) return authority
  const by = event.kind === 'credential' ? event.credential.issuer : (event.oauth.user ?? event.oauth.client_id)
  const lists = { scopes: isNone(scopes) ? null : scopes, tools: null, resources: null, details }
  const grant = grantOf('credential', event, lists, { by, grade: 'inferred' })
  return { ...authority, grants: add(authority.grants, grant) }
}

/** Takes one use from the oldest valid approval that covers the call, unless the task's own grant names the tool. */
function use(authority: Authority, event: ToolCallEvent, stepId: string): Authority {
  const named = authority.grants.some(
    ({ via, tools }) => via !== 'approval' && tools?.some((tool) => globMatches(tool, event.tool_call.name)),
  )
  const at = authority.grants.findIndex((grant) => grant.maxUses !== null && approvalCovers(grant, event, stepId))
  if (at < 0 || (named && authority.grants[at]?.stepIds === null && authority.grants[at]?.tools === null))
    return authority
  return {
    ...authority,
    grants: authority.grants.map((grant, i) => (i === at ? { ...grant, used: grant.used + 1 } : grant)),
  }
}

/** Whether an approval is valid for a call: named tool, resource, permission or step, not expired, not used up. */
export function approvalCovers(grant: Grant, event: ToolCallEvent, stepId: string): boolean {
  if (grant.via !== 'approval') return false
  if (grant.expiresAt !== null && event.at > grant.expiresAt) return false
  if (grant.maxUses !== null && grant.used >= grant.maxUses) return false
  if (grant.stepIds !== null) return grant.stepIds.includes(stepId) || grant.stepIds.includes(event.id)
  const { name, resource, authorization_details: used = [] } = event.tool_call
  const held = grant.details ?? null
  if (held !== null && grant.tools === null && grant.resources === null)
    return used.length > 0 && used.every((one) => detailsAllow(held, one))
  if (grant.tools !== null && !grant.tools.some((tool) => globMatches(tool, name))) return false
  if (grant.resources === null) return true
  return resource?.id !== undefined && grant.resources.some((pattern) => globMatches(pattern, resource.id ?? ''))
}

const listsOf = (given: Given): Entitlement => ({
  scopes: given.scopes ?? null,
  tools: given.tools ?? null,
  resources: given.resources ?? null,
  details: given.authorization_details ?? null,
})

const isNone = (list: readonly unknown[] | null | undefined): boolean => list == null || list.length === 0

const add = (grants: readonly Grant[], grant: Grant): readonly Grant[] =>
  grants.length < MAX_GRANTS ? appended(grants, grant) : [...grants.slice(0, 1), ...grants.slice(2), grant]

const millisOf = (time: string | undefined): number | null => {
  const at = time === undefined ? Number.NaN : Date.parse(time)
  return Number.isNaN(at) ? null : at
}
