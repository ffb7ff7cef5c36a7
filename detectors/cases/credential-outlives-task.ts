import type { DetectorCases } from '../../src/core/index.ts'
import { clock, story, type Told } from './story.ts'

const w = story('wf-sync', 'crm-bot')
const later = story('wf-later', 'crm-bot')
const token = (more: Told = {}): Told =>
  w.credential('i', 1, { id: 'tok-9', type: 'access_token', action: 'issue', scopes: ['crm:read'], ...more })
const use = (id: string, second: number): Told =>
  later.calls(id, second, 'crm.read', { operation: 'read', credential_id: 'tok-9' })

export const cases: DetectorCases = {
  detector: 'credential-outlives-task',
  attacks: [
    {
      name: 'used an hour after the task ended',
      harm: 'x',
      minSeverity: 'high',
      events: [w.start('s', 0), token({ expires_at: clock(86_400) }), w.end('e', 60), use('x', 3_660)],
    },
    {
      name: 'refreshed past the end',
      harm: 'x',
      minSeverity: 'high',
      events: [
        w.start('s', 0),
        token({ expires_at: clock(900) }),
        w.end('e', 60),
        w.credential('x', 800, { id: 'tok-9', action: 'refresh', expires_at: clock(9_000) }),
      ],
    },
    {
      name: 'never revoked, and lives for a day',
      harm: 'i',
      events: [w.start('s', 0), token({ expires_at: clock(86_400) }), w.end('e', 60)],
      until: clock(3_600),
    },
    {
      name: 'never revoked, and has no expiry',
      harm: 'i',
      events: [w.start('s', 0), token(), w.end('e', 60)],
      until: clock(3_600),
    },
    {
      name: 'exchanged for a new one after the task ended',
      harm: 'x',
      minSeverity: 'high',
      events: [
        w.start('s', 0),
        token({ expires_at: clock(86_400) }),
        w.end('e', 60),
        later.credential('x', 3_660, { id: 'tok-10', action: 'exchange', parent_id: 'tok-9' }),
      ],
    },
    {
      name: 'used twice after the end: the first use stays cited',
      harm: 'x',
      minSeverity: 'high',
      events: [w.start('s', 0), token({ expires_at: clock(86_400) }), w.end('e', 60), use('x', 3_660), use('y', 7_260)],
    },
    {
      name: 'made out to a colleague, and used by who made it when the task was over',
      harm: 'x',
      minSeverity: 'high',
      events: [w.start('s', 0), token({ subject: 'ben@acme.example' }), w.end('e', 60), use('x', 3_660)],
    },
  ],
  twins: [
    {
      name: 'made for a new colleague, who goes on with it',
      events: [
        w.start('s', 0),
        token({ subject: 'ben@acme.example' }),
        w.end('e', 60),
        story('wf-his', 'his-bot').calls('u', 3_660, 'crm.read', { operation: 'read', credential_id: 'tok-9' }),
      ],
      until: clock(7_200),
    },
    {
      name: 'revoked late but within grace',
      events: [
        w.start('s', 0),
        token({ expires_at: clock(86_400) }),
        w.end('e', 60),
        w.credential('v', 240, { id: 'tok-9', action: 'revoke' }),
      ],
      until: clock(7_200),
    },
    {
      name: 'expires by itself minutes after',
      events: [w.start('s', 0), token({ expires_at: clock(300) }), w.end('e', 60)],
      until: clock(7_200),
    },
    {
      name: "the agent's own credential, of no task",
      events: [
        story(null, 'crm-bot').credential('i', 1, { id: 'tok-9', action: 'issue' }),
        w.start('s', 2),
        w.end('e', 60),
        use('u', 3_660),
      ],
    },
    {
      name: 'a late use that was refused',
      events: [
        w.start('s', 0),
        token({ expires_at: clock(200) }),
        w.end('e', 60),
        { ...use('u', 3_660), outcome: 'denied' },
      ],
    },
    {
      name: 'a use within the grace time',
      events: [w.start('s', 0), token({ expires_at: clock(600) }), w.end('e', 60), use('u', 300)],
      until: clock(7_200),
    },
    {
      name: 'handed over for good with its task',
      events: [
        w.start('s', 0),
        token({ expires_at: clock(86_400) }),
        {
          ...w.credential('h', 30, {}),
          kind: 'handoff',
          credential: undefined,
          handoff: { mode: 'transfer', to_workflow_id: 'wf-later', credential_id: 'tok-9' },
        },
        w.end('e', 60),
        use('u', 3_660),
      ],
    },
  ],
  evades: {
    'by another agent':
      'a credential made out to somebody else than the agent or its user, unless that agent uses it later (privilege-persistence tells that it was made)',
    'in another workflow': 'a credential whose issue is told outside the task it is for, and that nobody uses',
    'in no workflow': 'a credential whose issue is told outside the task it is for, and that nobody uses',
    'with another credential': 'a use that no event ties to the credential',
    'with no credential named': 'a use that no event ties to the credential',
  },
}
