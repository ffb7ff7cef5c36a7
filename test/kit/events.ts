import type { AgentEvent, CredentialBody, ToolCallBody } from '../../src/core/index.ts'

interface Draft {
  readonly id: string
  /** Milliseconds after 2026-11-20T09:00:00Z. */
  readonly at: number
  readonly workflow?: string
  readonly session?: string
  readonly agent?: string
  readonly outcome?: AgentEvent['outcome']
  readonly tool?: ToolCallBody
  readonly credential?: CredentialBody
  readonly end?: boolean
  readonly beat?: boolean
}

export const START = Date.parse('2026-11-20T09:00:00Z')

/** A validated event from a few words: a tool call, a credential event, a heartbeat or a workflow's end. */
export function event({
  id,
  at,
  workflow,
  session,
  agent,
  outcome = 'success',
  tool,
  credential,
  end,
  beat,
}: Draft): AgentEvent {
  const envelope = {
    id,
    time: new Date(START + at).toISOString(),
    at: START + at,
    ns: 0,
    tenant: 'default',
    source: 'test',
    outcome,
    attributes: {},
    ...(workflow === undefined ? {} : { workflow_id: workflow }),
    ...(session === undefined ? {} : { session_id: session }),
    ...(agent === undefined ? {} : { agent: { id: agent } }),
  }
  if (beat === true) return { ...envelope, kind: 'heartbeat', heartbeat: { interval_s: 30 } }
  if (tool !== undefined) return { ...envelope, kind: 'tool_call', tool_call: tool }
  if (credential !== undefined) return { ...envelope, kind: 'credential', credential }
  return { ...envelope, kind: 'workflow', workflow: { action: end === true ? 'complete' : 'start' } }
}
