import type { z } from 'zod'
import type { Alert } from '../../schemas/api/alert.ts'
import type { Chain, Graph } from '../../schemas/api/chain.ts'
import type { Credential, Lineage } from '../../schemas/api/credential.ts'
import { MAX_LIMIT } from '../../schemas/api/query.ts'
import { alertOf, chainOf, credentialOf, edgesOf, stepOf } from '../../schemas/api/read-back.ts'
import type { Step } from '../../schemas/api/step.ts'
import { CatenaryError, type TextMatch } from '../core/index.ts'
import {
  type ApiClient,
  type Asked,
  type ListQuery,
  type PathReader,
  pageReader,
  type StepQuery,
} from '../ports/index.ts'

const THREADS = { agent: 'agents', credential: 'credentials', grant: 'grants' } as const

/** What a store at hand would be asked about paths, asked of a service over its API. Throws what `ApiClient` throws. */
export function apiReader(client: ApiClient): PathReader {
  const one = async <T>(path: string, tenant: string): Promise<T | null> => {
    try {
      return (await client.ask({ path, query: { tenant } })).body as T
    } catch (error) {
      if (error instanceof CatenaryError && error.details['status'] === 404) return null
      throw error
    }
  }
  const steps = async (path: string, tenant: string, { limit, cursor }: StepQuery) => {
    const read = pageReader<z.output<typeof Step>>(client, path, { tenant })
    const page = await orNone(read({ limit: Math.min(limit, MAX_LIMIT), ...(cursor === undefined ? {} : { cursor }) }))
    return { ...page, items: page.items.map(stepOf) }
  }
  return {
    chains: async (query) => {
      const page = await pageReader<z.output<typeof Chain>>(client, 'v1/chains', askedOf(query))(pageOf(query))
      return { ...page, items: page.items.map(chainOf) }
    },
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
    alerts: async (query) => {
      const page = await pageReader<z.output<typeof Alert>>(client, 'v1/alerts', askedOf(query))(pageOf(query))
      return { ...page, items: page.items.map(alertOf) }
    },
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

/** A chain that is not there has no steps. */
const orNone = <T>(page: Promise<{ readonly items: readonly T[]; readonly cursor: string | null }>) =>
  page.catch((error: unknown) => {
    if (error instanceof CatenaryError && error.details['status'] === 404) return { items: [], cursor: null }
    throw error
  })

const pageOf = ({ limit, cursor }: ListQuery) => ({
  limit: Math.min(limit, MAX_LIMIT),
  ...(cursor === undefined ? {} : { cursor }),
})

/** The filters that questions about paths use. */
const askedOf = ({ tenant, status, workflow, agent, credential }: ListQuery): NonNullable<Asked['query']> => ({
  tenant,
  status,
  workflow: textOf(workflow),
  agent: textOf(agent),
  credential: textOf(credential),
})

const textOf = (match: TextMatch | undefined): string | undefined =>
  match === undefined || typeof match === 'string' ? match : `${match.prefix}*`
