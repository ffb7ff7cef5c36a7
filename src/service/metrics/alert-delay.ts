import { Histogram, type Registry } from 'prom-client'
import { type Alert, type Finding, resultEventIdOf } from '../../core/index.ts'
import type { Arrival, Commit } from '../../ports/index.ts'

/** Records whose times are remembered: at least so many, at most twice as many, for each part of the work. */
const REMEMBERED = 20_000

const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300]

export const addAlertDelay = (registry: Registry): Histogram =>
  new Histogram({
    name: 'catenary_alert_delay_seconds',
    help:
      'From a record to the first telling of the alert that it completed. It begins at the timestamp of the record in Kafka ' +
      '(embedded: when it came) and ends when the brokers have acknowledged the alert (embedded: when it is stored). Alerts ' +
      'that a deadline completed, and those whose record was read before a restart, are left out.',
    buckets: BUCKETS,
    registers: [registry],
  })

/** When the records of one part of the work came, and how long the alerts that they completed took from there. */
export class AlertDelay {
  readonly #seconds: Pick<Histogram, 'observe'>
  #came = new Map<string, number>()
  #cameBefore = new Map<string, number>()

  constructor(seconds: Pick<Histogram, 'observe'>) {
    this.#seconds = seconds
  }

  /** Events that are about to be folded; `atOf` says when the one at an index came, in milliseconds since the epoch; NaN: nobody knows. */
  came(arrivals: readonly Arrival[], atOf: (index: number) => number): void {
    arrivals.forEach((arrival, index) => {
      if (arrival.ok) this.#remember(arrival.event.id, atOf(index))
    })
  }

  /** A commit has left. `now`: milliseconds since the epoch. */
  told({ steps, alerts, findings }: Pick<Commit, 'steps' | 'alerts' | 'findings'>, now: number): void {
    for (const { step } of steps) this.#joinHalves(step.event)
    const raised = alerts.filter(({ revision, status }) => revision === 1 && status === 'open')
    if (raised.length === 0) return
    const byId = new Map(findings.map(({ finding }) => [finding.id, finding]))
    for (const alert of raised) {
      const at = this.#completedAt(alert, byId)
      if (at !== null) this.#seconds.observe(Math.max(0, now - at) / 1_000)
    }
  }

  /** When the record came whose step completed the alert; null for a deadline, or when that is not known any more. */
  #completedAt({ findingIds }: Alert, findings: ReadonlyMap<string, Finding>): number | null {
    let latest: number | null = null
    for (const id of findingIds) {
      const finding = findings.get(id)
      for (const { at, context, eventId } of finding?.evidence ?? []) {
        const came = at === finding?.at && context !== true ? this.#find(eventId) : undefined
        if (came !== undefined && (latest === null || came > latest)) latest = came
      }
    }
    return latest
  }

  /** A call and its result are one step under the id of the call: it is whole when the later of them came. */
  #joinHalves(event: Parameters<typeof resultEventIdOf>[0] & { readonly id: string }): void {
    const half = resultEventIdOf(event)
    const came = half === null ? undefined : this.#find(half)
    if (came !== undefined) this.#remember(event.id, Math.max(came, this.#find(event.id) ?? came))
  }

  #find(id: string): number | undefined {
    return this.#came.get(id) ?? this.#cameBefore.get(id)
  }

  #remember(id: string, at: number): void {
    if (Number.isNaN(at)) return
    if (this.#came.size >= REMEMBERED) {
      this.#cameBefore = this.#came
      this.#came = new Map()
    }
    this.#came.set(id, at)
  }
}
