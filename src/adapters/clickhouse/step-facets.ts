import {
  type AgentEvent,
  type AuthorizationDetail,
  type Client,
  credentialOf,
  type Destination,
  parentCredentialOf,
  type Resource,
  textOfDetail,
} from '../../core/index.ts'

/** What analysts filter steps by, drawn from the event's own object. `''` is "not said". */
export interface StepFacets {
  readonly action: string
  readonly tool: string
  readonly server: string
  readonly operation: string
  readonly resource: Resource
  readonly destination: Destination
  readonly credentialId: string
  readonly parentCredentialId: string
  readonly grantId: string
  readonly clientId: string
  readonly client: Client
  readonly scopes: readonly string[]
  /** Each as JSON in one spelling. */
  readonly permissions: readonly string[]
}

const NONE = {}
const NO_SCOPES: readonly string[] = []

const textsOf = (details: readonly AuthorizationDetail[] | undefined): readonly string[] | undefined =>
  details?.map(textOfDetail)

/** The facets of an event, whatever its kind. */
export function facetsOf(event: AgentEvent): StepFacets {
  switch (event.kind) {
    case 'workflow':
      return facets(event, {
        action: event.workflow.action,
        scopes: event.workflow.scopes,
        permissions: textsOf(event.workflow.authorization_details),
      })
    case 'message':
      return facets(event, { action: event.message.role })
    case 'tool_call': {
      const { name: tool, server, operation, scopes, resource, destination } = event.tool_call
      const permissions = textsOf(event.tool_call.authorization_details)
      return facets(event, { tool, server, operation, scopes, permissions, resource, destination })
    }
    case 'credential': {
      const { action, scopes, resource, client } = event.credential
      const permissions = textsOf(event.credential.authorization_details)
      return facets(event, { action, scopes, permissions, resource, client })
    }
    case 'oauth': {
      const { action, scopes, grant_id: grantId, client_id: clientId, client } = event.oauth
      const permissions = textsOf(event.oauth.authorization_details)
      return facets(event, { action, scopes, permissions, grantId, clientId, client })
    }
    case 'handoff':
      return facets(event, {
        action: event.handoff.mode,
        scopes: event.handoff.scopes,
        permissions: textsOf(event.handoff.authorization_details),
      })
    case 'approval':
      return facets(event, {
        action: event.approval.action,
        scopes: event.approval.covers?.scopes,
        permissions: textsOf(event.approval.covers?.authorization_details),
      })
    case 'decision':
      return facets(event, { action: event.decision.effect })
    case 'containment':
      return facets(event, { action: event.containment.action })
    case 'heartbeat':
      return facets(event, {})
  }
}

type Said = { readonly [name in keyof StepFacets]?: StepFacets[name] | undefined }

/** Read field by field: objects spread into one another get a hidden class each, and there are many steps. */
const facets = (event: AgentEvent, said: Said): StepFacets => ({
  action: said.action ?? '',
  tool: said.tool ?? '',
  server: said.server ?? '',
  operation: said.operation ?? '',
  resource: said.resource ?? NONE,
  destination: said.destination ?? NONE,
  credentialId: credentialOf(event) ?? '',
  parentCredentialId: parentCredentialOf(event) ?? '',
  grantId: said.grantId ?? '',
  clientId: said.clientId ?? '',
  client: said.client ?? NONE,
  scopes: said.scopes ?? NO_SCOPES,
  permissions: said.permissions ?? NO_SCOPES,
})
