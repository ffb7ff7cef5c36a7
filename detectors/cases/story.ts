/** An event of the contract as a producer sends it. */
export type Told = Readonly<Record<string, unknown>>

const START = Date.parse('2026-11-20T09:00:00Z')

/** RFC 3339 of a number of seconds after the morning all cases start in. */
export const clock = (second: number): string => new Date(START + second * 1_000).toISOString()

/** Builds the events of one workflow, so that a case reads as its story. Ids are given by the teller; outcome is success. */
export function story(workflow: string | null, agent: string) {
  const base = (id: string, second: number, kind: string): Told => ({
    id,
    time: clock(second),
    kind,
    source: 'cases',
    ...(workflow === null ? {} : { workflow_id: workflow }),
    agent: { id: agent },
    outcome: 'success',
  })
  return {
    start: (id: string, second: number, grant: Told = {}): Told => ({
      ...base(id, second, 'workflow'),
      principal: { type: 'user', id: 'ana@acme.example' },
      workflow: { action: 'start', trigger: 'human', ...grant },
    }),
    end: (id: string, second: number): Told => ({ ...base(id, second, 'workflow'), workflow: { action: 'complete' } }),
    says: (id: string, second: number, content: string): Told => ({
      ...base(id, second, 'message'),
      message: { role: 'user', content },
    }),
    calls: (id: string, second: number, name: string, call: Told = {}, more: Told = {}): Told => ({
      ...base(id, second, 'tool_call'),
      ...more,
      tool_call: { name, ...call },
    }),
    credential: (id: string, second: number, credential: Told, more: Told = {}): Told => ({
      ...base(id, second, 'credential'),
      ...more,
      credential,
    }),
    approves: (id: string, second: number, covers: Told, more: Told = {}): Told => ({
      ...base(id, second, 'approval'),
      approval: { action: 'approve', approver: { type: 'user', id: 'ana@acme.example' }, covers, ...more },
    }),
  }
}
