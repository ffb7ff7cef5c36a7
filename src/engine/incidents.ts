import type { Alert, ChainSummary, CredentialSummary, Incident, IncidentTie } from '../core/index.ts'
import { EXCEEDS, severityOf, weightOf } from './score.ts'

/** What incidents are made of. Only open alerts count. Of chains and credentials as many as are known. */
export interface IncidentParts {
  readonly alerts: readonly Alert[]
  readonly chains: readonly Pick<ChainSummary, 'tenant' | 'workflowId' | 'links'>[]
  readonly credentials: readonly Pick<CredentialSummary, 'tenant' | 'id' | 'parentId' | 'workflowIds'>[]
}

/** A chain with more parents and children than this is a hub: work of all kinds goes through it, and ties nothing together. */
export const MAX_LINKED = 32
/** Alerts on credentials of one lineage belong together when no more than this lies between them. */
const SAME_CREDENTIAL_MS = 86_400_000
const PREFIX = 'inc-'

/** The alert that an incident's id names; null for a text that is no such id. */
export const alertNamedBy = (incidentId: string): string | null =>
  incidentId.startsWith(PREFIX) ? incidentId.slice(PREFIX.length) : null

/**
 * Groups alerts into incidents, strongest first. Alerts belong together when they stand in one chain, when one cites a step of
 * the other's chain, when parents, children and hand-offs lead from one chain to the other (through quiet chains too), or when they
 * name credentials of one lineage within a day. Every alert is in one incident; chains without an alert are in none.
 */
export function incidentsOf({ alerts, chains, credentials }: IncidentParts): readonly Incident[] {
  const open = alerts
    .filter(({ status }) => status === 'open')
    .sort((a, b) => a.firstAt - b.firstAt || (a.id < b.id ? -1 : 1))
  const groups = new Groups(open.length)
  const standing = standingIn(open)
  joinWithin(open, standing, groups)
  joinLinked(standing, chains, groups)
  joinByCredential(open, credentials, groups)
  return groups
    .all()
    .map(({ members, ties }) =>
      tell(
        members.map((i) => open[i] as Alert),
        ties.map((tie) => named(tie, open)),
      ),
    )
    .sort((a, b) => b.score - a.score || a.firstAt - b.firstAt || (a.id < b.id ? -1 : 1))
}

interface Tie extends Omit<IncidentTie, 'from' | 'to'> {
  readonly from: number
  readonly to: number
}

const named = ({ from, to, by, grade }: Tie, alerts: readonly Alert[]): IncidentTie => ({
  from: alerts[from]?.id ?? '',
  to: alerts[to]?.id ?? '',
  by,
  grade,
})

/** Sets that are joined, each led by its smallest member. */
class Groups {
  readonly #leader: number[]
  readonly #ties: Tie[] = []

  constructor(size: number) {
    this.#leader = Array.from({ length: size }, (_, i) => i)
  }

