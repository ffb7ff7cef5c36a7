import { WORDS } from '../company.ts'
import { type Episode, service } from '../episode.ts'
import { resource } from '../telling.ts'

const TROUBLES = [
  'The parcel arrived with a cracked lid and two jars missing.',
  'We were charged twice for the October subscription.',
  'The export button stays grey after the last update.',
  'Our delivery address changed; the old one still shows on the invoice.',
  'The discount from the spring campaign was not applied.',
  'Login works on the phone but not in the browser.',
]

/** A new ticket comes in; the agent looks it up, finds the customer and answers. */
export function triageTicket(episode: Episode): void {
  const { random } = episode
  const ticket = `SUP-${random.int(10_000, 99_999)}`
  const customer = episode.outsider()
  const firm = episode.firm()
  const work = episode.workflow('support-triage', { principal: service('helpdesk') })
  work.begin({
    task: 'triage-ticket',
    trigger: 'event',
    request: `New ticket ${ticket} from ${customer}. Find out what it is about and answer.`,
    tools: ['tickets.read', 'tickets.search', 'tickets.update', 'tickets.reply', 'kb.search', 'crm.read_customer'],
  })
  const on = resource(`tickets/${ticket}`, 'ticket', 'support')
  const trouble = random.pick(TROUBLES)
  work.call('tickets.read', { on, args: { ticket }, result: { from: customer, text: `${trouble} Thank you, ${firm}` } })
  work.call('crm.read_customer', {
    on: resource(`crm/customers/${firm}`, 'customer', 'support', 'confidential'),
    args: { firm },
    result: { firm, plan: random.pick(['small', 'team', 'large']), since: random.int(2015, 2025) },
  })
  for (let i = random.int(2, 5); i > 0; i -= 1)
    work.call('kb.search', {
      on: resource('kb/articles', 'article', 'support', 'public'),
      args: { query: random.pick(WORDS) },
      result: [`KB-${random.int(100, 999)}`, `KB-${random.int(100, 999)}`],
    })
  if (random.chance(0.3)) {
    work.call('tickets.search', { on, args: { firm }, outcome: 'failure', error: 'timeout' })
    work.call('tickets.search', { on, args: { firm }, result: [] })
  }
  work.call('tickets.update', { on, args: { ticket, topic: random.pick(WORDS), priority: random.int(1, 4) } })
  work.call('tickets.reply', { on, args: { ticket, to: customer, body: 'We have found the cause and mended it.' } })
  work.finish()
}

/** A person asks the calendar assistant for a meeting. */
export function bookMeeting(episode: Episode): void {
  const { random } = episode
  const guest = episode.person()
  const topic = `${random.pick(WORDS)} review`
  const work = episode.workflow('calendar-assistant')
  work.begin({
    task: 'book-meeting',
    request: `Find half an hour with ${guest.id} this week for the ${topic}.`,
    tools: ['calendar.list', 'calendar.find_time', 'calendar.create_event', 'mail.send'],
  })
  const own = resource(`calendar/${work.principal?.id}`, 'calendar', 'office')
  for (const who of [work.principal?.id, guest.id])
    work.call('calendar.list', {
      on: resource(`calendar/${who}`, 'calendar', 'office'),
      args: { days: 5 },
      result: { busy: random.int(4, 30) },
    })
  work.call('calendar.find_time', {
    on: own,
    args: { minutes: 30 },
    result: { free: `2026-09-18T1${random.int(0, 6)}:00` },
  })
  if (random.chance(0.5)) {
    work.answers(`There is a free half hour on Friday. Shall I take it?`)
    work.wait(random.int(20_000, 240_000)).says('Yes, go ahead.')
  }
  work.call('calendar.create_event', { on: own, args: { title: topic, guest: guest.id } })
  work.call('mail.send', {
    on: resource('mail/outbox', 'mailbox', 'office'),
    to: { id: guest.id, type: 'email', external: false },
    args: { to: guest.id, subject: topic, body: 'See you there.' },
  })
  work.finish()
}

/** The notes of a meeting and the things to do that came of it. */
export function writeNotes(episode: Episode): void {
  const { random } = episode
  const topic = random.pick(WORDS)
  const meeting = `mtg-${random.int(1_000, 9_999)}`
  const work = episode.workflow('meeting-notes', { principal: service('calendar') })
  work.begin({
    task: 'write-meeting-notes',
    trigger: 'event',
    request: `Meeting ${meeting} on ${topic} has ended. Write the notes and the things to do.`,
    tools: ['meetings.read_transcript', 'docs.write', 'docs.search', 'tasks.create'],
  })
  work.call('meetings.read_transcript', {
    on: resource(`meetings/${meeting}`, 'transcript', 'office', 'confidential'),
    args: { meeting },
    result: `We went through ${topic}. ${episode.person().name} will look at the numbers until Thursday.`,
  })
  work.call('docs.search', { on: resource('docs/notes', 'document', 'office'), args: { topic }, result: [] })
  work.call('docs.write', {
    on: resource(`docs/notes/${meeting}`, 'document', 'office'),
    args: { title: `Notes: ${topic}`, lines: random.int(12, 60) },
  })
  for (let i = random.int(1, 6); i > 0; i -= 1)
    work.call('tasks.create', {
      on: resource(`tasks/${topic}`, 'task', 'office'),
      args: { title: `Look at ${random.pick(WORDS)}`, owner: episode.person().id },
    })
  work.finish()
}
