import type { DetectorCases } from '../../src/core/index.ts'
import { story, type Told } from './story.ts'

const HOUR = 3_600
const own = story(null, 'authorization-server')
const oauth = (id: string, second: number, body: Told, more: Told = {}): Told => ({
  ...own.calls(id, second, 'none'),
  kind: 'oauth',
  tool_call: undefined,
  oauth: { client_id: 'app-7', app_name: 'Inbox Helper', ...body },
  ...more,
})
const MAIL = ['openid', 'mail.read', 'offline_access']
const WIDE = ['openid', 'mail.readwrite', 'offline_access']
const consent = (id: string, second: number, body: Told = {}, more: Told = {}): Told =>
  oauth(id, second, { action: 'consent', user: 'ana@acme.example', grant_id: `g-${id}`, scopes: WIDE, ...body }, more)
const people = (count: number, gap: number, body: Told): readonly Told[] =>
  Array.from({ length: count }, (_, i) =>
    consent(i === count - 1 ? 'x' : `c${i}`, i * gap, { user: `user${i}@acme.example`, ...body }),
  )
const unverified = { publisher_verified: false }

export const cases: DetectorCases = {
  detector: 'oauth-overreach',
  attacks: [
    {
      name: 'far-reaching scopes for a publisher nobody vouches for',
      harm: 'x',
      minSeverity: 'high',
      events: [consent('x', 5, unverified)],
    },
    {
      name: 'an admin gives them for all',
      harm: 'x',
      minSeverity: 'critical',
      events: [consent('x', 5, { ...unverified, consent_type: 'admin' })],
    },
    {
      name: 'mail, offline, for an app registered this morning',
      harm: 'x',
      events: [oauth('r', 0, { action: 'app_register' }), consent('x', HOUR, { ...unverified, scopes: MAIL })],
    },
    {
      name: 'a name to be taken for another',
      harm: 'x',
      minSeverity: 'high',
      events: [consent('x', 5, { app_name: 'Micr0soft Mail Update', scopes: MAIL })],
    },
    {
      name: 'letters of another alphabet in the name',
      harm: 'x',
      minSeverity: 'high',
      events: [consent('x', 5, { app_name: 'G\u043e\u043egle Drive Sync', scopes: MAIL })],
    },
    {
      name: 'a letter swapped in the name',
      harm: 'x',
      events: [consent('x', 5, { app_name: 'Docusing eSignature', scopes: ['openid'] })],
    },
    {
      name: 'many people in a burst, each with a grant of their own',
      harm: 'x',
      events: people(6, 120, { scopes: ['mail.read'] }),
    },
    {
      name: 'slowly, one a day, for an app that asks for little',
      harm: 'x',
      minSeverity: 'high',
      events: people(10, 24 * HOUR, { ...unverified, scopes: ['mail.read'] }),
    },
    {
      name: 'harmless scopes first, power by a second consent',
      harm: 'x',
      minSeverity: 'high',
      events: [consent('c', 5, { ...unverified, scopes: ['openid'] }), consent('x', HOUR, unverified)],
    },
    {
      name: 'a consent without a grant id',
      harm: 'x',
      minSeverity: 'high',
      events: [consent('x', 5, { ...unverified, grant_id: undefined })],
    },
    {
      name: 'a refused consent as cover',
      harm: 'x',
      minSeverity: 'high',
      events: [consent('c', 5, unverified, { outcome: 'denied' }), consent('x', 60, unverified)],
    },
    {
      name: 'the registration comes late, after the consent',
      harm: 'x',
      events: [
        consent('x', HOUR, { scopes: ['admin:directory'], consent_type: 'admin' }),
        oauth('r', 0, { action: 'app_register' }),
      ],
    },
  ],
  twins: [
    {
      name: 'an app of the house',
      events: [consent('c', 5, { ...unverified, first_party: true }), consent('d', 60, { first_party: true })],
    },
    { name: 'far-reaching scopes for a verified publisher', events: [consent('c', 5, { publisher_verified: true })] },
    { name: 'a sign-in and nothing more', events: [consent('c', 5, { ...unverified, scopes: ['openid', 'email'] })] },
    {
      name: 'everybody signs in to a new tool on one morning',
      events: people(12, 60, { ...unverified, scopes: ['openid', 'profile', 'email'] }),
    },
    {
      name: 'a roll-out that an admin consented to for all',
      events: [
        consent('a', 0, { consent_type: 'admin', publisher_verified: true, scopes: ['files.read', 'mail.read'] }),
        ...people(8, 60, { scopes: ['files.read'] }),
      ],
    },
    {
      name: 'the same person again, for the same scopes',
      events: [1, 2, 3, 4, 5, 6].map((n) => consent(`c${n}`, n * 60, { scopes: ['mail.read'] })),
    },
    {
      name: 'many people over many weeks, nothing known of the publisher',
      events: people(12, 48 * HOUR, { scopes: ['mail.read'] }),
    },
    {
      name: 'an app that many people have, and six more in one hour',
      events: [
        ...people(6, 24 * HOUR, { scopes: ['calendars.read'] }),
        ...[1, 2, 3, 4, 5, 6].map((n) =>
          consent(`d${n}`, 9 * 24 * HOUR + n * 60, { user: `late${n}@acme.example`, scopes: ['calendars.read'] }),
        ),
      ],
    },
    { name: 'a consent that was refused', events: [consent('c', 5, unverified, { outcome: 'denied' })] },
    {
      name: 'a well-known name, written as it is',
      events: [consent('c', 5, { app_name: 'Microsoft Outlook', publisher_verified: true })],
    },
  ],
}