  leaderOf(i: number): number {
    let leader = i
    while (this.#leader[leader] !== leader) leader = this.#leader[leader] ?? leader
    this.#leader[i] = leader
    return leader
  }

  join(from: number, to: number, by: Tie['by'], grade: Tie['grade']): void {
    const [a, b] = [this.leaderOf(from), this.leaderOf(to)]
    if (a === b) return
    this.#leader[Math.max(a, b)] = Math.min(a, b)
    this.#ties.push({ from, to, by, grade })
  }

  all(): readonly { readonly members: readonly number[]; readonly ties: readonly Tie[] }[] {
    const found = new Map<number, { members: number[]; ties: Tie[] }>()
    for (const i of this.#leader.keys()) {
      const leader = this.leaderOf(i)
      const group = found.get(leader) ?? { members: [], ties: [] }
      group.members.push(i)
      found.set(leader, group)
    }
    for (const tie of this.#ties) found.get(this.leaderOf(tie.from))?.ties.push(tie)
    return [...found.values()]
  }
}

const keyOf = (tenant: string, id: string): string => `${tenant}\u0000${id}`

/** The alerts of each chain, by their places in the list. */
function standingIn(alerts: readonly Alert[]): ReadonlyMap<string, readonly number[]> {
  const standing = new Map<string, number[]>()
  alerts.forEach(({ tenant, workflowId }, i) => {
    const key = keyOf(tenant, workflowId)
    standing.set(key, [...(standing.get(key) ?? []), i])
  })
  return standing
}

type Standing = ReturnType<typeof standingIn>

/** One chain, or a step of it that another chain's alert cites. */
function joinWithin(alerts: readonly Alert[], standing: Standing, groups: Groups): void {
  for (const [first = 0, ...others] of standing.values())
    for (const other of others) groups.join(first, other, 'chain', 'reported')
  alerts.forEach(({ tenant, workflowIds }, i) => {
    for (const id of workflowIds) {
      const [there] = standing.get(keyOf(tenant, id)) ?? []
      if (there !== undefined) groups.join(there, i, 'evidence', 'derived')
    }
  })
}

/** Parents, children and hand-offs, over as many chains as there are. */
function joinLinked(standing: Standing, chains: IncidentParts['chains'], groups: Groups): void {
  const beside = new Map<string, Set<string>>()
  const add = (from: string, to: string): void => void beside.set(from, (beside.get(from) ?? new Set()).add(to))
  for (const { tenant, workflowId, links } of chains)
    for (const link of links) {
      if (link.relation !== 'parent' && link.relation !== 'child') continue
      const [a, b] = [keyOf(tenant, workflowId), keyOf(tenant, link.workflowId)]
      add(a, b)
      add(b, a)
    }
  const isHub = (key: string): boolean => (beside.get(key)?.size ?? 0) > MAX_LINKED
  const seen = new Set<string>()
  for (const [start, [first = 0]] of standing) {
    if (seen.has(start)) continue
    const queue = [start]
    for (let key = queue.shift(); key !== undefined; key = queue.shift()) {
      if (seen.has(key)) continue
      seen.add(key)
      const [there] = standing.get(key) ?? []
      if (there !== undefined) groups.join(first, there, 'link', 'reported')
      if (!isHub(key)) queue.push(...[...(beside.get(key) ?? [])].filter((next) => !isHub(next)))
    }
  }
}

/** Credentials of one lineage, close in time. One that many workflows hold says nothing. */
function joinByCredential(alerts: readonly Alert[], credentials: IncidentParts['credentials'], groups: Groups): void {
  const known = new Map(credentials.map((one) => [keyOf(one.tenant, one.id), one]))
  const last = new Map<string, { readonly alert: number; readonly at: number }>()
  alerts.forEach((alert, i) => {
    for (const id of alert.credentialIds) {
      if ((known.get(keyOf(alert.tenant, id))?.workflowIds.length ?? 0) > MAX_LINKED) continue
      const root = rootOf(alert.tenant, id, known)
      const before = last.get(root)
      if (before !== undefined && alert.firstAt - before.at <= SAME_CREDENTIAL_MS)
        groups.join(before.alert, i, 'credential', 'derived')
      last.set(root, { alert: i, at: Math.max(before?.at ?? alert.lastAt, alert.lastAt) })
    }
  })
}

function rootOf(tenant: string, id: string, known: ReadonlyMap<string, Pick<CredentialSummary, 'parentId'>>): string {
  const climbed = new Set<string>()
  let root = id
  while (!climbed.has(root)) {
    climbed.add(root)
    root = known.get(keyOf(tenant, root))?.parentId ?? root
  }
  return keyOf(tenant, root)
}

/** `alerts` oldest first. */
function tell(alerts: readonly Alert[], ties: readonly IncidentTie[]): Incident {
  const ranked = [...alerts].sort((a, b) => b.score - a.score || a.firstAt - b.firstAt || (a.id < b.id ? -1 : 1))
  const [oldest] = alerts as [Alert, ...Alert[]]
  const [strongest] = ranked as [Alert, ...Alert[]]
  const score = scoreOf(ranked)
  return {
    id: `${PREFIX}${oldest.id}`,
    tenant: oldest.tenant,
    title: strongest.title,
    summary: strongest.summary,
    severity: severityOf(score, alerts),
    score,
    alertIds: alerts.map(({ id }) => id),
    workflowIds: unique(alerts.flatMap(({ workflowId, workflowIds }) => [workflowId, ...workflowIds])),
    detectors: unique(ranked.flatMap(({ detectors }) => detectors)),
    agentIds: unique(alerts.flatMap(({ agentIds }) => agentIds)).sort(),
    credentialIds: unique(alerts.flatMap(({ credentialIds }) => credentialIds)).sort(),
    grantIds: unique(alerts.flatMap(({ grantIds }) => grantIds)).sort(),
    firstAt: oldest.firstAt,
    lastAt: Math.max(...alerts.map(({ lastAt }) => lastAt)),
    ties,
  }
}

/**
 * The score of an incident, 0 to 100, by the combination of a chain's: independent reasons (noisy or), each detector once
 * however many chains it spoke in. An alert whose detectors were all heard counts nothing; one of which some were heard counts with
 * its strongest finding alone. `ranked`: strongest first.
 */
function scoreOf(ranked: readonly Alert[]): number {
  const heard = new Set<string>()
  let calm = 1
  for (const alert of ranked) {
    const again = alert.detectors.filter((one) => heard.has(one))
    const weight = again.length === 0 ? alert.score / 100 : again.includes(alert.detector) ? 0 : weightOf(alert)
    const isAgain = EXCEEDS.has(alert.detector) && [...heard].some((one) => EXCEEDS.has(one))
    calm *= 1 - (isAgain ? weight / 2 : weight)
    for (const one of alert.detectors) heard.add(one)
  }
  return Math.round(100 * (1 - calm))
}

const unique = <T>(items: readonly T[]): T[] => [...new Set(items)]
