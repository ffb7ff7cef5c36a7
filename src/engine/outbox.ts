import type { Alert, Coverage } from '../core/index.ts'
import type { Commit, CoverageRow, HeartbeatRow, StepRow } from '../ports/index.ts'
import type { Placed } from './placed.ts'
import { idOf } from './sign.ts'

/** What is to go out with the next commit: steps that are new or stand elsewhere, heartbeats, and what could not be seen. */
export class Outbox {
  /** In the order put; null where a step was taken out again. */
  #steps: (Placed | null)[] = []
  #gone: StepRow[] = []
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
    if (placed.isOut) this.#gone.push(rowOf(placed, true))
    placed.isOut = false
  }

  /** Alerts that may not have left, though they are stored. */
  retell(alerts: Iterable<Alert>): void {
    for (const alert of alerts) this.#retold.set(alert.id, alert)
  }

  /** A step that the store may have is nowhere any more. */
  tombstone(placed: Placed): void {
    this.#gone.push(rowOf(placed, true))
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
    const steps = this.#gone
    for (const placed of this.#steps) {
      if (placed === null) continue
      placed.isOut = true
      placed.slot = -1
      steps.push(rowOf(placed, false))
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
