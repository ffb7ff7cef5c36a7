import type { Alert, ChainSummary } from '../../core/index.ts'
import type {
  CheckpointRow,
  Commit,
  CoverageRow,
  CredentialRow,
  Delivery,
  EdgeRow,
  FindingRow,
  HeartbeatRow,
  LinkRow,
  RejectedRow,
} from '../../ports/index.ts'
import { keyOf, Shelf } from './shelf.ts'
import { StepShelf } from './step-shelf.ts'
import { TriageShelf } from './triage.ts'

/** All that commits left, by identity. */
export class Shelves {
  readonly steps = new StepShelf()
  readonly links = new Shelf<LinkRow>()
  readonly edges = new Shelf<EdgeRow>()
  readonly findings = new Shelf<FindingRow>()
  readonly alerts = new Shelf<Alert>()
  readonly credentials = new Shelf<CredentialRow>()
  readonly coverage = new Shelf<CoverageRow>()
  readonly rejected = new Shelf<RejectedRow>()
  readonly heartbeats = new Shelf<HeartbeatRow>()
  readonly checkpoints = new Shelf<CheckpointRow>()
  readonly deliveries = new Shelf<Delivery>()
  readonly triage = new TriageShelf()
  readonly #chains = new Shelf<ChainSummary>()
  /** Of any commit, the highest. */
  sequence = 0

  put(commit: Commit): void {
    const { sequence } = commit
    this.sequence = Math.max(this.sequence, sequence)
    for (const row of commit.deliveries ?? []) this.deliver(row)
    for (const row of commit.steps) this.steps.put(row, sequence)
    for (const row of commit.links) this.links.put(linkKey(row), row, sequence)
    for (const row of commit.edges)
      this.edges.put(keyOf(row.tenant, row.workflowId, row.from, row.to, row.type), row, sequence)
    for (const row of commit.findings)
      this.findings.put(keyOf(row.finding.tenant, row.finding.workflowId, row.finding.id), row, sequence)
    for (const row of commit.alerts) this.alerts.put(keyOf(row.tenant, row.id, row.revision), row, sequence)
    for (const row of commit.credentials) this.credentials.put(keyOf(row.tenant, row.id), row, sequence)
    for (const row of commit.coverage) this.coverage.put(keyOf(row.tenant, row.id), row, sequence)
    for (const row of commit.rejected) this.rejected.put(keyOf(row.tenant, row.id), row, sequence)
    for (const row of commit.heartbeats)
      this.heartbeats.put(keyOf(row.event.tenant, row.event.id, row.event.source), row, sequence)
    for (const row of commit.checkpoints ?? []) this.checkpoints.put(keyOf(row.tenant, row.thread), row, sequence)
    for (const row of commit.chains) this.#chains.put(keyOf(row.tenant, row.workflowId), row, sequence)
  }

  /** A delivery that changed since is not as the commit wrote it. */
  deliver(row: Delivery): void {
    this.deliveries.put(keyOf(row.destination, row.tenant, row.alertId, row.revision), row, row.changedAt)
  }

  /** A chain of no events is gone. */
  chains(): readonly ChainSummary[] {
    return this.#chains.rows().filter(({ events }) => events > 0)
  }

  chain(tenant: string, workflowId: string): ChainSummary | null {
    const chain = this.#chains.get(keyOf(tenant, workflowId))
    return chain === undefined || chain.events === 0 ? null : chain
  }

  lastRevisions(): readonly Alert[] {
    const last = new Map<string, Alert>()
    for (const alert of this.alerts.rows()) {
      const key = keyOf(alert.tenant, alert.id)
      if ((last.get(key)?.revision ?? 0) < alert.revision) last.set(key, alert)
    }
    return [...last.values()]
  }
}

const linkKey = ({ tenant, workflowId, link, event }: LinkRow): string =>
  keyOf(tenant, workflowId, link.from, link.relation, link.what, event.source, event.id)
