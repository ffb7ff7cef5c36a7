import { type AgentSummary, type ChainSummary, isAtLeast } from '../../core/index.ts'
import { keyOf } from './shelf.ts'

/** The agents of these chains. `isAsked`: whether an agent with such a chain is wanted. */
export function agentsIn(
  chains: readonly ChainSummary[],
  isAsked: (chain: ChainSummary) => boolean,
): readonly AgentSummary[] {
  const agents = new Map<string, { summary: AgentSummary; isAsked: boolean }>()
  for (const chain of chains)
    for (const id of chain.agentIds) {
      const key = keyOf(chain.tenant, id)
      const before = agents.get(key)
      agents.set(key, {
        summary: withChain(before?.summary ?? none(chain, id), chain),
        isAsked: before?.isAsked === true || isAsked(chain),
      })
    }
  return [...agents.values()].flatMap((one) => (one.isAsked ? [one.summary] : []))
}

const none = ({ tenant, firstAt, lastAt }: ChainSummary, id: string): AgentSummary => ({
  tenant,
  id,
  chains: 0,
  open: 0,
  score: 0,
  severity: 'info',
  firstAt,
  lastAt,
})

const withChain = (agent: AgentSummary, { status, score, severity, firstAt, lastAt }: ChainSummary): AgentSummary => ({
  ...agent,
  chains: agent.chains + 1,
  open: agent.open + (status === 'open' ? 1 : 0),
  score: Math.max(agent.score, score),
  severity: isAtLeast(severity, agent.severity) ? severity : agent.severity,
  firstAt: Math.min(agent.firstAt, firstAt),
  lastAt: Math.max(agent.lastAt, lastAt),
})
