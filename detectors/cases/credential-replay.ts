import type { DetectorCases } from '../../src/core/index.ts'
import { story, type Told } from './story.ts'

const w = story('wf-nightly', 'report-bot')
const at = (ip: string, workload: string, more: Told = {}): Told => ({
  agent: { id: 'report-bot', workload_id: workload, ip, ...more },
})
const issue = (more: Told = {}): Told =>
  w.credential(
    'i',
    1,
    { id: 'tok-5', type: 'access_token', action: 'issue', ...more },
    at('192.0.2.10', 'spiffe://acme/report'),
  )
const use = (id: string, second: number, who: Told): Told =>
  w.calls(id, second, 'crm.read', { operation: 'read', credential_id: 'tok-5' }, who)
const home = at('192.0.2.10', 'spiffe://acme/report')

/** A call by the role of one machine: its session bears the machine's name. */
const machine = (id: string, second: number, ip: string, user_agent: string): Told => ({
  ...w.credential(id, second, { id: 'ASIA7', type: 'role_session', action: 'use', client: { ip, user_agent } }),
  agent: { id: 'arn:aws:sts::111122223333:assumed-role/web/i-0abc1234def567890' },
})

export const cases: DetectorCases = {
  detector: 'credential-replay',
  attacks: [
    {
      name: 'bound to one workload, used by another',
      harm: 'x',
      minSeverity: 'high',
      events: [
        issue({ bound_to: 'spiffe://acme/report' }),
        use('u', 5, home),
        use('x', 9, at('198.51.100.7', 'spiffe://acme/unknown')),
      ],
    },
    {
      name: 'used after revocation',
      harm: 'x',
      minSeverity: 'high',
      events: [
        issue(),
        use('u', 5, home),
        w.credential('v', 20, { id: 'tok-5', action: 'revoke' }),
        use('x', 60, home),
      ],
    },
    {
      name: 'used from two places at once',
      harm: 'x',
      minSeverity: 'high',
      events: [issue(), use('u', 5, home), use('x', 30, at('198.51.100.7', 'host-77'))],
    },
    {
      name: 'an instance role used by another client elsewhere',
      harm: 'x',
      events: [
        w.credential('u', 5, {
          id: 'ASIA1',
          type: 'role_session',
          action: 'use',
          client: { ip: '192.0.2.10', user_agent: 'aws-sdk-java' },
        }),
        w.credential('x', 65, {
          id: 'ASIA1',
          type: 'role_session',
          action: 'use',
          client: { ip: '198.51.100.7', user_agent: 'aws-cli' },
        }),
      ],
    },
    {
      name: 'used off the machine it was made for, hours later',
      harm: 'x',
      minSeverity: 'high',
      events: [machine('u', 5, '192.0.2.10', 'aws-sdk-java'), machine('x', 9_000, '198.51.100.7', 'aws-cli')],
    },
    {
      name: 'bound to one task, used in another',
      harm: 'x',
      minSeverity: 'high',
      events: [
        issue({ bound_to: 'wf-nightly' }),
        use('u', 5, home),
        story('wf-other', 'report-bot').calls('x', 9, 'crm.read', { operation: 'read', credential_id: 'tok-5' }, home),
      ],
    },
    {
      name: 'bound to one agent, used by another',
      harm: 'x',
      minSeverity: 'high',
      events: [
        issue({ bound_to: 'report-bot' }),
        use('u', 5, home),
        use('x', 9, { agent: { id: 'other-bot', ip: '192.0.2.10' } }),
      ],
    },
  ],
  twins: [
    {
      name: 'one workload behind several addresses',
      events: [
        issue({ bound_to: 'spiffe://acme/report' }),
        use('u', 5, home),
        use('v', 9, at('192.0.2.99', 'spiffe://acme/report')),
      ],
    },
    {
      name: 'a new address after a restart',
      events: [issue(), use('u', 5, home), use('v', 4_000, at('192.0.2.44', 'report-2'))],
    },
    {
      name: 'a pool that is declared shared',
      events: [issue({ shared: true }), use('u', 5, home), use('v', 9, at('192.0.2.11', 'spiffe://acme/report-b'))],
    },
    {
      name: 'a use after revocation that was refused',
      events: [
        issue(),
        w.credential('v', 20, { id: 'tok-5', action: 'revoke' }),
        { ...use('u', 60, home), outcome: 'denied' },
      ],
    },
    {
      name: "a machine's role seen by its private and its public address",
      events: [machine('u', 5, '10.0.4.7', 'aws-sdk-java'), machine('v', 9_000, '192.0.2.10', 'aws-cli')],
    },
    {
      name: 'bound to the thumbprint of a key',
      events: [
        issue({ bound_to: '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I' }),
        use('u', 5, home),
        use('v', 9, home),
      ],
    },
    {
      name: 'refreshed after it was revoked, then used',
      events: [
        issue(),
        w.credential('v', 20, { id: 'tok-5', action: 'revoke' }),
        w.credential('r', 30, { id: 'tok-5', action: 'refresh' }),
        use('u', 60, home),
      ],
    },
  ],
  evades: {
    'ten times slower':
      'two places further apart in time than `windowMs`, unless the credential belongs to one machine',
    'by another agent': "a machine's credential whose use is told under the name of another agent",
    'in no workflow': 'a use in another task than the one it is bound to, where the event names no workflow',
    'with another credential': 'uses reported without the id of the credential',
    'with no credential named': 'uses reported without the id of the credential',
  },
}
