import type { AgentEvent } from '../../core/index.ts'

/** The tool that an event is about. */
export const toolOf = (event: AgentEvent): string | undefined =>
  event.kind === 'tool_call' ? event.tool_call.name : undefined

/** The resource that an event is about. */
export const resourceOf = (event: AgentEvent): string | undefined =>
  event.kind === 'tool_call'
    ? event.tool_call.resource?.id
    : event.kind === 'credential'
      ? event.credential.resource?.id
      : undefined
