import type { Alert, Coverage, EventKind, Finding, Millis } from '../core/index.ts'
import { isLoud } from '../core/index.ts'
import { createEngine } from '../engine/engine.ts'
import type { EngineParts } from '../engine/parts.ts'
import type { Arrival, Commit, StepRow } from '../ports/index.ts'

/** A step as the lab keeps it: where it stands, and whether it was a call that was denied. */
export interface SeenStep {
  readonly chain: string
  readonly eventId: string
  readonly at: Millis
  readonly kind: EventKind
  readonly isDeniedCall: boolean
}

/** A finding that stood at the end. */
export interface SeenFinding {
  readonly finding: Finding
  /** The key of the chain it belongs to. */
  readonly chain: string
  /** The event time of the first version of it that was of severity medium or above; null when none ever was. */
  readonly firstLoudAt: Millis | null
}

/** An alert that stood at the end. */
export interface SeenAlert {
  readonly alert: Alert
  readonly chain: string
  /** Event time at which it was first told at severity medium or above; null when it never was. */
  readonly firstLoudAt: Millis | null
}

/** What the analysis of one stream left. */
export interface Seen {
  readonly events: number
  readonly rejected: number
  /** Keys of the chains there are, with their steps in event-time order. */
  readonly chains: ReadonlyMap<string, readonly SeenStep[]>
  readonly findings: readonly SeenFinding[]
  readonly alerts: readonly SeenAlert[]
  readonly coverage: readonly Coverage[]
}

export const chainKey = (tenant: string, workflowId: string): string => `${tenant}/${workflowId}`

/**
 * Folds a stream of arrivals and keeps what was found, when it was first told, and the bare bones of every step. The clock is
 * the stream's own. What is true of the stream is no argument: labels cannot reach the engine.
 */
export async function watch(
  arrivals: AsyncIterable<Arrival> | Iterable<Arrival>,
  parts: EngineParts,
  until?: Millis,
): Promise<Seen> {
  const engine = createEngine(parts)
  const watched = new Watched()
  let [events, rejected] = [0, 0]
  for await (const arrival of arrivals) {
    if (!arrival.ok) {
      rejected += 1
      continue
    }
    events += 1
    engine.accept(arrival.event, { origin: null, arrivedAt: arrival.event.at })
    watched.add(engine.drain())
  }
  engine.finish(until)
  watched.add(engine.drain())
  return { events, rejected, ...watched.result() }
}

class Watched {
  readonly #steps = new Map<string, SeenStep>()
  readonly #findings = new Map<string, SeenFinding>()
  readonly #alerts = new Map<string, SeenAlert>()
  readonly #coverage = new Map<string, Coverage>()

  add(commit: Commit): void {
    for (const row of commit.steps) this.#step(row)
    for (const { finding, status } of commit.findings) {
      const before = this.#findings.get(finding.id)
      if (status === 'retracted') this.#findings.delete(finding.id)
      else
        this.#findings.set(finding.id, {
          finding,
          chain: chainKey(finding.tenant, finding.workflowId),
          firstLoudAt: before?.firstLoudAt ?? (isLoud(finding) ? finding.at : null),
        })
    }
    for (const alert of commit.alerts) {
      const before = this.#alerts.get(alert.id)
      if (alert.status === 'retracted') this.#alerts.delete(alert.id)
      else
        this.#alerts.set(alert.id, {
          alert,
          chain: chainKey(alert.tenant, alert.workflowId),
          firstLoudAt: before?.firstLoudAt ?? (isLoud(alert) ? toldAt(alert, this.#findings) : null),
        })
    }
    for (const one of commit.coverage) this.#coverage.set(one.id, one)
  }

  #step({ step, isGone }: StepRow): void {
    const { event, attribution } = step
    const chain = chainKey(event.tenant, attribution.workflowId)
    const key = `${chain}\u0000${event.source}\u0000${event.id}`
    if (isGone) this.#steps.delete(key)
    else
      this.#steps.set(key, {
        chain,
        eventId: event.id,
        at: event.at,
        kind: event.kind,
        isDeniedCall: event.kind === 'tool_call' && event.outcome === 'denied',
      })
  }

  result(): Pick<Seen, 'chains' | 'findings' | 'alerts' | 'coverage'> {
    const chains = new Map<string, SeenStep[]>()
    for (const step of this.#steps.values()) {
      const steps = chains.get(step.chain)
      if (steps === undefined) chains.set(step.chain, [step])
      else steps.push(step)
    }
    for (const steps of chains.values()) steps.sort((a, b) => a.at - b.at)
    return {
      chains,
      findings: [...this.#findings.values()],
      alerts: [...this.#alerts.values()],
      coverage: [...this.#coverage.values()],
    }
  }
}

/** When an alert came to be: the time of the first of its loud findings, since an alert's own times are its evidence's. */
function toldAt({ findingIds, lastAt }: Alert, findings: ReadonlyMap<string, SeenFinding>): Millis {
  const times = findingIds.flatMap((id) => findings.get(id)?.firstLoudAt ?? [])
  return times.length === 0 ? lastAt : Math.min(...times)
}
