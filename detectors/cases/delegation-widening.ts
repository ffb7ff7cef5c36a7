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

/** A call by the worker that says on whose authority it acts. */
const told = (id: string, second: number, path: readonly string[]): Told => ({
  ...w.calls(id, second, 'docs.read', { operation: 'read' }),
  agent: { id: 'worker' },
  delegation: [{ type: 'user', id: 'ana' }, ...path.map((one) => ({ type: 'agent', id: one }))],
})

const reads = { type: 'documents', locations: ['https://docs.example'], actions: ['read'] }
const writes = { ...reads, actions: ['write'] }
const permitted = (some: Told): Told => ({ authorization_details: [some] })

export const cases: DetectorCases = {
  detector: 'delegation-widening',
  attacks: [
    {
      name: 'the hand-off passes a permission its giver only had for reading',
      harm: 'x',
      minSeverity: 'high',
      events: [w.start('s', 0, permitted(reads)), handoff('x', 3, permitted(writes))],
    },
    {
      name: 'a token exchange that leaves out the place its parent was limited to',
      harm: 'x',
      events: [
        w.credential('t', 1, { id: 'tok-a', action: 'issue', ...permitted(reads) }),
        w.credential('x', 4, {
          id: 'tok-b',
          action: 'exchange',
          parent_id: 'tok-a',
          ...permitted({ type: 'documents', actions: ['read'] }),
        }),
      ],
    },
    {
      name: 'a child workflow starts with a permission of another type',
      harm: 'x',
      events: [w.start('s', 0, permitted(reads)), childStart('x', 5, permitted({ type: 'payments' }))],
    },
    {
      name: 'a child uses a permission its giver does not hold',
      harm: 'x',
      events: [
        w.start('s', 0, permitted(reads)),
        handoff('h', 2, { to_workflow_id: 'wf-child', ...permitted(reads) }),
        childStart('cs', 3, {}),
        child.calls('x', 9, 'docs.update', {
          operation: 'update',
          ...permitted({ type: 'documents', actions: ['write'] }),
        }),
      ],
    },
    {
      name: 'a hop of the path of authority holds a wider permission than the one before it',
      harm: 'x',
      events: [
        start,
        {
          ...w.calls('x', 3, 'docs.read', { operation: 'read' }),
          delegation: [
            { type: 'user', id: 'ana', ...permitted(reads) },
            { type: 'agent', id: 'router' },
            { type: 'agent', id: 'planner', ...permitted(writes) },
          ],
        },
      ],
    },
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
    {
      name: 'goes on with a token whose parent was revoked',
      harm: 'x',
      minSeverity: 'high',
      events: [
        start,
        w.credential('t', 1, { id: 'tok-a', action: 'issue', scopes: ['docs:read'] }),
        w.credential('u', 2, { id: 'tok-b', action: 'exchange', parent_id: 'tok-a', scopes: ['docs:read'] }),
        w.credential('v', 5, { id: 'tok-a', action: 'revoke' }),
        w.calls('x', 9, 'docs.read', { operation: 'read', credential_id: 'tok-b' }),
      ],
    },
    {
      name: 'the path leaves out the agent that passed the work on',
      harm: 'x',
      events: [
        start,
        handoff('h1', 1, { to_agent: { id: 'lead' } }),
        { ...handoff('h2', 2, { to_agent: { id: 'worker' } }), agent: { id: 'lead' } },
        told('x', 3, ['planner', 'worker']),
      ],
    },
    {
      name: 'the path stops before its actor, where all others end with theirs',
      harm: 'x',
      events: [
        start,
        told('p', 2, ['planner', 'worker']),
        { ...told('x', 3, ['planner', 'worker']), agent: { id: 'stranger' } },
      ],
    },
    {
      name: 'a hop that holds more than the one before it',
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
              { type: 'user', id: 'ana', scopes: ['docs:read'] },
              { type: 'agent', id: 'planner', scopes: ['docs:admin'] },
            ],
          },
        ),
      ],
    },
  ],
  twins: [
    {
      name: 'permissions that narrow from hand to hand',
      events: [
        w.start('s', 0, permitted({ type: 'documents', actions: ['write'] })),
        w.credential('t', 1, { id: 'tok-a', action: 'issue', ...permitted(writes) }),
        w.credential('u', 2, { id: 'tok-b', action: 'exchange', parent_id: 'tok-a', ...permitted(reads) }),
        handoff('h', 3, {
          to_workflow_id: 'wf-child',
          ...permitted({ ...reads, locations: ['https://docs.example/7'] }),
        }),
        childStart('cs', 4, permitted(reads)),
        child.calls('c', 5, 'docs.read', { operation: 'read', ...permitted({ type: 'documents', actions: ['list'] }) }),
      ],
    },
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
    {
      name: 'a token whose parent is revoked after its last use',
      events: [
        start,
        w.credential('t', 1, { id: 'tok-a', action: 'issue', scopes: ['docs:read'] }),
        w.credential('u', 2, { id: 'tok-b', action: 'exchange', parent_id: 'tok-a', scopes: ['docs:read'] }),
        w.calls('r', 4, 'docs.read', { operation: 'read', credential_id: 'tok-b' }),
        w.credential('v', 5, { id: 'tok-a', action: 'revoke' }),
      ],
    },
    {
      name: 'a whole path over two hand-offs',
      events: [
        start,
        handoff('h1', 1, { to_agent: { id: 'lead' } }),
        { ...handoff('h2', 2, { to_agent: { id: 'worker' } }), agent: { id: 'lead' } },
        told('u', 3, ['planner', 'lead', 'worker']),
      ],
    },
    {
      name: 'a producer whose paths always stop before the actor',
      events: [start, ...[3, 4, 5].map((n) => ({ ...told(`u${n}`, n, ['planner']), agent: { id: `worker-${n}` } }))],
    },
  ],
  evades: {
    'in another workflow': 'steps told under another workflow id than the one that work was passed to, or under none',
    'in no workflow': 'steps told under another workflow id than the one that work was passed to, or under none',
    'by another agent': 'a hop left out by an agent that nothing handed work to',
    'with another credential': 'uses reported without the id of the derived credential',
    'with no credential named': 'uses reported without the id of the derived credential',
  },
}
