import {
  type AgentEvent,
  type Client,
  credentialOf,
  type Destination,
  parentCredentialOf,
  type Resource,
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
}

const NONE = {}
const EMPTY: Omit<StepFacets, 'credentialId' | 'parentCredentialId'> = {
  action: '',
  tool: '',
  server: '',
  operation: '',
  resource: NONE,
  destination: NONE,
  grantId: '',
  clientId: '',
  client: NONE,
  scopes: [],
}

/** The facets of an event, whatever its kind. */
export const facetsOf = (event: AgentEvent): StepFacets => ({
  ...EMPTY,
  ...facetsOfKind(event),
  credentialId: credentialOf(event) ?? '',
  parentCredentialId: parentCredentialOf(event) ?? '',
})

function facetsOfKind(event: AgentEvent): Partial<StepFacets> {
  switch (event.kind) {
    case 'workflow':
      return { action: event.workflow.action, scopes: event.workflow.scopes ?? [] }
    case 'message':
      return { action: event.message.role }
    case 'tool_call':
      return facetsOfCall(event.tool_call)
    case 'credential': {
      const { action = '', scopes = [], resource = NONE, client = NONE } = event.credential
      return { action, scopes, resource, client }
    }
    case 'oauth': {
      const { action, scopes = [], grant_id: grantId = '', client_id: clientId, client = NONE } = event.oauth
      return { action, scopes, grantId, clientId, client }
    }
    case 'handoff':
      return { action: event.handoff.mode ?? '', scopes: event.handoff.scopes ?? [] }
    case 'approval':
      return { action: event.approval.action, scopes: event.approval.covers?.scopes ?? [] }
    case 'decision':
      return { action: event.decision.effect }
    case 'heartbeat':
      return {}
  }
}

function facetsOfCall(call: Extract<AgentEvent, { kind: 'tool_call' }>['tool_call']): Partial<StepFacets> {
  const { name: tool, server = '', operation = '', scopes = [], resource = NONE, destination = NONE } = call
  return { tool, server, operation, scopes, resource, destination }
}
