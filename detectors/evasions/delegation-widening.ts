import type { DetectorEvasions } from '../../src/core/index.ts'
import { story, type Told } from '../cases/story.ts'

const w = story('wf-parent', 'planner')
const child = story('wf-child', 'worker')
const start = w.start('s', 0, { task: 'plan', scopes: ['docs:read'], tools: ['docs.*'] })
const handoff = (id: string, second: number, body: Told, more: Told = {}): Told => ({
  ...w.credential(id, second, {}),
  kind: 'handoff',
  credential: undefined,
  handoff: { to_agent: { id: 'worker' }, to_workflow_id: 'wf-child', ...body },
  ...more,
})
const childStart = child.start('cs', 5, {
  parent_workflow_id: 'wf-parent',
  trigger: 'agent',
  scopes: ['docs:read'],
  tools: ['docs.read'],
})
const wide = { scopes: ['docs:read', 'payments:write'] }
const exchange = (id: string, second: number, to: string, from: string, scopes: readonly string[]): Told =>
  w.credential(id, second, { id: to, action: 'exchange', parent_id: from, scopes })

export const evasions: DetectorEvasions = {
  detector: 'delegation-widening',
  seen: [
    {
      name: 'slowed down: passed on a day later',
      harm: 'x',
      minSeverity: 'high',
      events: [start, handoff('x', 86_400, wide)],
    },
    {
      name: 'split: narrowed first, then widened by the child’s own hand-off',
      harm: 'x',
      minSeverity: 'high',
      events: [
        start,
        handoff('h', 2, { scopes: ['docs:read'] }),
        childStart,
        {
          ...child.credential('x', 8, {}),
          kind: 'handoff',
          credential: undefined,
          handoff: { to_agent: { id: 'third' }, scopes: ['docs:read', 'payments:write'] },
        },
      ],
    },
    {
      name: 'renamed: a pattern in place of what it covers',
      harm: 'x',
      minSeverity: 'high',
      events: [start, handoff('x', 3, { scopes: ['*'] })],
    },
    {
      name: 'covered: refused once, then passed on',
      harm: 'x',
      minSeverity: 'high',
      events: [start, handoff('d', 3, wide, { outcome: 'denied' }), handoff('x', 4, wide)],
    },
    {
      name: 'the start of the giver is told last',
      harm: 'x',
      minSeverity: 'high',
      events: [handoff('x', 3, wide), start],
    },
    {
      name: 'switched: widened by the second of two exchanges',
      harm: 'x',
      events: [
        start,
        w.credential('t', 1, { id: 'tok-a', action: 'issue', scopes: ['docs:read'] }),
        exchange('e', 3, 'tok-b', 'tok-a', ['docs:read']),
        exchange('x', 4, 'tok-c', 'tok-b', ['docs:admin']),
      ],
    },
  ],
  unseen: [
    {
      name: 'the exchange does not say from what',
      miss: 'exchanges whose parent credential was never reported',
      events: [
        start,
        w.credential('t', 1, { id: 'tok-a', action: 'issue', scopes: ['docs:read'] }),
        w.credential('x', 4, { id: 'tok-c', action: 'exchange', scopes: ['docs:admin'] }),
      ],
    },
    {
      name: 'the child uses more and reports no scopes',
      miss: 'a child that uses more than its giver held, and reports no scopes of its calls',
      events: [
        start,
        handoff('h', 2, { scopes: ['docs:read'] }),
        childStart,
        child.calls('x', 9, 'payments.send', { operation: 'send' }),
      ],
    },
    {
      name: 'the giver’s own authority is not stated',
      miss: 'a giver whose own authority no event states',
      events: [w.start('s', 0), handoff('x', 3, wide)],
    },
  ],
}
