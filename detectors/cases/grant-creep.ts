import type { DetectorCases } from '../../src/core/index.ts'
import { story, type Told } from './story.ts'

const DAY = 86_400
const own = story(null, 'authorization-server')
const oauth = (id: string, second: number, body: Told, more: Told = {}): Told => ({
  ...own.calls(id, second, 'none'),
  kind: 'oauth',
  tool_call: undefined,
  oauth: { client_id: 'app-7', app_name: 'Inbox Helper', grant_id: 'g-1', user: 'ana@acme.example', ...body },
  ...more,
})
const consent = (id: string, second: number, scopes: readonly string[], body: Told = {}, more: Told = {}): Told =>
  oauth(id, second, { action: 'consent', scopes, ...body }, more)
const first = consent('c', 0, ['openid', 'mail.read'])
const app = (id: string, second: number, action: string, body: Told): Told =>
  oauth(id, second, { action, grant_id: undefined, user: undefined, ...body })
const registered = app('r', -60, 'app_register', { redirect_uris: ['https://helper.example/callback'] })

export const cases: DetectorCases = {
  detector: 'grant-creep',
  attacks: [
    {
      name: 'one small consent after another',
      harm: 'x',
      events: [
        first,
        consent('d', DAY, ['contacts.read']),
        consent('e', 2 * DAY, ['calendars.read']),
        consent('x', 3 * DAY, ['files.read']),
      ],
    },
    {
      name: 'slowly, one in a quarter, to power in the end',
      harm: 'x',
      minSeverity: 'high',
      events: [first, consent('d', 90 * DAY, ['files.read']), consent('x', 180 * DAY, ['mail.readwrite'])],
    },
    {
      name: 'from reading to power by one click',
      harm: 'x',
      events: [first, consent('x', DAY, ['directory.readwrite.all'])],
    },
    {
      name: 'told as changes of scope, with what was before',
      harm: 'x',
      minSeverity: 'high',
      events: [
        oauth('d', 0, { action: 'scope_change', previous_scopes: ['mail.read'], scopes: ['mail.read', 'files.read'] }),
        oauth('x', DAY, { action: 'scope_change', scopes: ['mail.read', 'files.read', 'mail.send'] }),
      ],
    },
    {
      name: 'cut back in between, to begin small again',
      harm: 'x',
      minSeverity: 'high',
      events: [
        first,
        consent('d', DAY, ['files.read']),
        oauth('s', 2 * DAY, { action: 'scope_change', scopes: ['mail.read'] }),
        consent('x', 3 * DAY, ['files.readwrite.all']),
      ],
    },
    {
      name: 'refreshed into a token that holds more than anyone consented to',
      harm: 'x',
      minSeverity: 'high',
      events: [first, oauth('x', DAY, { action: 'token_refresh', scopes: ['mail.read', 'mail.send'] })],
    },
    {
      name: 'after consent, its users are sent elsewhere',
      harm: 'x',
      minSeverity: 'high',
      events: [
        registered,
        first,
        app('x', DAY, 'app_update', { redirect_uris: ['https://helper.example/callback', 'https://collect.example/'] }),
      ],
    },
    {
      name: 'after consent, it takes the name of another',
      harm: 'x',
      minSeverity: 'high',
      events: [registered, first, app('x', DAY, 'app_update', { app_name: 'Micros0ft Outlook' })],
    },
    {
      name: 'no grant id: one person among many',
      harm: 'x',
      minSeverity: 'high',
      events: ['lea', 'ana', 'omar'].flatMap((name, i) => [
        consent(`c${i}`, i, ['mail.read'], { grant_id: undefined, user: name }),
        ...(name === 'ana'
          ? [
              consent('d', DAY, ['files.read'], { grant_id: undefined, user: name }),
              consent('x', 2 * DAY, ['mail.send'], { grant_id: undefined, user: name }),
            ]
          : []),
      ]),
    },
    {
      name: 'the consent in between comes late',
      harm: 'x',
      minSeverity: 'high',
      events: [first, consent('x', 200, ['mail.send']), consent('d', 100, ['files.read'])],
    },
  ],
  twins: [
    { name: 'one more scope when it is needed', events: [first, consent('d', DAY, ['calendars.read'])] },
    {
      name: 'a new version that an admin approved',
      events: [
        first,
        consent('d', DAY, ['mail.send', 'files.readwrite.all'], { consent_type: 'admin' }),
        consent('e', 2 * DAY, ['mail.send']),
      ],
    },
    {
      name: 'scopes shrink',
      events: [
        consent('c', 0, ['mail.read', 'mail.send', 'files.read']),
        oauth('s', DAY, { action: 'scope_change', scopes: ['mail.read'] }),
        consent('d', 2 * DAY, ['files.read']),
      ],
    },
    {
      name: 'the same scopes again and again',
      events: [first, ...[1, 2, 3, 4, 5].map((n) => consent(`d${n}`, n * DAY, ['mail.read']))],
    },
    {
      name: 'many people who want different things of one app',
      events: [['mail.read'], ['files.read'], ['calendars.read'], ['contacts.read'], ['notes.read']].map((scopes, i) =>
        consent(`c${i}`, i * DAY, scopes, { grant_id: undefined, user: `user${i}` }),
      ),
    },
    {
      name: 'growth that was refused',
      events: [first, consent('d', DAY, ['mail.send'], {}, { outcome: 'denied' })],
    },
    {
      name: 'tokens for less than was consented to',
      events: [
        consent('c', 0, ['mail.readwrite', 'files.read']),
        oauth('t', 60, { action: 'token_issue', scopes: ['mail.read'] }),
        oauth('u', 120, { action: 'token_refresh', scopes: ['files.read', 'openid'] }),
      ],
    },
    {
      name: 'another page of its own site',
      events: [
        registered,
        first,
        app('u', DAY, 'app_update', { redirect_uris: ['https://eu.helper.example/callback'], app_name: 'Inbox Help' }),
      ],
    },
    {
      name: 'revoked, and given anew for another job',
      events: [first, oauth('v', DAY, { action: 'revoke' }), consent('d', 2 * DAY, ['mail.send'])],
    },
  ],
}
