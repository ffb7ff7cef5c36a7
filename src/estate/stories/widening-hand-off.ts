import { WORDS } from '../company.ts'
import type { Episode } from '../episode.ts'
import { resource, type Telling } from '../telling.ts'
import type { Story } from './story.ts'

const TOOLS = ['docs.search', 'docs.read', 'docs.write']
const READ = { scopes: ['docs:read'], tools: ['docs.read'] }

/** A planner that may read and write documents hands customers over to a writer, which exports them. */
function attack(episode: Episode): void {
  const plan = planned(episode)
  const child = childOf(episode, plan)
  const given = { scopes: ['docs:read', 'customers:read'], tools: ['docs.read', 'crm.export_customers'] }
  plan.handsOff(child, given, 'Write the chapter on our largest customers.')
  child.wait(2_500).begin({ task: 'write-chapter', trigger: 'agent', parent: plan, ...given })
  read(child)
  const harm = child.call('crm.export_customers', {
    on: resource('crm/customers', 'customer', 'sales', 'confidential'),
    args: { top: 500 },
    result: { rows: 500 },
    whole: true,
  })
  child.finish()
  plan.wait(Math.max(0, child.at - plan.at)).finish()
  episode.attack(6, 'a writer holds more than its planner', harm, plan, child)
}

/** The planner passes on only part of what it has. */
function narrowed(episode: Episode): void {
  const plan = planned(episode)
  const child = childOf(episode, plan)
  plan.handsOff(child, READ, 'Read the sources and sum them up.')
  child.wait(2_500).begin({ task: 'sum-up', trigger: 'agent', parent: plan, ...READ })
  const lookalike = read(child)
  child.finish()
  plan.wait(Math.max(0, child.at - plan.at)).finish()
  episode.twin(6, 'a hand-off that narrows', lookalike, plan, child)
}

/** Two children side by side, each with the planner's own scopes. */
function sideBySide(episode: Episode): void {
  const plan = planned(episode)
  const given = { scopes: plan.scopes, tools: TOOLS }
  let lookalike = ''
  const children = [0, 1].map(() => {
    const child = childOf(episode, plan)
    plan.handsOff(child, given, 'Write one half.')
    child.wait(2_500).begin({ task: 'write-half', trigger: 'agent', parent: plan, ...given })
    lookalike = read(child)
    child.call('docs.write', { on: resource('docs/halves', 'document', 'office'), args: { lines: 80 } })
    child.finish()
    return child
  })
  plan.wait(Math.max(0, ...children.map(({ at }) => at - plan.at))).finish()
  episode.twin(6, 'children with the scopes of their parent', lookalike, plan, ...children)
}

/** The work changes hands for good: the receiver goes on long after the giver is done. */
function forGood(episode: Episode): void {
  const plan = planned(episode)
  const child = childOf(episode, plan)
  plan.handsOff(child, { ...READ, mode: 'transfer' }, 'Yours from here.')
  child.wait(2_500).begin({ task: 'carry-on', trigger: 'agent', parent: plan, ...READ })
  plan.finish()
  const lookalike = read(child.wait(episode.minutes(14)))
  child.finish()
  episode.twin(6, 'work that changed hands for good', lookalike, plan, child)
}

/** The planner exchanges its token for one that may do less. */
function exchanged(episode: Episode): void {
  const plan = planned(episode)
  const less = episode.name('tok')
  const lookalike = plan.credential(less, 'exchange', {
    type: 'access_token',
    parent_id: plan.token,
    scopes: ['docs:read'],
    issuer: 'https://idp.halden.example',
  })
  plan.call('docs.read', {
    on: resource('docs/sources', 'document', 'office'),
    args: { part: 1 },
    result: 'Part one.',
    credential: less,
  })
  plan.credential(less, 'revoke')
  plan.finish()
  episode.twin(6, 'an exchange for less', lookalike, plan)
}

function planned(episode: Episode): Telling {
  const topic = episode.random.pick(WORDS)
  const plan = episode.workflow('brief-planner')
  plan.begin({ task: 'write-brief', request: `A brief on ${topic} for the board.`, tools: TOOLS })
  plan.call('docs.search', {
    on: resource('docs/briefs', 'document', 'office'),
    args: { topic },
    result: [`${topic}.md`],
  })
  return plan
}

const childOf = (episode: Episode, plan: Telling): Telling =>
  episode.workflow('brief-writer', {
    at: plan.at + 2_000,
    ...(plan.principal === null ? {} : { principal: plan.principal }),
  })

function read(child: Telling): string {
  let last = ''
  for (let part = child.episode.random.int(2, 5); part > 0; part -= 1)
    last = child.call('docs.read', {
      on: resource('docs/sources', 'document', 'office'),
      args: { part },
      result: `Part ${part} of the sources.`,
    })
  return last
}

export const wideningHandOff: Story = {
  hour: 11.6,
  attack,
  twins: [narrowed, sideBySide, forGood, exchanged],
}
