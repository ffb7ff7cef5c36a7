import { z } from 'zod'
import type { AgentSummary, AgentUsual, AuthorityUses } from '../../src/core/index.ts'
import { iso, isoOrNull, pageOf, Score, Severity, Time } from './words.ts'

const Habit = z.object({
  name: z.string(),
  weight: z.number().describe('In how many of its chains, each counted half after every half-life.'),
  last_day: Time.describe('The day of the last of those chains.'),
})

export const Agent = z
  .object({
    type: z.literal('agent'),
    tenant: z.string(),
    agent_id: z.string(),
    steps: z.number().int().describe('Those that were read.'),
    truncated: z.boolean().describe('There are more steps than are read at once: the later ones are missing.'),
    first_at: Time,
    last_at: Time,
    baseline: z.object({
      since: Time.nullable().describe('When the first chain that taught began.'),
      taught: z.number().int().describe('Chains that taught.'),
      untaught: z
        .array(z.object({ workflow_id: z.string(), why: z.string() }))
        .describe('Chains that did not teach, and why.'),
      open: z.number().int().describe('Chains it is at work in: they teach when they are over.'),
      version: z.string().nullable(),
      of_version: z.number().int().describe('Chains of this version; what earlier versions did still counts.'),
      news_rate: z.number().describe('The share of its chains that did something new, of late.'),
      breadth: z.number().describe('The most things one chain touched, forgotten slowly.'),
      most_chains_an_hour: z.number().describe('That it began; forgotten slowly.'),
      cold_because: z.string().nullable().describe('Why nothing is judged by it yet; null when it is.'),
      habits: z.record(z.string(), z.array(Habit)).describe('By what is counted, the most usual first.'),
    }),
    authority: z.object({
      calls: z.number().int().describe('Calls that succeeded.'),
      calls_with_scopes: z
        .number()
        .int()
        .describe('Those that told which scopes they used; of others nothing is known.'),
      scopes: z.array(
        z.object({
          scope: z.string(),
          by: z.string().describe('Who gave it first: `task`, `credential …` or `grant …`.'),
          first_at: Time,
          last_used_at: Time.nullable().describe('It, or a scope that it covers. Null: never.'),
          wider_than_used: z.boolean().describe('It is used, and only for scopes narrower than itself.'),
        }),
      ),
    }),
  })
  .meta({ id: 'Agent' })

/** An agent in a list. */
export const AgentInList = z
  .object({
    type: z.literal('agent'),
    tenant: z.string(),
    agent_id: z.string(),
    chains: z.number().int().describe('It took part in.'),
    open_chains: z.number().int(),
    score: Score.describe('The highest of its chains.'),
    severity: Severity.describe('The highest of its chains.'),
    first_at: Time.describe('When the first of its chains began.'),
    last_at: Time.describe('When the last of its chains was last seen.'),
  })
  .meta({ id: 'AgentInList' })

export const AgentPage = pageOf(AgentInList, 'AgentPage')

export const agentRow = ({
  tenant,
  id,
  chains,
  open,
  score,
  severity,
  firstAt,
  lastAt,
}: AgentSummary): z.output<typeof AgentInList> => ({
  type: 'agent',
  tenant,
  agent_id: id,
  chains,
  open_chains: open,
  score,
  severity,
  first_at: iso(firstAt),
  last_at: iso(lastAt),
})

export interface AgentRead {
  readonly tenant: string
  readonly agentId: string
  readonly steps: number
  readonly isCut: boolean
  readonly firstAt: number
  readonly lastAt: number
  readonly usual: AgentUsual
  readonly uses: AuthorityUses
}

export const agentJson = ({ tenant, agentId, steps, isCut, firstAt, lastAt, usual, uses }: AgentRead) => ({
  type: 'agent' as const,
  tenant,
  agent_id: agentId,
  steps,
  truncated: isCut,
  first_at: iso(firstAt),
  last_at: iso(lastAt),
  baseline: {
    since: isoOrNull(usual.since),
    taught: usual.taught,
    untaught: usual.untaught.map(({ workflowId, why }) => ({ workflow_id: workflowId, why })),
    open: usual.open,
    version: usual.version,
    of_version: usual.ofVersion,
    news_rate: usual.newsRate,
    breadth: usual.breadth,
    most_chains_an_hour: usual.mostChainsAnHour,
    cold_because: usual.coldBecause,
    habits: Object.fromEntries(
      Object.entries(usual.habits).map(([what, habits]) => [
        what,
        habits.map(({ name, weight, lastDay }) => ({ name, weight, last_day: iso(lastDay) })),
      ]),
    ),
  },
  authority: {
    calls: uses.calls,
    calls_with_scopes: uses.callsWithScopes,
    scopes: uses.scopes.map(({ scope, by, firstAt: givenAt, lastUsedAt, isWider }) => ({
      scope,
      by,
      first_at: iso(givenAt),
      last_used_at: isoOrNull(lastUsedAt),
      wider_than_used: isWider,
    })),
  },
})
