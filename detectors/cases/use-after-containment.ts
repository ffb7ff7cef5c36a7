import type { DetectorCases } from '../../src/core/index.ts'
import { clock, story, type Told } from './story.ts'

const w = story('wf-nightly', 'report-bot')
const later = story('wf-later', 'report-bot')
const other = story('wf-other', 'other-bot')

type Kind = 'agent' | 'credential' | 'grant'
const order = (action: 'contain' | 'release', kind: Kind, target: string, second: number): Told => ({
  id: `${action}-${target}-${second}`,
  time: clock(second),
  kind: 'containment',
  source: 'catenary',
  workflow_id: `containment/${second}`,
  principal: { type: 'user', id: 'ana@acme.example' },
  outcome: 'success',
  containment: { action, target: { kind, id: target }, reason: 'stolen' },
})
const token = (told: typeof w, id: string, second: number, more: Told = {}): Told => ({
  ...told.calls(id, second, 'crm.read', { operation: 'read', credential_id: 'tok-5' }),
  ...more,
})
const issue = w.credential('i', 1, { id: 'tok-5', type: 'access_token', action: 'issue' })
const oauth = (id: string, second: number, action: string): Told => ({
  ...w.credential(id, second, {}),
  kind: 'oauth',
  credential: undefined,
  oauth: { action, client_id: 'app-1', grant_id: 'grant-1', credential_id: 'tok-9', scopes: ['mail.read'] },
})

export const cases: DetectorCases = {
  detector: 'use-after-containment',
  attacks: [
    {
      name: 'a contained credential is used on',
      harm: 'x',
      minSeverity: 'critical',
      events: [issue, token(w, 'u', 5), order('contain', 'credential', 'tok-5', 20), token(w, 'x', 90)],
    },
    {
      name: 'a contained credential makes another',
      harm: 'x',
      minSeverity: 'critical',
      events: [
        issue,
        token(w, 'u', 5),
        order('contain', 'credential', 'tok-5', 20),
        w.credential('x', 90, { id: 'tok-6', type: 'access_token', action: 'exchange', parent_id: 'tok-5' }),
      ],
    },
    {
      name: 'a contained agent acts in another workflow',
      harm: 'x',
      minSeverity: 'critical',
      events: [
        w.calls('u', 5, 'crm.read', { operation: 'read' }),
        order('contain', 'agent', 'report-bot', 20),
        later.calls('x', 4_000, 'crm.read', { operation: 'read' }),
      ],
    },
    {
      name: 'a token works under a contained grant',
      harm: 'x',
      minSeverity: 'critical',
      events: [
        oauth('c', 1, 'consent'),
        oauth('u', 5, 'token_use'),
        order('contain', 'grant', 'grant-1', 20),
        oauth('x', 90, 'token_use'),
      ],
    },
    {
      name: 'who holds a contained credential rotates it and goes on',
      harm: 'x',
      minSeverity: 'critical',
      events: [
        issue,
        token(w, 'u', 5),
        order('contain', 'credential', 'tok-5', 20),
        w.credential('r', 80, { id: 'tok-5', action: 'rotate' }),
        token(w, 'x', 90),
      ],
    },
    {
      name: 'the order is told after the use',
      harm: 'x',
      minSeverity: 'critical',
      events: [issue, token(w, 'u', 5), token(w, 'x', 90), order('contain', 'credential', 'tok-5', 20)],
    },
  ],
  twins: [
    {
      name: 'a call that was under way',
      events: [issue, token(w, 'u', 5), order('contain', 'credential', 'tok-5', 20), token(w, 'v', 25)],
    },
    {
      name: 'retries that are refused',
      events: [
        issue,
        token(w, 'u', 5),
        order('contain', 'credential', 'tok-5', 20),
        token(w, 'v', 90, { outcome: 'denied' }),
        token(w, 'y', 95, { outcome: 'failure' }),
      ],
    },
    {
      name: 'a credential that was issued anew under another id',
      events: [
        issue,
        token(w, 'u', 5),
        order('contain', 'credential', 'tok-5', 20),
        w.credential('n', 60, { id: 'tok-7', type: 'access_token', action: 'issue' }),
        w.calls('v', 90, 'crm.read', { operation: 'read', credential_id: 'tok-7' }),
      ],
    },
    {
      name: 'a contained credential that its vault rotated',
      events: [
        issue,
        token(w, 'u', 5),
        order('contain', 'credential', 'tok-5', 20),
        story(null, 'vault-rotator').credential('r', 60, { id: 'tok-5', action: 'rotate' }),
        token(w, 'v', 90),
      ],
    },
    {
      name: 'an agent that was let back',
      events: [
        w.calls('u', 5, 'crm.read', { operation: 'read' }),
        order('contain', 'agent', 'report-bot', 20),
        order('release', 'agent', 'report-bot', 3_000),
        later.calls('v', 4_000, 'crm.read', { operation: 'read' }),
      ],
    },
    {
      name: 'a contained agent that gives back what it held',
      events: [
        issue,
        order('contain', 'agent', 'report-bot', 20),
        w.credential('v', 90, { id: 'tok-5', action: 'revoke' }),
        w.end('e', 95),
      ],
    },
    {
      name: 'another agent with a credential of its own',
      events: [
        token(w, 'u', 5),
        order('contain', 'agent', 'report-bot', 20),
        other.calls('v', 90, 'crm.read', { operation: 'read', credential_id: 'tok-8' }),
      ],
    },
  ],
}
