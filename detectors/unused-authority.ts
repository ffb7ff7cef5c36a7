import type { AuthorityUse, AuthorityUseReader, Millis, Step } from '../src/core/index.ts'
import { anyCovers, scopeCovers } from './scope-order.ts'

const MAX_SCOPES = 200

interface Given {
  readonly by: string
  readonly firstAt: Millis
}

/**
 * What an agent was given and what it used of it, from its steps in order of time. A scope counts as used when a call that
 * succeeded used it, or one that it covers. Of 200 scopes; the first ones.
 */
export function authorityUseReader(): AuthorityUseReader {
  const given = new Map<string, Given>()
  const used = new Map<string, Millis>()
  let calls = 0
  let callsWithScopes = 0
  return {
    take(step) {
      for (const scope of givenBy(step)) {
        if (given.size < MAX_SCOPES && !given.has(scope)) given.set(scope, { by: nameOf(step), firstAt: step.event.at })
      }
      const { event } = step
      if (event.kind !== 'tool_call' || event.outcome !== 'success') return
      calls += 1
      const scopes = event.tool_call.scopes ?? []
      if (scopes.length > 0) callsWithScopes += 1
      for (const scope of scopes) if (used.size < MAX_SCOPES || used.has(scope)) used.set(scope, event.at)
    },
    told: () => ({ calls, callsWithScopes, scopes: [...given].map(([scope, one]) => useOf(scope, one, used)) }),
  }
}

function givenBy({ event }: Step): readonly string[] {
  if (event.outcome === 'denied' || event.outcome === 'failure') return []
  if (event.kind === 'workflow') return event.workflow.action === 'start' ? (event.workflow.scopes ?? []) : []
  if (event.kind === 'credential') return event.credential.scopes ?? []
  return event.kind === 'oauth' ? (event.oauth.scopes ?? []) : []
}

/** Who gave: the credential or the grant by its id, or the start of a task. */
function nameOf({ event }: Step): string {
  if (event.kind === 'credential') return `credential ${event.credential.id}`
  if (event.kind === 'oauth') return `grant ${event.oauth.grant_id ?? event.oauth.client_id}`
  return 'task'
}

function useOf(scope: string, { by, firstAt }: Given, used: ReadonlyMap<string, Millis>): AuthorityUse {
  let lastUsedAt: Millis | null = null
  let needed = 0
  for (const [one, at] of used) {
    if (!scopeCovers(scope, one)) continue
    needed += 1
    lastUsedAt = Math.max(lastUsedAt ?? at, at)
  }
  const isWider = needed > 0 && !anyCovers([...used.keys()], scope)
  return { scope, by, firstAt, lastUsedAt, isWider }
}
