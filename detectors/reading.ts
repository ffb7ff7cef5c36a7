import {
  type AgentEvent,
  type Authority,
  type AuthorizationDetail,
  appended,
  type CredentialEvent,
  detailsAllow,
  type Grant,
  globMatches,
  isInForce,
  type Json,
  type Step,
} from '../src/core/index.ts'

/** What a step does, in the few words that detectors share. Fields are null where the event does not say. */
export interface Reading {
  readonly tool: string | null
  readonly operation: string | null
  readonly resource: string | null
  readonly resourceType: string | null
  readonly zone: string | null
  readonly sensitivity: string | null
  readonly owner: string | null
  readonly scopes: readonly string[]
  /** The permissions it used, as RFC 9396 writes them. */
  readonly details: readonly AuthorizationDetail[]
  readonly destination: string | null
  readonly destinationType: string | null
  readonly isExternal: boolean
  /** The credential it acts with, or acts on for credential events. */
  readonly credential: string | null
  readonly agent: string | null
}

const NOTHING: Reading = {
  tool: null,
  operation: null,
  resource: null,
  resourceType: null,
  zone: null,
  sensitivity: null,
  owner: null,
  scopes: [],
  details: [],
  destination: null,
  destinationType: null,
  isExternal: false,
  credential: null,
  agent: null,
}

let lastEvent: AgentEvent | null = null
let lastReading: Reading = NOTHING

/**
 * Reads a tool call or a credential event; other kinds read as nothing but their agent. The last reading is kept, since
 * every detector of a chain asks for the same one in turn.
 */
export function readStep({ event }: Step): Reading {
  if (event === lastEvent) return lastReading
  lastReading = readEvent(event)
  lastEvent = event
  return lastReading
}

function readEvent(event: AgentEvent): Reading {
  const agent = event.agent?.id ?? null
  if (event.kind === 'credential') {
    const { credential } = event
    return {
      ...NOTHING,
      agent,
      operation: credential.action ?? 'use',
      resource: credential.resource?.id ?? null,
      resourceType: credential.resource?.type ?? null,
      zone: credential.resource?.zone ?? null,
      sensitivity: credential.resource?.sensitivity ?? null,
      owner: credential.resource?.owner ?? null,
      scopes: credential.scopes ?? [],
      details: credential.authorization_details ?? [],
      credential: credential.id,
    }
  }
  if (event.kind !== 'tool_call') return { ...NOTHING, agent }
  const { tool_call: call } = event
  return {
    agent,
    tool: call.name,
    operation: call.operation ?? null,
    resource: call.resource?.id ?? null,
    resourceType: call.resource?.type ?? null,
    zone: call.resource?.zone ?? null,
    sensitivity: call.resource?.sensitivity ?? null,
    owner: call.resource?.owner ?? null,
    scopes: call.scopes ?? [],
    details: call.authorization_details ?? [],
    destination: call.destination?.id ?? null,
    destinationType: call.destination?.type ?? null,
    isExternal: call.destination?.external === true,
    credential: call.credential_id ?? null,
  }
}

const CONSEQUENTIAL: ReadonlySet<string> = new Set(['create', 'update', 'delete', 'send', 'execute', 'admin'])

/** Whether a call changes something, sends something or runs something. */
export const isConsequential = ({ operation, isExternal }: Reading): boolean =>
  isExternal || (operation !== null && CONSEQUENTIAL.has(operation))

const LOOKS: ReadonlySet<string> = new Set(['read', 'list', 'search'])

/** Whether a call does no more than look, as its producer says. */
export const isLook = ({ operation }: Reading): boolean => operation !== null && LOOKS.has(operation)

const SECRET_TYPES: ReadonlySet<string> = new Set([
  'secret',
  'credential',
  'password',
  'key',
  'token',
  'api_key',
  'ssh_key',
  'private_key',
])

/** Whether a step reads a secret: the producer says so by the event, or by the type of the resource. */
export const readsSecret = ({ event }: Step, reading: Reading): boolean =>
  event.kind === 'credential'
    ? event.credential.action === 'read'
    : event.kind === 'tool_call' &&
      reading.resourceType !== null &&
      SECRET_TYPES.has(reading.resourceType.toLowerCase()) &&
      (reading.operation === 'read' || reading.operation === null || reading.operation === 'search')

