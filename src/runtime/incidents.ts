import {
  type Alert,
  anyFits,
  type ChainSummary,
  type CredentialSummary,
  type Incident,
  isAtLeast,
  type TextMatch,
} from '../core/index.ts'
import { alertNamedBy, incidentsOf, MAX_LINKED } from '../engine/incidents.ts'
import { type ChainReader, type IncidentQuery, type Incidents, type ListQuery, pagesOf } from '../ports/index.ts'

type Reader = Pick<ChainReader, 'alert' | 'alerts' | 'chainsOf' | 'credentialsOf'>

/** The newest alerts of a time that are put together at once: whole pages. */
const MAX_ALERTS = 5_000
/** Chains and credentials that are looked at around them. */
const MAX_AROUND = 5_000
/** The chains and credentials whose alerts are asked for to make one incident. */
const MAX_ASKED = 200
const PAGE = 500

/**
 * Incidents from what is stored. The chains of one incident may be folded by several processes; the store has what all of
 * them found, so whoever is asked answers the same.
 */
export const createIncidents = (reader: Reader): Incidents => ({
  list: (query) => list(reader, query),
  one: (tenant, id) => one(reader, tenant, id),
})

async function list(reader: Reader, query: IncidentQuery): Promise<Awaited<ReturnType<Incidents['list']>>> {
  const { tenant, since, until } = query
  const { alerts, isCut } = await alertsOf(reader, { tenant, since, until }, MAX_ALERTS)
  const found: Incident[] = []
  for (const owner of new Set(alerts.map((alert) => alert.tenant))) {
    const around = new Around(reader, owner)
    const own = alerts.filter((alert) => alert.tenant === owner)
    await around.lookAt(own)
    found.push(...around.group(own))
  }
  const items = found.filter((incident) => isAsked(incident, query))
  return { items: items.sort((a, b) => b.lastAt - a.lastAt || (a.id < b.id ? -1 : 1)), isCut }
}

function isAsked(incident: Incident, query: IncidentQuery): boolean {
  const has = (list: readonly string[], asked: TextMatch | undefined): boolean =>
    asked === undefined || anyFits(asked, list)
  return (
    has(incident.workflowIds, query.workflow) &&
    has(incident.agentIds, query.agent) &&
    has(incident.credentialIds, query.credential) &&
    has(incident.detectors, query.detector) &&
    isAtLeast(incident.severity, query.minSeverity ?? 'info') &&
    incident.score >= (query.minScore ?? 0)
  )
}

/** Goes from the alert that the id names to all that belong with it, as far as chains and credentials of those lead. */
async function one(reader: Reader, tenant: string, id: string): Promise<Incident | null> {
  const alertId = alertNamedBy(id)
  const named = alertId === null ? null : await reader.alert(tenant, alertId)
  if (named === null) return null
  const around = new Around(reader, tenant)
  const alerts = new Map<string, Alert>([[named.id, named]])
  const asked = new Set<string>()
  let incident: Incident | null = null
  for (let fresh: readonly Alert[] = [named]; fresh.length > 0; ) {
    await around.lookAt(fresh)
    for (const key of around.toAsk()) {
      if (asked.has(JSON.stringify(key)) || asked.size >= MAX_ASKED) continue
      asked.add(JSON.stringify(key))
      for (const alert of (await alertsOf(reader, { tenant, ...key }, PAGE)).alerts) alerts.set(alert.id, alert)
    }
    const before = new Set(incident?.alertIds ?? [named.id])
    incident = withAlert(around.group([...alerts.values()]), named)
    fresh = (incident?.alertIds ?? []).flatMap((member) => (before.has(member) ? [] : (alerts.get(member) ?? [])))
  }
  return incident
}

/** The incident of an alert; of its chain, where it was retracted. */
const withAlert = (incidents: readonly Incident[], { id, workflowId }: Alert): Incident | null =>
  incidents.find(({ alertIds }) => alertIds.includes(id)) ??
  incidents.find(({ workflowIds }) => workflowIds.includes(workflowId)) ??
  null

async function alertsOf(reader: Reader, query: Omit<ListQuery, 'limit'>, most: number) {
  const alerts: Alert[] = []
  for await (const { items, cursor } of pagesOf((page) => reader.alerts({ ...query, ...page, status: 'open' }), PAGE)) {
    alerts.push(...items)
    if (alerts.length >= most) return { alerts, isCut: cursor !== null }
  }
  return { alerts, isCut: false }
}

/** The chains and credentials around alerts of one tenant: as far as links and lineages lead. */
class Around {
  readonly #reader: Reader
  readonly #tenant: string
  readonly #chains = new Map<string, ChainSummary | null>()
  readonly #credentials = new Map<string, CredentialSummary | null>()

  constructor(reader: Reader, tenant: string) {
    this.#reader = reader
    this.#tenant = tenant
  }

  async lookAt(alerts: readonly Alert[]): Promise<void> {
    await follow(
      this.#chains,
      alerts.flatMap(({ workflowId, workflowIds }) => [workflowId, ...workflowIds]),
      async (ids) => (await this.#reader.chainsOf(this.#tenant, ids)).map((chain) => [chain.workflowId, chain]),
      linkedTo,
    )
    await follow(
      this.#credentials,
      alerts.flatMap(({ credentialIds }) => credentialIds),
      async (ids) => (await this.#reader.credentialsOf(this.#tenant, ids)).map((one) => [one.id, one]),
      ({ parentId }) => (parentId === null ? [] : [parentId]),
    )
  }

  /** Whose alerts may belong to the incident. */
  toAsk(): readonly { readonly workflow?: string; readonly credential?: string }[] {
    const credentials = [...this.#credentials].filter(([, one]) => (one?.workflowIds.length ?? 0) <= MAX_LINKED)
    return [
      ...[...this.#chains.keys()].map((workflow) => ({ workflow })),
      ...credentials.map(([credential]) => ({ credential })),
    ]
  }

  group(alerts: readonly Alert[]): readonly Incident[] {
    const there = <T>(map: ReadonlyMap<string, T | null>): readonly T[] =>
      [...map.values()].filter((one) => one !== null)
    return incidentsOf({ alerts, chains: there(this.#chains), credentials: there(this.#credentials) })
  }
}

/** Parents and children. A hub leads nowhere. */
const linkedTo = ({ links }: ChainSummary): readonly string[] => {
  const linked = links.filter(({ relation }) => relation === 'parent' || relation === 'child')
  return linked.length > MAX_LINKED ? [] : linked.map(({ workflowId }) => workflowId)
}

/** Reads what is not known yet, and what that leads to, up to a bound. Null for what the store does not have. */
async function follow<T>(
  known: Map<string, T | null>,
  ids: readonly string[],
  read: (ids: readonly string[]) => Promise<readonly (readonly [string, T])[]>,
  leadsTo: (item: T) => readonly string[],
): Promise<void> {
  let next = [...new Set(ids)].filter((id) => !known.has(id))
  while (next.length > 0 && known.size < MAX_AROUND) {
    const found = new Map(await read(next))
    for (const id of next) known.set(id, found.get(id) ?? null)
    next = [...new Set([...found.values()].flatMap(leadsTo))].filter((id) => !known.has(id))
  }
}
