import type { DetectorEvasions } from '../../src/core/index.ts'
import { clock, story, type Told } from '../cases/story.ts'

const w = story('wf-nightly', 'report-bot')
const contain: Told = {
  id: 'order',
  time: clock(20),
  kind: 'containment',
  source: 'catenary',
  workflow_id: 'containment/1',
  outcome: 'success',
  containment: { action: 'contain', target: { kind: 'credential', id: 'tok-5' } },
}
const issue = w.credential('i', 1, { id: 'tok-5', type: 'access_token', action: 'issue' })
const use = (id: string, second: number, more: Told = {}): Told => ({
  ...w.calls(id, second, 'crm.read', { operation: 'read', credential_id: 'tok-5' }),
  ...more,
})

export const evasions: DetectorEvasions = {
  detector: 'use-after-containment',
  seen: [
    {
      name: 'slowed down: a month later',
      harm: 'x',
      minSeverity: 'critical',
      events: [issue, use('u', 5), contain, use('x', 30 * 86_400)],
    },
    {
      name: 'renamed: by another agent, in another workflow',
      harm: 'x',
      minSeverity: 'critical',
      events: [issue, use('u', 5), contain, use('x', 90, { agent: { id: 'helper' }, workflow_id: 'wf-other' })],
    },
    {
      name: 'without a workflow',
      harm: 'x',
      minSeverity: 'critical',
      events: [issue, use('u', 5), contain, use('x', 90, { workflow_id: undefined })],
    },
  ],
  unseen: [
    {
      name: 'with what was made of it before',
      miss: 'a credential that was derived from the contained one before the order, unless it is contained itself',
      events: [
        issue,
        w.credential('d', 10, { id: 'tok-6', type: 'access_token', action: 'exchange', parent_id: 'tok-5' }),
        contain,
        w.calls('x', 90, 'crm.read', { operation: 'read', credential_id: 'tok-6' }),
      ],
    },
    {
      name: 'rotated under another name',
      miss: 'a credential that an intruder rotated under a name that had not used it',
      events: [
        issue,
        use('u', 5),
        contain,
        story(null, 'nobody').credential('r', 60, { id: 'tok-5', action: 'rotate' }),
        use('x', 90),
      ],
    },
    {
      name: 'attempts only',
      miss: 'attempts that are not told as successful',
      events: [issue, use('u', 5), contain, use('x', 90, { outcome: 'attempted' })],
    },
  ],
}
