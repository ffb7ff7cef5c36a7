import type { AgentEvent } from './event.ts'

/** The credential an event shows in use or acts on, or null. */
export function credentialOf(event: AgentEvent): string | null {
  switch (event.kind) {
    case 'credential':
      return event.credential.id
    case 'tool_call':
      return event.tool_call.credential_id ?? null
    case 'oauth':
      return event.oauth.credential_id ?? null
    case 'handoff':
      return event.handoff.credential_id ?? null
    default:
      return null
  }
}

/** The credential that `credentialOf` was derived from, as the event says, or null. */
export function parentCredentialOf(event: AgentEvent): string | null {
  if (event.kind === 'credential') return event.credential.parent_id ?? null
  if (event.kind === 'oauth') return event.oauth.parent_credential_id ?? null
  return null
}
