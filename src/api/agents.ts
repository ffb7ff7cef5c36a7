import { setImmediate } from 'node:timers/promises'
import { Agent, AgentPage, type AgentRead, agentJson, agentRow } from '../../schemas/api/agent.ts'
import { AgentQuery, listQuery } from '../../schemas/api/query.ts'
import { trackKey } from '../core/index.ts'
import { pagesOf } from '../ports/index.ts'
import { sendPage } from './paging.ts'
import type { Api, Routes } from './parts.ts'
import { notFound } from './problems.ts'
import { answers, oneOf } from './responses.ts'

/** Steps of an agent that one request reads. */
const MAX_STEPS = 100_000

/** `GET /v1/agents`, and one agent: what is usual for an agent, and what of its authority it uses. */
export function addAgents(app: Routes, api: Api): void {
  app.get(
    '/v1/agents',
    {
      schema: {
        tags: ['agents'],
        operationId: 'listAgents',
        summary: 'List agents',
        description:
          'Last seen first, each with all its chains counted. What narrows the list picks the agents that have such a chain.',
        querystring: AgentQuery,
        response: answers('A page of agents.', AgentPage, ['bad-request', 'store-away']),
      },
    },
    (request, reply) => sendPage(request, reply, api.reader.agents(listQuery(request.query)), agentRow),
  )
  app.get(
    '/v1/agents/:id',
    {
      schema: {
        ...oneOf(['agents'])('getAgent', 'An agent: what is usual for it, and what of its authority it uses', Agent),
        description:
          'Posture, not an alert: authority that nobody uses is for taking back. What is usual is learned as `rare-path` learns it, from the steps that the store holds; what an agent of hundreds ' +
          'of steps taught before is kept beyond them. Authority is told from the steps alone.',
      },
    },
    async ({ params: { id }, query: { tenant } }) => {
      const read = await readAgent(api, tenant, id)
      if (read === null) throw notFound('agent', id, tenant)
      return agentJson(read)
    },
  )
}

/** Reads the steps page by page and lets go of them: only what is learned stays. */
async function readAgent(
  { reader, learnerOf, authorityUseReader }: Api,
  tenant: string,
  agentId: string,
): Promise<AgentRead | null> {
  const thread = trackKey({ kind: 'agent', tenant, subject: agentId })
  const learner = learnerOf(agentId, await reader.checkpoint(tenant, thread))
  const authority = authorityUseReader()
  let [steps, firstAt, lastAt] = [0, 0, 0]
  let isCut = false
  for await (const { items, cursor } of pagesOf((page) =>
    reader.stepsOfThread(tenant, { kind: 'agent', id: agentId }, page),
  )) {
    for (const { step, isGone } of items) {
      if (isGone) continue
      learner.take(step)
      authority.take(step)
      if (steps === 0) firstAt = step.event.at
      lastAt = step.event.at
      steps += 1
    }
    isCut = cursor !== null && steps >= MAX_STEPS
    if (isCut) break
    await setImmediate()
  }
  return steps === 0
    ? null
    : {
        tenant,
        agentId,
        steps,
        isCut,
        firstAt,
        lastAt,
        usual: learner.usual(),
        uses: authority.told(),
      }
}
