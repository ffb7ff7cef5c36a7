import type { Alert, ChainSummary } from '../core/index.ts'
import type { Arrival, ChainReader } from '../ports/index.ts'
import { byRisk, byUrgency, type Collected } from '../runtime/collector.ts'
import { alertsInStore, chainsInStore } from './stored-path.ts'

/** Remembers which records a store had already, and finds what it knows of them. */
export interface KnownBefore {
  add(arrival: Arrival): void
  /** What this run found, and beside it what was found before of the records that had been read before. */
  joined(found: Collected, reader: ChainReader): Promise<Collected>
}

const keyOf = (tenant: string, id: string): string => `${tenant}\u0000${id}`

/** Memory grows with the workflows and agents of repeated records, not with the records. */
export function createKnownBefore(): KnownBefore {
  const workflows = new Set<string>()
  /** Of records that name no workflow: their chains are made up, and have these agents. */
  const agents = new Set<string>()
  let since = Number.POSITIVE_INFINITY

  function isOurs(tenant: string, workflowId: string, agentIds: readonly string[]): boolean {
    if (workflows.has(keyOf(tenant, workflowId))) return true
    return workflowId.startsWith('~') && agentIds.some((id) => agents.has(keyOf(tenant, id)))
  }

  return {
    add(arrival) {
      if (!arrival.ok) return
      const { event } = arrival
      since = Math.min(since, event.at)
      if (event.workflow_id !== undefined) workflows.add(keyOf(event.tenant, event.workflow_id))
      else if (event.agent !== undefined) agents.add(keyOf(event.tenant, event.agent.id))
    },
    async joined(found, reader) {
      if (!Number.isFinite(since)) return found
      const alerts = new Map<string, Alert>(found.alerts.map((one) => [one.id, one]))
      for await (const one of alertsInStore(reader, { since, status: 'open' }))
        if (!alerts.has(one.id) && isOurs(one.tenant, one.workflowId, one.agentIds)) alerts.set(one.id, one)
      const chains = new Map<string, ChainSummary>(found.chains.map((one) => [keyOf(one.tenant, one.workflowId), one]))
      for await (const one of chainsInStore(reader, { since })) {
        const key = keyOf(one.tenant, one.workflowId)
        if (!chains.has(key) && isOurs(one.tenant, one.workflowId, one.agentIds)) chains.set(key, one)
      }
      return {
        ...found,
        alerts: [...alerts.values()].sort(byUrgency),
        chains: [...chains.values()].sort(byRisk),
      }
    },
  }
}
