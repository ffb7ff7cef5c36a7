import type { z } from 'zod'
import type { Alert } from '../../schemas/api/alert.ts'
import type { Chain, Graph } from '../../schemas/api/chain.ts'
import type { Credential, Lineage } from '../../schemas/api/credential.ts'
import { MAX_LIMIT } from '../../schemas/api/query.ts'
import { alertOf, chainOf, credentialOf, edgesOf, stepOf } from '../../schemas/api/read-back.ts'
import { CatenaryError, matchText, type TextMatch } from '../core/index.ts'
import {
  type ApiClient,
  type Asked,
  type ListQuery,
  type Page,
  type PathReader,
  pageReader,
  type StepQuery,
} from '../ports/index.ts'

const THREADS = { agent: 'agents', credential: 'credentials', grant: 'grants' } as const

/** What a store at hand would be asked about paths, asked of a service over its API. Throws what `ApiClient` throws. */
export function apiReader(client: ApiClient): PathReader {
  const one = <T>(path: string, tenant: string): Promise<T | null> =>
    orElse(null, async () => (await client.ask({ path, query: { tenant } })).body as T)
  // A chain that is not there has no steps.
  const steps = (path: string, tenant: string, query: StepQuery) =>
    orElse({ items: [], cursor: null }, () => pageOf(client, path, { query, asked: { tenant }, itemOf: stepOf }))
  return {
    chains: (query) => pageOf(client, 'v1/chains', { query, asked: askedOf(query), itemOf: chainOf }),
    chain: async (tenant, workflowId) => {
      const found = await one<z.output<typeof Chain>>(`v1/chains/${encodeURIComponent(workflowId)}`, tenant)
      return found === null ? null : chainOf(found)
    },
    steps: (tenant, workflowId, query) => steps(`v1/chains/${encodeURIComponent(workflowId)}/steps`, tenant, query),
    stepsOfThread: (tenant, { kind, id }, query) =>
      steps(`v1/${THREADS[kind]}/${encodeURIComponent(id)}/path`, tenant, query),
    edges: async (tenant, workflowId) => {
      const graph = await one<z.output<typeof Graph>>(`v1/chains/${encodeURIComponent(workflowId)}/graph`, tenant)
      return graph === null ? [] : edgesOf(graph).map((edge) => ({ tenant, workflowId, ...edge }))
    },
    alerts: (query) => pageOf(client, 'v1/alerts', { query, asked: askedOf(query), itemOf: alertOf }),
    alert: async (tenant, id) => {
      const found = await one<z.output<typeof Alert>>(`v1/alerts/${encodeURIComponent(id)}`, tenant)
      return found === null ? null : alertOf(found)
    },
    lineage: async (tenant, id) => {
      const path = `v1/credentials/${encodeURIComponent(id)}/lineage`
      const found = await one<z.output<typeof Lineage>>(path, tenant)
      return (found?.nodes ?? []).map((node: z.output<typeof Credential>) => credentialOf(node))
    },
  }
}

/** What was asked for, or `none` where the service does not have it. */
async function orElse<T, None>(none: None, ask: () => Promise<T>): Promise<T | None> {
  try {
    return await ask()
  } catch (error) {
    if (error instanceof CatenaryError && error.details['status'] === 404) return none
    throw error
  }
}

interface Reading<Sent, Item> {
  readonly query: StepQuery
  readonly asked: NonNullable<Asked['query']>
  readonly itemOf: (sent: Sent) => Item
}

async function pageOf<Sent, Item>(
  client: ApiClient,
  path: string,
  { query: { limit, cursor }, asked, itemOf }: Reading<Sent, Item>,
): Promise<Page<Item>> {
  const read = pageReader<Sent>(client, path, asked)
  const page = await read({ limit: Math.min(limit, MAX_LIMIT), ...(cursor === undefined ? {} : { cursor }) })
  return { ...page, items: page.items.map(itemOf) }
}

/** The filters that questions about paths use. */
const askedOf = ({ tenant, status, workflow, agent, credential }: ListQuery): NonNullable<Asked['query']> => ({
  tenant,
  status,
  workflow: asText(workflow),
  agent: asText(agent),
  credential: asText(credential),
})

const asText = (match: TextMatch | undefined): string | undefined =>
  match === undefined ? undefined : matchText(match)
