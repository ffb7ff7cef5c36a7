const START = Date.parse('2026-11-02T00:00:00Z')
const SOURCE = 'urn:bench:agents'

const envelope = (workflow: string, nth: number, at: number): Record<string, unknown> => ({
  id: `${workflow}-${nth}`,
  time: new Date(START + at).toISOString(),
  source: SOURCE,
  workflow_id: workflow,
  agent: { id: `agent-${workflow.length % 7}` },
  principal: { type: 'user', id: 'ana@acme.example' },
  outcome: 'success',
})

/** The start of a workflow that was given tickets to read, at so many milliseconds of event time. */
export const startOf = (workflow: string, at: number): object => ({
  ...envelope(workflow, 0, at),
  kind: 'workflow',
  workflow: { action: 'start', task: 'triage', scopes: ['tickets:read'], tools: ['tickets.*'] },
})

/** A step within what was given. */
export const readOf = (workflow: string, nth: number, at: number): object => ({
  ...envelope(workflow, nth, at),
  kind: 'tool_call',
  tool_call: {
    name: 'tickets.read',
    operation: 'read',
    scopes: ['tickets:read'],
    resource: { id: `tickets/${workflow}/${nth}`, type: 'ticket', zone: 'support', sensitivity: 'internal' },
  },
})

/** A step far outside of it, which raises an alert as it comes. */
export const trespassOf = (workflow: string, nth: number, at: number): object => ({
  ...envelope(workflow, nth, at),
  kind: 'tool_call',
  tool_call: {
    name: 'iam.create_key',
    operation: 'admin',
    scopes: ['iam:admin'],
    resource: { id: 'iam/users/root', type: 'user', zone: 'production', sensitivity: 'restricted' },
  },
})