/** Whether a credential is made out to somebody else than who asked for it, or for whom the task runs. */
export function isForAnother({ agent, principal, delegation, credential }: CredentialEvent): boolean {
  const { subject, issuer } = credential
  const own = [agent?.id, agent?.name, agent?.workload_id, principal?.id, ...(delegation ?? []).map(({ id }) => id)]
  return subject !== undefined && agent !== undefined && agent.id !== issuer && !own.includes(subject)
}

/** Whether an approval in force names this call: its step, or its tool and (where it limits them) its resource. */
export function isApproved(authority: Authority, step: Step, reading: Reading): boolean {
  return authority.grants.some(
    (grant) => grant.via === 'approval' && isInForce(grant, step.event.at) && names(grant, step, reading),
  )
}

/** Whether a grant speaks of this call at all. */
export function names(grant: Grant, step: Step, { tool, resource, scopes, details }: Reading): boolean {
  if (grant.stepIds !== null) return grant.stepIds.includes(step.id) || grant.stepIds.includes(step.event.id)
  const held = grant.details ?? null
  if (grant.tools === null && grant.scopes === null && grant.resources === null && held === null) return true
  if (grant.tools !== null && (tool === null || !grant.tools.some((one) => globMatches(one, tool)))) return false
  if (grant.resources !== null && (resource === null || !grant.resources.some((one) => globMatches(one, resource))))
    return false
  if (grant.tools !== null || grant.resources !== null) return true
  if (held !== null) return details.length > 0 && details.every((one) => detailsAllow(held, one))
  return scopes.every((scope) => grant.scopes?.some((one) => globMatches(one, scope)))
}

/** Whether what the task itself was given (its start, a hand-off received) names the tool. */
export const isGranted = (authority: Authority, { tool }: Reading): boolean =>
  tool !== null &&
  authority.grants.some(
    ({ via, tools }) => via !== 'approval' && via !== 'credential' && tools?.some((one) => globMatches(one, tool)),
  )

/** Whether what the task itself was given names the tool and, among its resources, the very thing that the call reaches. */
export const isGrantedThere = (authority: Authority, step: Step, reading: Reading): boolean =>
  authority.grants.some(
    (grant) =>
      grant.via !== 'approval' &&
      grant.via !== 'credential' &&
      grant.tools !== null &&
      grant.resources !== null &&
      isInForce(grant, step.event.at) &&
      names(grant, step, reading),
  )

/** Whether a grant in force has a pattern for a resource; `named`: another than `*`, which names nothing. */
export const isResourceGranted = (
  { grants }: Authority,
  at: number,
  resource: string | null,
  how: 'named' | 'any',
): boolean =>
  resource !== null &&
  grants.some(
    (grant) =>
      isInForce(grant, at) &&
      grant.resources?.some((one) => (how === 'any' || one !== '*') && globMatches(one, resource)),
  )

/** Whether the user named a value of the call in the request or in a later message. */
export function wasAsked({ asked }: Authority, { event }: Step): boolean {
  if (event.kind !== 'tool_call' || asked.length === 0) return false
  return (event.tool_call.arguments?.values ?? []).some((value) => asked.includes(value))
}

/** A word an importer left about an AWS call, such as its `effect`; null where there is none. */
export function awsWord({ event }: Step, name: string): string | null {
  const aws = event.attributes['aws'] as { readonly [key: string]: Json } | undefined
  const value = aws?.[name]
  return typeof value === 'string' ? value : typeof value === 'boolean' ? String(value) : null
}

/** Adds to a list, dropping the newest beyond `max`: what came first is what the story starts with. */
export const remember = <T>(list: readonly T[], item: T, max: number): readonly T[] =>
  list.length >= max || list.includes(item) ? list : appended(list, item)

/** Texts, none longer than `max`. */
export const cutAll = (texts: readonly string[], max: number): readonly string[] =>
  texts.map((text) => text.slice(0, max))

/** As `remember`, for several. The same list when it knows them all. */
export const rememberAll = <T>(list: readonly T[], items: readonly T[], max: number): readonly T[] =>
  items.reduce((all, item) => remember(all, item, max), list)
