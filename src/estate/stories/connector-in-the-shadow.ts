import { CONNECTORS, type Connector, tokenOf, useToken, work } from '../connectors.ts'
import type { Episode } from '../episode.ts'
import { resource } from '../telling.ts'
import type { Story } from './story.ts'

const [contacts, files, calendar] = CONNECTORS as readonly [Connector, Connector, Connector]

/** In the small hours the contact connector reads mail, which its wide consent allows and no workflow ever asked. */
function attack(episode: Episode): void {
  const telling = episode.outside('crm-enricher', episode.at)
  const credential = tokenOf(contacts, episode.team)
  const harm = telling.call('mail.search', {
    on: resource('mail/finance-lead/inbox', 'mailbox', 'office', 'confidential'),
    args: { query: 'bank statement' },
    result: { messages: episode.random.int(40, 200) },
    credential,
    whole: true,
  })
  for (let i = episode.random.int(4, 9); i > 0; i -= 1)
    telling.call('mail.read', {
      on: resource(`mail/finance-lead/inbox/${episode.random.int(1_000, 9_999)}`, 'message', 'office', 'confidential'),
      args: { part: 'body' },
      result: 'Statement of the month, as a table.',
      credential,
    })
  useToken(contacts, telling, ['files:read'], 'files/finance')
  episode.attack(2, 'a connector reads mail at night', harm)
}

/** The connector works inside a workflow that a person asked for. */
function asked(episode: Episode): void {
  const telling = episode.workflow('crm-enricher')
  telling.begin({ task: 'refresh-contacts', request: 'Bring the contacts up to date now.', tools: [contacts.tool] })
  const lookalike = work(contacts, telling)
  telling.finish()
  episode.twin(2, 'a connector at work in its workflow', lookalike, telling)
}

/** Outside any workflow, on what its workflows do as well: somebody pressed "sync now". */
function pressed(episode: Episode): void {
  const telling = episode.outside('meeting-notes', episode.at)
  episode.twin(2, 'a sync somebody started by hand', work(files, telling))
}

/** A token use outside any workflow that the resource server refused. */
function refused(episode: Episode): void {
  const telling = episode.outside('calendar-assistant', episode.at)
  const lookalike = telling.call('mail.search', {
    on: resource('mail/board/inbox', 'mailbox', 'office', 'confidential'),
    credential: tokenOf(calendar, episode.team),
    args: { query: 'agenda' },
    outcome: 'denied',
    error: 'insufficient_scope',
    whole: true,
  })
  episode.twin(2, 'a use the server refused', lookalike)
}

export const connectorInTheShadow: Story = { hour: 3.2, attack, twins: [asked, pressed, refused] }
