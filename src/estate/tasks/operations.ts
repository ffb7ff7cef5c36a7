import { WORDS } from '../company.ts'
import { type Episode, service } from '../episode.ts'
import { isoOf, resource } from '../telling.ts'

/** An alarm in the night: looked into under a role session, sometimes mended by a restart that a person approves. */
export function answerAlarm(episode: Episode): void {
  const { random } = episode
  const part = random.pick(WORDS)
  const work = episode.workflow('sre-oncall', { principal: service('pager') })
  work.begin({
    task: 'answer-alarm',
    trigger: 'event',
    request: `Alarm: error rate of ${part} is above 2 %.`,
    tools: ['monitor.read_alerts', 'metrics.query', 'logs.search', 'runbook.read', 'incident.update'],
  })
  const on = resource(`prod/${part}`, 'service', 'prod')
  work.call('monitor.read_alerts', { on, args: { service: part }, result: { open: random.int(1, 4) } })
  for (let i = random.int(2, 5); i > 0; i -= 1)
    work.call('metrics.query', {
      on,
      args: { metric: 'errors', minutes: 15 * i },
      result: { rate: random.int(1, 9) / 100 },
    })
  work.call('runbook.read', {
    on: resource(`runbooks/${part}`, 'runbook', 'office'),
    args: { service: part },
    result: 'Restart it once; if it fails again, page the owner.',
  })
  const role = episode.name('role')
  work.credential(role, 'assume_role', {
    type: 'role_session',
    parent_id: work.token,
    scopes: ['logs:read', 'cluster:operate'],
    expires_at: isoOf(work.at + 900_000),
  })
  for (let i = random.int(1, 4); i > 0; i -= 1)
    work.call('logs.search', {
      on,
      credential: role,
      args: { query: 'timeout' },
      result: { lines: random.int(0, 400) },
    })
  if (random.chance(0.5)) {
    work.approves({ tools: ['cluster.restart'], resources: [on.id], scopes: ['cluster:operate'], max_uses: 1 })
    work.call('cluster.restart', { on, credential: role, args: { service: part } })
  }
  work.call('incident.update', { on: resource(`incidents/${part}`, 'incident', 'office'), args: { state: 'mended' } })
  work.credential(role, 'revoke')
  work.finish()
}

/** A question about numbers, answered from the warehouse. */
export function answerQuestion(episode: Episode): void {
  const { random } = episode
  const topic = random.pick(WORDS)
  const work = episode.workflow('data-analyst')
  work.begin({
    task: 'answer-question',
    request: `How did ${topic} develop in the last ${random.int(2, 12)} weeks, by country?`,
    tools: ['warehouse.describe', 'warehouse.query', 'dashboards.publish'],
  })
  const on = resource(`warehouse/${topic}`, 'table', 'data', 'confidential')
  work.call('warehouse.describe', { on, args: { table: topic }, result: { columns: random.int(6, 40) } })
  for (let i = random.int(3, 9); i > 0; i -= 1)
    work.call('warehouse.query', {
      on,
      args: { select: `sum(amount) by week ${i}`, table: topic },
      result: { rows: random.int(1, 90), total: random.int(1_000, 900_000) },
    })
  if (random.chance(0.4)) {
    work.answers(`${topic} grew in most countries. Shall I put it on the board?`)
    work.wait(random.int(30_000, 400_000)).says('Yes, on the weekly board.')
    work.call('dashboards.publish', { on: resource('boards/weekly', 'board', 'data'), args: { panel: topic } })
  }
  work.finish()
}

/** Somebody starts on Monday: accounts, groups and a laptop, approved by their lead. */
export function welcomeColleague(episode: Episode): void {
  const { random } = episode
  const colleague = episode.person()
  const work = episode.workflow('hr-onboarding')
  work.begin({
    task: 'welcome-colleague',
    request: `Prepare everything for ${colleague.name}, who starts on Monday.`,
    tools: ['hris.read_employee', 'directory.create_user', 'directory.add_to_group', 'laptop.order', 'mail.send'],
  })
  const on = resource(`people/${colleague.id}`, 'employee', 'people', 'confidential')
  work.call('hris.read_employee', { on, args: { who: colleague.id }, result: { team: random.pick(WORDS) } })
  work.approves({ tools: ['directory.*', 'laptop.order'], resources: [`people/${colleague.id}`] })
  work.call('directory.create_user', { on, args: { user: colleague.id } })
  for (let i = random.int(2, 5); i > 0; i -= 1)
    work.call('directory.add_to_group', { on, args: { user: colleague.id, group: random.pick(WORDS) } })
  work.call('laptop.order', { on, args: { user: colleague.id, model: '14 inch' } })
  work.call('mail.send', {
    on: resource('mail/outbox', 'mailbox', 'office'),
    to: { id: colleague.id, type: 'email', external: false },
    args: { to: colleague.id, body: 'Welcome. Your first day begins at nine.' },
  })
  work.finish()
}
