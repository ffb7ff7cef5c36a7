import type { DetectorEvasions } from '../../src/core/index.ts'
import { story, type Told } from '../cases/story.ts'

const w = story('wf-nightly', 'report-bot')
const at = (ip: string, workload: string): Told => ({ agent: { id: 'report-bot', workload_id: workload, ip } })
const home = at('192.0.2.10', 'spiffe://acme/report')
const away = at('198.51.100.7', 'spiffe://acme/unknown')
const issue = (more: Told = {}): Told =>
  w.credential('i', 1, { id: 'tok-5', type: 'access_token', action: 'issue', ...more }, home)
const use = (id: string, second: number, who: Told, more: Told = {}): Told => ({
  ...w.calls(id, second, 'crm.read', { operation: 'read', credential_id: 'tok-5' }, who),
  ...more,
})
const bound = issue({ bound_to: 'spiffe://acme/report' })

export const evasions: DetectorEvasions = {
  detector: 'credential-replay',
  seen: [
    {
      name: 'slowed down: a bound one, a day later',
      harm: 'x',
      minSeverity: 'high',
      events: [bound, use('u', 5, home), use('x', 86_400, away)],
    },
    {
      name: 'split over workflows',
      harm: 'x',
      minSeverity: 'high',
      events: [bound, use('u', 5, home), { ...use('x', 9, away), workflow_id: 'wf-other' }],
    },
    {
      name: 'covered: refused once, then done',
      harm: 'x',
      minSeverity: 'high',
      events: [bound, use('d', 8, away, { outcome: 'denied' }), use('x', 9, away)],
    },
    {
      name: 'renamed: another tool, in the name of the owner',
      harm: 'x',
      minSeverity: 'high',
      events: [
        issue(),
        use('u', 5, home),
        w.calls('x', 30, 'mail.list', { operation: 'list', credential_id: 'tok-5' }, away),
      ],
    },
    {
      name: 'the revocation is told after the use',
      harm: 'x',
      minSeverity: 'high',
      events: [issue(), use('x', 60, home), w.credential('v', 20, { id: 'tok-5', action: 'revoke' })],
    },
  ],
  unseen: [
    {
      name: 'slowed down: from elsewhere, an hour after the owner',
      miss: 'two places further apart in time than `windowMs`, unless the credential belongs to one machine',
      events: [issue(), use('u', 5, home), use('x', 3_600, away)],
    },
    {
      name: 'by the owner’s own way out, under its name',
      miss: 'a thief on the same host as the owner',
      events: [bound, use('u', 5, home), use('x', 9, home)],
    },
    {
      name: 'told without a place',
      miss: 'uses that report neither workload, address nor user agent',
      events: [bound, use('u', 5, home), use('x', 9, { agent: { id: 'report-bot' } })],
    },
    {
      name: 'switched: a token of its own is made out of it first',
      miss: 'a credential derived from the stolen one: it has a thread of its own',
      events: [
        issue(),
        use('u', 5, home),
        w.credential('c', 10, { id: 'tok-6', type: 'access_token', action: 'exchange', parent_id: 'tok-5' }),
        w.calls('x', 30, 'crm.read', { operation: 'read', credential_id: 'tok-6' }, away),
      ],
    },
  ],
}
