import { ChainDetail, ChainPage, chainDetail, edgeJson, Graph, nodesOf } from '../../schemas/api/chain.ts'
import { ChainQuery, listQuery, MAX_LIMIT, StepsQuery } from '../../schemas/api/query.ts'
import { StepPage, standingJson, stepJson } from '../../schemas/api/step.ts'
import type { ChainSummary } from '../core/index.ts'
import type { ChainReader } from '../ports/index.ts'
import { standingEdges } from '../response/standing-edges.ts'
import { sendPage, stepsOf } from './paging.ts'
import type { Api, Routes } from './parts.ts'
import { notFound } from './problems.ts'
import { answers, oneOf } from './responses.ts'

const tags = ['chains']

/** `GET /v1/chains`, and one chain: itself, its steps, its graph. */
export function addChains(app: Routes, { reader, limits }: Api): void {
  app.get(
    '/v1/chains',
    {
      schema: {
        tags,
        operationId: 'listChains',
        summary: 'List chains',
        description: 'Last seen first.',
        querystring: ChainQuery,
        response: answers('A page of chains.', ChainPage, ['bad-request', 'store-away']),
      },
    },
    (request, reply) => sendPage(request, reply, reader.chains(listQuery(request.query)), chainDetail),
  )
  app.get(
    '/v1/chains/:id',
    { schema: one('getChain', 'One chain, with what was found in it', ChainDetail) },
    async ({ params: { id }, query: { tenant } }) => {
      const chain = await chainOrThrow(reader, tenant, id)
      const findings = await reader.findings(tenant, id)
      return { ...chainDetail(chain), findings: findings.map(standingJson) }
    },
  )
  app.get(
    '/v1/chains/:id/steps',
    { schema: { ...one('listSteps', 'The steps of a chain, in event-time order', StepPage), querystring: StepsQuery } },
    async (request, reply) => {
      const { tenant, limit, cursor } = request.query
      const { id } = request.params
      await chainOrThrow(reader, tenant, id)
      const read = reader.steps(tenant, id, { limit, ...(cursor === undefined ? {} : { cursor }) })
      return sendPage(request, reply, read, stepJson)
    },
  )
  app.get(
    '/v1/chains/:id/graph',
    { schema: one('getGraph', 'The chain as nodes and edges, its evidence marked', Graph) },
    async ({ params: { id }, query: { tenant } }) => {
      const chain = await chainOrThrow(reader, tenant, id)
      const [{ rows, isCut }, edges, alerts] = await Promise.all([
        stepsOf(reader, tenant, id, limits.maxSteps),
        reader.edges(tenant, id),
        reader.alerts({ tenant, workflow: id, limit: MAX_LIMIT }),
      ])
      const shown = standingEdges(
        rows.map(({ step }) => step),
        edges,
      )
      return {
        type: 'graph',
        tenant,
        workflow_id: id,
        nodes: nodesOf(rows, shown, alerts.items),
        edges: shown.map(edgeJson),
        links: chain.links.map(({ workflowId, relation, grade }) => ({ workflow_id: workflowId, relation, grade })),
        truncated: isCut,
      }
    },
  )
}

const one = oneOf(tags)

/** The chain that is asked for. Throws the problem when there is none. */
export async function chainOrThrow(reader: ChainReader, tenant: string, id: string): Promise<ChainSummary> {
  const chain = await reader.chain(tenant, id)
  if (chain === null || chain.events === 0) throw notFound('workflow', id, tenant)
  return chain
}
