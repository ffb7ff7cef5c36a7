import type { Alert, ChainSummary, Coverage, CredentialSummary } from '../core/index.ts'
import type { ChainStore, Commit, Origin, RejectedRow } from '../ports/index.ts'

/** What a one-off analysis found: the last revision of each thing. Steps are not kept. */
export interface Collected {
  /** Strongest first, then oldest. Retracted ones are left out. */
  readonly alerts: readonly Alert[]
  readonly chains: readonly ChainSummary[]
  readonly credentials: readonly CredentialSummary[]
  readonly rejected: readonly RejectedRow[]
  readonly coverage: readonly Coverage[]
  /** Where the first record of a chain stood; null for one unknown. */
  originOf(tenant: string, workflowId: string): Origin | null
}

const keyOf = (tenant: string, id: string): string => `${tenant}\u0000${id}`

/** A writing end that keeps conclusions and drops steps, so that memory grows with chains and not with events. */
export function createCollector(): Pick<ChainStore, 'save'> & { collected(): Collected } {
  const alerts = new Map<string, Alert>()
  const chains = new Map<string, ChainSummary>()
  const credentials = new Map<string, CredentialSummary>()
  const coverage = new Map<string, Coverage>()
  const origins = new Map<string, Origin>()
  const rejected: RejectedRow[] = []
  return {
    async save(commit: Commit) {
      for (const alert of commit.alerts) alerts.set(alert.id, alert)
      for (const chain of commit.chains) chains.set(keyOf(chain.tenant, chain.workflowId), chain)
      for (const credential of commit.credentials) credentials.set(keyOf(credential.tenant, credential.id), credential)
      for (const one of commit.coverage) coverage.set(one.id, one)
      for (const { step, origin } of commit.steps) {
        const key = keyOf(step.event.tenant, step.attribution.workflowId)
        const there = origins.get(key)
        if (origin !== null && (there === undefined || (there.file === origin.file && origin.line < there.line)))
          origins.set(key, origin)
      }
      rejected.push(...commit.rejected)
    },
    collected: () => ({
      alerts: [...alerts.values()].filter(({ status }) => status === 'open').sort(byUrgency),
      chains: [...chains.values()].filter(({ events }) => events > 0).sort(byRisk),
      credentials: [...credentials.values()].sort((a, b) => (a.id < b.id ? -1 : 1)),
      rejected,
      coverage: [...coverage.values()],
      originOf: (tenant, workflowId) => origins.get(keyOf(tenant, workflowId)) ?? null,
    }),
  }
}

/** Alerts: strongest first, then oldest. */
export const byUrgency = (a: Alert, b: Alert): number =>
  b.score - a.score || a.firstAt - b.firstAt || (a.id < b.id ? -1 : 1)

/** Chains: riskiest first, then oldest. */
export const byRisk = (a: ChainSummary, b: ChainSummary): number => b.score - a.score || a.firstAt - b.firstAt
