import type { Alert, ChainSummary, Coverage, CredentialSummary } from '../core/index.ts'
import type { ChainStore, Commit, Origin, RejectedRow } from '../ports/index.ts'
import { Numbers, numberOf } from './numbers.ts'

/** How much of an analysis is kept in full; beyond, it is counted. */
export interface CollectorBounds {
  /** Chains without a finding: the first so many. All others are kept. */
  readonly quietChains: number
  /** Credentials that no alert names: the first so many. All others are kept. */
  readonly credentials: number
  /** Refused records of one reason: the first so many. */
  readonly rejectedOfReason: number
  readonly coverage: number
}

const BOUNDS: CollectorBounds = { quietChains: 2_000, credentials: 2_000, rejectedOfReason: 1_000, coverage: 10_000 }

/** What a one-off analysis found: the last revision of each thing. Steps are not kept. */
export interface Collected {
  /** Strongest first, then oldest. Retracted ones are left out. */
  readonly alerts: readonly Alert[]
  /** Riskiest first, then oldest. Those with findings are all here. */
  readonly chains: readonly ChainSummary[]
  readonly credentials: readonly CredentialSummary[]
  readonly rejected: readonly RejectedRow[]
  readonly coverage: readonly Coverage[]
  /** How many chains and credentials there were beyond those here, and how many refused records. */
  readonly leftOut: { readonly chains: number; readonly credentials: number; readonly rejected: number }
  /** Where the first record of a chain stood; null for one unknown. */
  originOf(tenant: string, workflowId: string): Origin | null
}

const keyOf = (tenant: string, id: string): string => `${tenant}\u0000${id}`

/**
 * A writing end that keeps conclusions and drops steps. Its memory has a bound but for what was found: of what is neither
 * risky nor among the first it only remembers a number each, to count it once.
 */
export function createCollector(bounds: Partial<CollectorBounds> = {}): Pick<ChainStore, 'save'> & {
  collected(): Collected
} {
  const most = { ...BOUNDS, ...bounds }
  const alerts = new Map<string, Alert>()
  const coverage = new Map<string, Coverage>()
  const chains = new ChainShelf(most.quietChains)
  const credentials = new CredentialShelf(most.credentials)
  const rejected: RejectedRow[] = []
  const refused = new Map<string, number>()
  let rejectedLeftOut = 0
  return {
    async save(commit: Commit) {
      for (const alert of commit.alerts) {
        alerts.set(alert.id, alert)
        credentials.want(alert)
      }
      for (const chain of commit.chains) chains.put(chain)
      for (const { step, origin } of commit.steps)
        if (origin !== null) chains.came(keyOf(step.event.tenant, step.attribution.workflowId), origin)
      for (const credential of commit.credentials) credentials.put(credential)
      for (const one of commit.coverage) if (coverage.size < most.coverage) coverage.set(one.id, one)
      for (const one of commit.rejected) {
        const count = refused.get(one.reason) ?? 0
        refused.set(one.reason, count + 1)
        if (count < most.rejectedOfReason) rejected.push(one)
        else rejectedLeftOut += 1
      }
    },
    collected: () => ({
      alerts: [...alerts.values()].filter(({ status }) => status === 'open').sort(byUrgency),
      chains: chains.all.filter(({ events }) => events > 0).sort(byRisk),
      credentials: credentials.all.sort((a, b) => (a.id < b.id ? -1 : 1)),
      rejected,
      coverage: [...coverage.values()],
      leftOut: { chains: chains.leftOut, credentials: credentials.leftOut, rejected: rejectedLeftOut },
      originOf: (tenant, workflowId) => chains.originOf(keyOf(tenant, workflowId)),
    }),
  }
}

/** Chains with findings, and the first of the others. */
class ChainShelf {
  readonly #chains = new Map<string, ChainSummary>()
  readonly #origins = new Map<string, Origin | null>()
  /** Where the first records of the latest of those left out stood: they may yet turn risky. */
  readonly #recent = new Map<string, Origin>()
  readonly #left = new Numbers()
  readonly #mostQuiet: number
  #quiet = 0

  constructor(mostQuiet: number) {
    this.#mostQuiet = mostQuiet
  }

  put(chain: ChainSummary): void {
    const key = keyOf(chain.tenant, chain.workflowId)
    const there = this.#chains.get(key)
    if (there !== undefined) {
      this.#quiet += Number(isQuiet(chain)) - Number(isQuiet(there))
      this.#chains.set(key, chain)
    } else if (!isQuiet(chain) || this.#quiet < this.#mostQuiet) this.#add(key, chain)
    else if (chain.events > 0) this.#left.add(numberOf(key))
    else this.#left.delete(numberOf(key))
  }

  #add(key: string, chain: ChainSummary): void {
    // Where the first record of one that was left out long before stood is not known any more.
    if (this.#left.size > 0 && this.#left.delete(numberOf(key))) this.#origins.set(key, this.#recent.get(key) ?? null)
    this.#quiet += Number(isQuiet(chain))
    this.#chains.set(key, chain)
  }

  /** Notes where a step of a chain that is kept came from. */
  came(key: string, origin: Origin): void {
    const there = this.#origins.get(key)
    if (there === undefined && !this.#chains.has(key)) this.#noteRecent(key, origin)
    else if (there === undefined || (there?.file === origin.file && origin.line < there.line))
      this.#origins.set(key, origin)
  }

  #noteRecent(key: string, origin: Origin): void {
    if (this.#recent.has(key)) return
    this.#recent.set(key, origin)
    const [oldest] = this.#recent.keys()
    if (this.#recent.size > this.#mostQuiet && oldest !== undefined) this.#recent.delete(oldest)
  }

  originOf(key: string): Origin | null {
    return this.#origins.get(key) ?? null
  }

  get all(): ChainSummary[] {
    return [...this.#chains.values()]
  }

  get leftOut(): number {
    return this.#left.size
  }
}

const isQuiet = ({ score, severity }: ChainSummary): boolean => score === 0 && severity === 'info'

/** Credentials that alerts name, and the first of the others. */
class CredentialShelf {
  readonly #credentials = new Map<string, CredentialSummary>()
  readonly #wanted = new Set<string>()
  readonly #left = new Numbers()
  readonly #most: number

  constructor(most: number) {
    this.#most = most
  }

  want({ tenant, credentialIds }: Alert): void {
    for (const id of credentialIds) this.#wanted.add(keyOf(tenant, id))
  }

  put(credential: CredentialSummary): void {
    const key = keyOf(credential.tenant, credential.id)
    if (this.#credentials.size < this.#most || this.#credentials.has(key) || this.#wanted.has(key)) {
      this.#credentials.set(key, credential)
      if (this.#left.size > 0) this.#left.delete(numberOf(key))
    } else this.#left.add(numberOf(key))
  }

  get all(): CredentialSummary[] {
    return [...this.#credentials.values()]
  }

  get leftOut(): number {
    return this.#left.size
  }
}

/** Alerts: strongest first, then oldest. */
export const byUrgency = (a: Alert, b: Alert): number =>
  b.score - a.score || a.firstAt - b.firstAt || (a.id < b.id ? -1 : 1)

/** Chains: riskiest first, then oldest. */
export const byRisk = (a: ChainSummary, b: ChainSummary): number => b.score - a.score || a.firstAt - b.firstAt
