import {
  detailsAllow,
  type Grant,
  type GrantUse,
  globMatches,
  isInForce,
  labelOfDetail,
  type ReplayFrame,
} from '../src/core/index.ts'
import { type Reading, readStep, rememberAll } from './reading.ts'
import { anyCovers } from './scope-order.ts'

const MAX_NAMES = 64

/**
 * The frames of one path with what was used of each grant so far, the step of the frame included. What a call that succeeded
 * says it used counts for every grant in force that holds it: 64 names each of scopes, permissions, tools and resources.
 */
export function withUses(frames: Iterable<ReplayFrame>): readonly ReplayFrame[] {
  const uses = new Map<string, GrantUse>()
  return [...frames].map((frame) => {
    const { step, authority } = frame
    if (step.event.kind === 'tool_call' && step.event.outcome === 'success')
      for (const grant of authority.grants.filter((one) => isInForce(one, step.event.at)))
        uses.set(grant.eventId, used(uses.get(grant.eventId) ?? none(grant), grant, readStep(step)))
    return { ...frame, uses: authority.grants.map((grant) => uses.get(grant.eventId) ?? none(grant)) }
  })
}

const none = ({ eventId }: Grant): GrantUse => ({ eventId, scopes: [], details: [], tools: [], resources: [] })

function used(before: GrantUse, grant: Grant, { scopes, details, tool, resource }: Reading): GrantUse {
  const add = (list: readonly string[], more: readonly string[]): readonly string[] =>
    rememberAll(list, more, MAX_NAMES)
  const within = (patterns: readonly string[] | null, name: string | null): readonly string[] =>
    name !== null && patterns?.some((one) => globMatches(one, name)) ? [name] : []
  return {
    eventId: before.eventId,
    scopes: add(
      before.scopes,
      scopes.filter((scope) => anyCovers(grant.scopes ?? [], scope)),
    ),
    details: add(before.details, details.filter((one) => detailsAllow(grant.details ?? [], one)).map(labelOfDetail)),
    tools: add(before.tools, within(grant.tools, tool)),
    resources: add(before.resources, within(grant.resources, resource)),
  }
}
