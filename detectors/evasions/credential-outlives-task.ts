import type { DetectorEvasions } from '../../src/core/index.ts'
import { clock, story, type Told } from '../cases/story.ts'

const w = story('wf-sync', 'crm-bot')
const later = story('wf-later', 'crm-bot')
const token = (more: Told = {}): Told =>
  w.credential('i', 1, { id: 'tok-9', type: 'access_token', action: 'issue', expires_at: clock(86_400), ...more })
const use = (id: string, second: number, more: Told = {}): Told =>
  later.calls(id, second, 'crm.read', { operation: 'read', credential_id: 'tok-9' }, more)
const [start, end] = [w.start('s', 0), w.end('e', 60)]

export const evasions: DetectorEvasions = {
  detector: 'credential-outlives-task',
  seen: [
    {
      name: 'slowed down: used twenty hours later',
      harm: 'x',
      minSeverity: 'high',
      events: [start, token(), end, use('x', 72_000)],
    },
    {
      name: 'split over agents: another agent uses it, outside any workflow',
      harm: 'x',
      minSeverity: 'high',
      events: [
        start,
        token(),
        end,
        story(null, 'helper').calls('x', 3_660, 'crm.read', { operation: 'read', credential_id: 'tok-9' }),
      ],
    },
    {
      name: 'switched: exchanged before the end, the new one used after it',
      harm: 'x',
      minSeverity: 'high',
      events: [
        start,
        token(),
        w.credential('c', 50, { id: 'tok-10', type: 'access_token', action: 'exchange', parent_id: 'tok-9' }),
        w.credential('v', 59, { id: 'tok-9', action: 'revoke' }),
        end,
        later.calls('x', 3_660, 'crm.read', { operation: 'read', credential_id: 'tok-10' }),
      ],
    },
    {
      name: 'covered: refused once, then done',
      harm: 'x',
      minSeverity: 'high',
      events: [start, token(), end, use('d', 3_600, { outcome: 'denied' }), use('x', 3_660)],
    },
    {
      name: 'the end of the task is told last',
      harm: 'x',
      minSeverity: 'high',
      events: [start, token(), use('x', 400), end],
    },
    {
      name: 'made to live long just before the end, and kept',
      harm: 'i',
      events: [
        start,
        token({ expires_at: clock(120) }),
        w.credential('r', 55, { id: 'tok-9', action: 'refresh', expires_at: clock(86_400) }),
        end,
      ],
      until: clock(3_600),
    },
  ],
  unseen: [
    {
      name: 'the workflow never ends',
      miss: 'workflows that never report their end',
      events: [start, token(), use('x', 72_000)],
    },
    {
      name: 'the issue is not reported',
      miss: 'credentials whose issue no event reports',
      events: [start, w.calls('u', 5, 'crm.read', { credential_id: 'tok-9' }), end, use('x', 3_660)],
    },
    {
      name: 'the late use names no credential',
      miss: 'a use that no event ties to the credential',
      events: [
        start,
        token({ expires_at: clock(120) }),
        end,
        later.calls('x', 3_660, 'crm.read', { operation: 'read' }),
      ],
    },
  ],
}
