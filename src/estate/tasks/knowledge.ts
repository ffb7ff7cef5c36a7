import { WORDS } from '../company.ts'
import { type Episode, service } from '../episode.ts'
import { resource } from '../telling.ts'

/** A market question, answered from public pages. */
export function researchMarket(episode: Episode): void {
  const { random } = episode
  const topic = random.pick(WORDS)
  const work = episode.workflow('market-researcher')
  work.begin({
    task: 'research-market',
    request: `What do others charge for ${topic}? One page, with sources.`,
    tools: ['web.search', 'web.fetch', 'docs.write'],
  })
  work.call('web.search', { args: { query: `${topic} prices` }, result: { hits: random.int(5, 20) } })
  for (let i = random.int(3, 9); i > 0; i -= 1) {
    const url = `https://www.${episode.firm()}.example/${topic}/${random.int(1, 99)}`
    work.call('web.fetch', {
      on: resource(url, 'page', 'internet', 'public'),
      args: { url },
      result: `Our ${topic} plans start at ${random.int(5, 90)} a month. Compare the plans in the table below.`,
    })
  }
  work.call('docs.write', {
    on: resource(`docs/research/${topic}`, 'document', 'office'),
    args: { title: `Market: ${topic}` },
  })
  work.finish()
}

/** Contacts get what public registers know of them. */
export function enrichContacts(episode: Episode): void {
  const { random } = episode
  const firm = episode.firm()
  const work = episode.workflow('crm-enricher', { principal: service('scheduler') })
  work.begin({
    task: 'enrich-contacts',
    trigger: 'schedule',
    request: `Complete the contacts at ${firm}.`,
    tools: ['crm.search_contacts', 'crm.update_contact', 'enrich.lookup'],
  })
  const on = resource(`crm/contacts/${firm}`, 'contact', 'sales')
  work.call('crm.search_contacts', { on, args: { firm }, result: { contacts: random.int(2, 9) } })
  for (let i = random.int(2, 6); i > 0; i -= 1) {
    const contact = episode.outsider()
    work.call('enrich.lookup', { args: { contact }, result: { role: random.pick(['buyer', 'planner', 'accountant']) } })
    work.call('crm.update_contact', { on, args: { contact, checked: true } })
  }
  work.finish()
}

/** A brief: the planner hands the search and the writing to others, each with no more than it needs. */
export function writeBrief(episode: Episode): void {
  const { random } = episode
  const topic = random.pick(WORDS)
  const tools = ['docs.search', 'docs.read', 'docs.write', 'web.search', 'web.fetch']
  const plan = episode.workflow('brief-planner')
  plan.begin({ task: 'write-brief', request: `A two-page brief on ${topic} for the board.`, tools })
  plan.call('docs.search', {
    on: resource('docs/briefs', 'document', 'office'),
    args: { topic },
    result: [`${topic}.md`],
  })
  const search = episode.workflow('market-researcher', {
    at: plan.at + 2_000,
    principal: plan.principal ?? episode.person(),
  })
  const given = { scopes: ['web:read'], tools: ['web.search', 'web.fetch'] }
  plan.handsOff(search, given, `Find three public sources on ${topic}.`)
  search.wait(2_000).begin({ task: 'find-sources', trigger: 'agent', parent: plan, ...given })
  for (let i = random.int(2, 6); i > 0; i -= 1) {
    const url = `https://news.${episode.firm()}.example/${topic}/${random.int(1, 99)}`
    const on = resource(url, 'page', 'internet', 'public')
    search.call('web.fetch', { on, args: { url }, result: `A long piece on ${topic} and its prospects.` })
  }
  search.finish()
  plan.wait(Math.max(0, search.at - plan.at))
  plan.call('docs.write', {
    on: resource(`docs/briefs/${topic}`, 'document', 'office'),
    args: { title: `Brief: ${topic}` },
  })
  plan.finish()
}

/** The weekly report, put together from the warehouse by one of several replicas. */
export function buildReport(episode: Episode): void {
  const { random } = episode
  const topic = random.pick(WORDS)
  const replica = random.int(1, 3)
  const work = episode.workflow('report-builder', { replica, principal: service('scheduler') })
  work.begin({
    task: 'build-report',
    trigger: 'schedule',
    tools: ['warehouse.query', 'dashboards.publish', 'docs.write'],
  })
  for (let i = random.int(4, 10); i > 0; i -= 1)
    work.call('warehouse.query', {
      on: resource(`warehouse/${topic}`, 'table', 'data'),
      args: { table: topic, page: i },
      result: { rows: random.int(10, 900) },
    })
  work.call('dashboards.publish', { on: resource('boards/weekly', 'board', 'data'), args: { panel: topic } })
  work.call('docs.write', {
    on: resource(`docs/reports/${topic}`, 'document', 'office'),
    args: { title: `Week: ${topic}` },
  })
  work.finish()
}
