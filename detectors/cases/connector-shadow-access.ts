import type { DetectorCases } from '../../src/core/index.ts'
import { story, type Told } from './story.ts'

const DAY = 86_400
const HOUR = 3_600
const w = story('wf-crm', 'crm-connector')
const own = story(null, 'crm-connector')
const oauth = (teller: typeof w, id: string, second: number, body: Told): Told => ({
  ...teller.credential(id, second, {}),
  kind: 'oauth',
  credential: undefined,
  oauth: { client_id: 'crm-app', grant_id: 'g-1', ...body },
})
const consent = oauth(own, 'c', 0, { action: 'consent', scopes: ['contacts:read', 'mail:read'] })
const asked = [
  w.start('s', 10),
  oauth(w, 'a', 11, { action: 'token_use', scopes: ['contacts:read'], resource_server: 'crm/contacts' }),
  w.end('e', 20),
]
const alone = (id: string, second: number, server: string, scopes: readonly string[]): Told =>
  oauth(own, id, second, { action: 'token_use', scopes, resource_server: server })

const permits = (teller: typeof w, id: string, second: number, type: string, actions: readonly string[]): Told =>
  oauth(teller, id, second, {
    action: 'token_use',
    resource_server: 'crm/contacts',
    authorization_details: [{ type, actions }],
  })
const askedPermit = [w.start('s', 10), permits(w, 'a', 11, 'crm_contacts', ['read']), w.end('e', 20)]

export const cases: DetectorCases = {
  detector: 'connector-shadow-access',
  attacks: [
    {
      name: 'changes what its workflows only read, by a permission of its token',
      harm: 'x',
      events: [consent, ...askedPermit, permits(own, 'x', 7_200, 'crm_contacts', ['write'])],
    },
    {
      name: 'a nightly sync that begins to use a permission over everybody',
      harm: 'x',
      minSeverity: 'high',
      events: [
        consent,
        ...askedPermit,
        ...[1, 2, 3, 4].map((n) => permits(own, `n${n}`, n * DAY, 'crm_contacts', ['read'])),
        permits(own, 'x', 5 * DAY, 'crm_contacts', ['admin']),
      ],
    },
    {
      name: 'reads mail, which no workflow ever asked of it',
      harm: 'x',
      events: [consent, ...asked, alone('x', 7_200, 'mail/inbox', ['mail:read'])],
    },
    {
      name: 'a high-risk scope its workflows never use',
      harm: 'x',
      minSeverity: 'high',
      events: [consent, ...asked, alone('x', 7_200, 'crm/contacts', ['admin:directory'])],
    },
    {
      name: 'a grant idle for two months wakes up',
      harm: 'x',
      events: [consent, ...asked, alone('x', 60 * DAY, 'crm/contacts', ['contacts:read'])],
    },
    {
      name: 'a nightly sync that falls silent for two months and wakes',
      harm: 'x',
      events: [
        consent,
        ...[1, 2, 3, 4, 5].map((n) => alone(`n${n}`, n * DAY, 'crm/contacts', ['contacts:read'])),
        alone('x', 70 * DAY, 'crm/contacts', ['contacts:read']),
      ],
    },
    {
      name: 'a sync with a far-reaching scope that no workflow uses',
      harm: 'x',
      minSeverity: 'high',
      events: [
        consent,
        ...asked,
        ...[1, 2, 3, 4].map((n) => alone(`n${n}`, n * DAY, 'crm/contacts', ['contacts:read'])),
        alone('x', 5 * DAY, 'crm/contacts', ['admin:directory']),
      ],
    },
  ],
  twins: [
    {
      name: 'a sync of very many things keeps its habits, whatever they are called, and though a workflow asks for something else',
      events: [
        consent,
        ...[1, 2, 3].map((n) => alone(`a${n}`, n * HOUR, 'crm/accounts', ['contacts:read'])),
        ...Array.from({ length: 30 }, (_, n) => alone(`f${n}`, DAY + n * 60, `crm/table-${n}`, ['contacts:read'])),
        ...[1, 2, 3].map((n) => alone(`h${n}`, 2 * DAY + n * HOUR, 'constructor', ['contacts:read'])),
        alone('n', 3 * DAY, 'crm/newest', ['contacts:read']),
        w.start('s', 3 * DAY + 60),
        oauth(w, 'q', 3 * DAY + 61, {
          action: 'token_use',
          scopes: ['contacts:read'],
          resource_server: 'crm/contacts',
        }),
        w.end('e', 3 * DAY + 70),
        alone('u', 4 * DAY, 'crm/accounts', ['contacts:read']),
        alone('v', 4 * DAY + 60, 'constructor', ['contacts:read']),
      ],
    },
    {
      name: 'outside, with less than the permission its workflows use',
      events: [consent, ...askedPermit, permits(own, 'u', 7_200, 'crm_contacts', ['list'])],
    },
    {
      name: 'a nightly sync it always does',
      events: [consent, ...[1, 2, 3, 4, 5].map((n) => alone(`n${n}`, n * DAY, 'crm/contacts', ['contacts:read']))],
    },
    {
      name: 'work inside its workflows',
      events: [
        consent,
        ...asked,
        w.start('s2', 7_000),
        oauth(w, 'b', 7_001, { action: 'token_use', scopes: ['mail:read'], resource_server: 'mail/inbox' }),
      ],
    },
    {
      name: 'outside, on what its workflows do as well',
      events: [consent, ...asked, alone('u', 7_200, 'crm/contacts', ['contacts:read'])],
    },
    {
      name: 'its first day, before any workflow',
      events: [consent, alone('u', 60, 'crm/contacts', ['contacts:read'])],
    },
    {
      name: 'a sync over many mailboxes, every night',
      events: [
        consent,
        ...[1, 2, 3, 4].flatMap((n) =>
          [1, 2, 3, 4, 5].map((box) => alone(`n${n}-${box}`, n * DAY + box, `mail/box/${box}`, ['mail:read'])),
        ),
      ],
    },
  ],
  evades: { 'in another workflow': 'shadow work told under the id of a workflow' },
}
