import type { Command } from 'commander'
import type { z } from 'zod'
import type { Agent, AgentInList } from '../../schemas/api/agent.ts'
import { AgentQuery } from '../../schemas/api/query.ts'
import { type Exit, type Io, printable } from './io.ts'
import { clock, fieldLines, section } from './page-text.ts'
import { addResource, type PageParts, type Resource } from './resource.ts'

type Row = z.output<typeof AgentInList>
type Detail = z.output<typeof Agent>

/** `catenary agents list | show` */
export function addAgents(program: Command, io: Io, exit: Exit): void {
  addResource({ program, io, exit }, AGENTS)
}

const AGENTS: Resource<Row, Detail> = {
  name: 'agents',
  one: 'an agent',
  about: 'agents, what is usual for them and what authority they use',
  query: AgentQuery,
  idOf: ({ agent_id }) => agent_id,
  head: ['score', 'severity', 'agent', 'chains', 'open', 'first seen', 'last seen'],
  row: ({ score, severity, agent_id, chains, open_chains, first_at, last_at }) => [
    score,
    severity,
    agent_id,
    chains,
    open_chains,
    clock(first_at),
    clock(last_at),
  ],
  page: async (agent, parts) => agentPage(agent, parts),
  examples: `  catenary agents list --min-severity high
  catenary agents list --tool vault.read --since 7d
  catenary agents show billing-bot`,
}

const MOST = 8

function agentPage({ baseline, authority, ...agent }: Detail, { paint }: PageParts): string {
  const habits = Object.entries(baseline.habits).map(
    ([what, some]) =>
      `${what.padEnd(12)} ${some
        .slice(0, MOST)
        .map(({ name }) => printable(name))
        .join(', ')}${some.length > MOST ? ` and ${some.length - MOST} more` : ''}`,
  )
  const scopes = authority.scopes.map(({ scope, by, last_used_at, wider_than_used }) => {
    const use = last_used_at === null ? paint.yellow('never used') : `last used ${clock(last_used_at)}`
    return `${printable(scope)}  by ${printable(by)}, ${use}${wider_than_used ? paint.yellow(', wider than used') : ''}`
  })
  return [
    `${paint.bold(`agent ${printable(agent.agent_id)}`)}\n`,
    fieldLines([
      ['tenant', agent.tenant],
      ['steps', `${agent.steps}${agent.truncated ? ' (the first; there are more)' : ''}`],
      ['from', clock(agent.first_at)],
      ['to', clock(agent.last_at)],
      ['version', baseline.version],
      ['chains an hour', `${Math.round(baseline.most_chains_an_hour)} at most`],
      ['taught by', `${baseline.taught} chains${baseline.cold_because === null ? '' : ` (${baseline.cold_because})`}`],
    ]),
    section(paint, 'usual for it', habits),
    section(paint, `authority (${authority.calls} calls, ${authority.calls_with_scopes} told their scopes)`, scopes),
  ].join('')
}
