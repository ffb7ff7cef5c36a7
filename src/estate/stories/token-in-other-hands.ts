import type { Episode } from '../episode.ts'
import { resource, type Telling } from '../telling.ts'
import type { Story } from './story.ts'

const orders = resource('warehouse/orders', 'table', 'data', 'confidential')

/** The token that one agent took out for its task is at work in a task of another agent. */
function attack(episode: Episode): void {
  const [work, token] = analysis(episode)
  const other = research(episode, work.at + 60_000)
  const harm = queries(other, token)
  other.finish()
  work.wait(Math.max(0, other.at - work.at)).finish()
  episode.attack(14, 'a token of one agent in the task of another', harm, other)
}

/** It was handed on, and that was said. */
function handedOn(episode: Episode): void {
  const [work, token] = analysis(episode)
  const given = { scopes: ['warehouse:read'], tools: ['warehouse.query'] }
  const other = episode.workflow('market-researcher', { at: work.at + 60_000 })
  work.handsOff(other, { ...given, credential_id: token }, 'Look it up with my token.')
  other
    .wait(Math.max(0, work.at - other.at) + 1_000)
    .start({ task: 'look-up', trigger: 'agent', parent: work, ...given })
  const lookalike = queries(other, token)
  other.end()
  work.wait(Math.max(0, other.at - work.at)).finish()
  episode.twin(14, 'a token handed on openly', lookalike, work, other)
}

/** The second agent tries it and is refused. */
function refused(episode: Episode): void {
  const [work, token] = analysis(episode)
  const other = research(episode, work.at + 60_000)
  const lookalike = queries(other, token, 'denied')
  other.finish('fail')
  work.wait(Math.max(0, other.at - work.at)).finish()
  episode.twin(14, 'a token of another agent that is refused', lookalike, work, other)
}

function analysis(episode: Episode): readonly [Telling, string] {
  const work = episode.workflow('data-analyst')
  work.start({ task: 'answer-question', request: 'Which orders came back?', tools: ['warehouse.query'] })
  // Not bound to a workload, so that whose it is can only be told from who took it out.
  work.issue({ minutes: 40, bound_to: undefined })
  queries(work, work.token ?? '')
  return [work, work.token ?? '']
}

function research(episode: Episode, at: number): Telling {
  const other = episode.workflow('market-researcher', { at })
  other.begin({
    task: 'size-a-market',
    request: 'How large is the market for lamps?',
    tools: ['web.search', 'warehouse.query'],
  })
  other.call('web.search', { args: { query: 'desk lamps' }, result: { hits: 9 } })
  return other
}

const queries = (work: Telling, credential: string, outcome: 'success' | 'denied' = 'success'): string =>
  work.call('warehouse.query', {
    on: orders,
    args: { select: 'reason, count' },
    credential,
    outcome,
    whole: true,
    ...(outcome === 'denied' ? { error: 'invalid_token' } : { result: { rows: 12 } }),
  })

export const tokenInOtherHands: Story = { hour: 15.8, attack, twins: [handedOn, refused] }
