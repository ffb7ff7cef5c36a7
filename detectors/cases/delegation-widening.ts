import type { DetectorCases } from '../../src/core/index.ts'
import { story, type Told } from './story.ts'

const w = story('wf-parent', 'planner')
const child = story('wf-child', 'worker')
const start = w.start('s', 0, { task: 'plan', scopes: ['docs:read'], tools: ['docs.*'] })
const handoff = (id: string, second: number, body: Told): Told => ({
  ...w.credential(id, second, {}),
  kind: 'handoff',
  credential: undefined,
  handoff: { to_agent: { id: 'worker' }, ...body },
})
const childStart = (id: string, second: number, grant: Told): Told =>
  child.start(id, second, { parent_workflow_id: 'wf-parent', trigger: 'agent', ...grant })

export const cases: DetectorCases = {
  detector: 'delegation-widening',
  attacks: [
    {
      name: 'the hand-off passes a scope its giver never held',
      harm: 'x',
      minSeverity: 'high',
      events: [start, handoff('x', 3, { scopes: ['docs:read', 'payments:write'] })],
    },
    {
      name: 'a token exchange that widens',
      harm: 'x',
      events: [
        start,
        w.credential('t', 1, { id: 'tok-a', action: 'issue', scopes: ['docs:read'] }),
        w.credential('x', 4, { id: 'tok-b', action: 'exchange', parent_id: 'tok-a', scopes: ['docs:admin'] }),
      ],
    },
    {
      name: 'a child workflow starts with more than its parent',
      harm: 'x',
      events: [start, childStart('x', 5, { scopes: ['docs:write'] })],
    },
    {
      name: 'a child goes on long after its giver ended',
      harm: 'x',
      events: [
        start,
        handoff('h', 2, { to_workflow_id: 'wf-child', scopes: ['docs:read'] }),
        childStart('cs', 3, { scopes: ['docs:read'] }),
        w.end('e', 10),
        child.calls('x', 1_000, 'docs.read', { operation: 'read', scopes: ['docs:read'] }),
      ],
    },
    {
      name: 'a path of authority that runs in a circle',
      harm: 'x',
      events: [
        start,
        w.calls(
          'x',
          3,
          'docs.read',
          {},
          {
            delegation: [
              { type: 'user', id: 'ana' },
              { type: 'agent', id: 'a' },
              { type: 'agent', id: 'b' },
              { type: 'agent', id: 'a' },
            ],
          },
        ),
      ],
    },
  ],
  twins: [
    {
      name: 'a hand-off that narrows',
      events: [
        w.start('s', 0, { scopes: ['docs:write'], tools: ['docs.*'] }),
        handoff('h', 3, { scopes: ['docs:read'], tools: ['docs.read'] }),
      ],
    },
    {
      name: "parallel children with the parent's own scopes",
      events: [
        start,
        childStart('c1', 2, { scopes: ['docs:read'] }),
        { ...story('wf-child-2', 'worker').start('c2', 2, { parent_workflow_id: 'wf-parent', scopes: ['docs:read'] }) },
      ],
    },
    {
      name: 'an exchange for less',
      events: [
        start,
        w.credential('t', 1, { id: 'tok-a', action: 'issue', scopes: ['docs:write'] }),
        w.credential('u', 4, { id: 'tok-b', action: 'exchange', parent_id: 'tok-a', scopes: ['docs:read'] }),
      ],
    },
    {
      name: 'work transferred for good goes on after its giver',
      events: [
        start,
        handoff('h', 2, { to_workflow_id: 'wf-child', mode: 'transfer', scopes: ['docs:read'] }),
        childStart('cs', 3, { scopes: ['docs:read'] }),
        w.end('e', 10),
        child.calls('u', 1_000, 'docs.read', { operation: 'read', scopes: ['docs:read'] }),
      ],
    },
  ],
}
