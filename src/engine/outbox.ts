import type { Alert, Coverage } from '../core/index.ts'
import type { Commit, CoverageRow, HeartbeatRow, StepRow } from '../ports/index.ts'
import type { Placed } from './placed.ts'
import { idOf } from './sign.ts'

/** What is to go out with the next commit: steps that are new or stand elsewhere, heartbeats, and what could not be seen. */
export class Outbox {
  /** In the order put; null where a step was taken out again. */
  #steps: (Placed | null)[] = []
  #gone: { readonly row: StepRow; readonly after: number }[] = []
  readonly #retold = new Map<string, Alert>()
  #heartbeats: HeartbeatRow[] = []
  readonly #coverage = new Map<string, CoverageRow>()

  put(placed: Placed): void {
    if (placed.slot >= 0) return
    placed.slot = this.#steps.length
    this.#steps.push(placed)
  }

  /** The step leaves the place it has now. Call it before that changes. */
  take(placed: Placed): void {
    if (placed.slot >= 0) this.#steps[placed.slot] = null
    placed.slot = -1
    if (placed.isOut) this.tombstone(placed)
    placed.isOut = false
  }

  /** Alerts that may not have left, though they are stored. */
  retell(alerts: Iterable<Alert>): void {
    for (const alert of alerts) this.#retold.set(alert.id, alert)
  }

  /** A step that the store may have is nowhere any more. */
  tombstone(placed: Placed): void {
    this.#gone.push({ row: rowOf(placed, true), after: this.#steps.length })
  }

  beat(row: HeartbeatRow): void {
    this.#heartbeats.push(row)
  }

  cover(what: Coverage): void {
    const id = idOf('coverage', what.tenant, what.what, what.workflowId ?? '', what.detector ?? '', what.detail)
    if (!this.#coverage.has(id)) this.#coverage.set(id, { ...what, id })
  }

  /** Everything put in since the last time. */
  empty(): Required<Pick<Commit, 'steps' | 'coverage' | 'retold' | 'heartbeats'>> {
    const steps = this.#gone.map(({ row }) => row)
    const leftAfter = new Map(this.#gone.map(({ row, after }) => [placeOf(row), after]))
    for (const [i, placed] of this.#steps.entries()) {
      if (placed === null) continue
      placed.slot = -1
      const row = rowOf(placed, false)
      // A thread may have a copy of its own of a step that left its chain since: what is said of a place last holds.
      placed.isOut = leftAfter.size === 0 || (leftAfter.get(placeOf(row)) ?? 0) <= i
      if (placed.isOut) steps.push(row)
    }
    const out = {
      steps,
      coverage: [...this.#coverage.values()],
      retold: [...this.#retold.values()],
      heartbeats: this.#heartbeats,
    }
    this.#retold.clear()
    this.#steps = []
    this.#gone = []
    this.#heartbeats = []
    this.#coverage.clear()
    return out
  }
}

const placeOf = ({ step: { event, attribution } }: StepRow): string =>
  `${attribution.workflowId}\u0000${event.source}\u0000${event.id}\u0000${event.at}\u0000${event.ns}`

const NONE: readonly string[] = []

function rowOf(placed: Placed, isGone: boolean): StepRow {
  const { threads, event, attribution, index, origin, arrivedAt, late, clockSkew } = placed
  return {
    step: { event, id: event.step_id ?? event.id, index, attribution },
    origin,
    arrivedAt,
    late,
    clockSkew,
    threads: isGone ? NONE : threads,
    isGone,
  }
}
