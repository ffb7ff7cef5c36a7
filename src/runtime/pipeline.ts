import type { Engine } from '../engine/engine.ts'
import { idOf } from '../engine/sign.ts'
import type { Arrival, ChainStore, Commit, RejectedRow } from '../ports/index.ts'

export interface PipelineParts {
  readonly engine: Engine
  readonly store: Pick<ChainStore, 'save'>
  /** Milliseconds since the epoch on the arrival clock. */
  readonly clock: () => number
  /** Events folded before a commit is saved. */
  readonly maxBatch: number
  /** Takes a decoded, refused record; null text where it could not be kept. Secrets are replaced by then. */
  readonly rawOf: (raw: Uint8Array | null) => string | null
}

export type Verdict = 'accepted' | 'duplicate' | 'rejected'

export interface PipelineCounts {
  readonly events: number
  readonly duplicates: number
  readonly rejected: number
}

/** Reads, folds, saves. What `ingest` resolved for is stored; a failed save is retried by the next one, whole. */
export interface Pipeline {
  /** Folds records in order and saves what they changed. Resolves when the store has it. */
  ingest(arrivals: readonly Arrival[]): Promise<readonly Verdict[]>
  /** Moves the watermark on at the end of input, and saves what that changed. */
  finish(until?: number): Promise<void>
  onCommit(listener: (commit: Commit) => void): () => void
  readonly counts: PipelineCounts
}

/** One writer: calls are queued, so that batches are folded and saved in the order they came. */
export function createPipeline({ engine, store, clock, maxBatch, rawOf }: PipelineParts): Pipeline {
  const counts = { events: 0, duplicates: 0, rejected: 0 }
  const listeners = new Set<(commit: Commit) => void>()
  let queue: Promise<unknown> = Promise.resolve()
  let unsaved: Commit[] = []
  let rejected: RejectedRow[] = []

  async function save(): Promise<void> {
    unsaved.push({ ...engine.drain(), rejected })
    rejected = []
    while (unsaved.length > 0) {
      const [commit] = unsaved as [Commit]
      await store.save(commit)
      unsaved = unsaved.slice(1)
      for (const listener of listeners) listener(commit)
    }
  }

  function fold(arrival: Arrival): Verdict {
    if (!arrival.ok) {
      const { reason, path, message, origin, tenant } = arrival
      const raw = rawOf(arrival.raw)
      const id = idOf('rejected', origin.file, origin.line, reason, path, raw ?? message)
      rejected.push({ id, tenant, reason, path, message, origin, at: clock(), raw })
      counts.rejected += 1
      return 'rejected'
    }
    const verdict = engine.accept(arrival.event, { origin: arrival.origin, arrivedAt: clock() })
    if (verdict === 'accepted') counts.events += 1
    else counts.duplicates += 1
    return verdict
  }

  async function take(arrivals: readonly Arrival[]): Promise<readonly Verdict[]> {
    const verdicts: Verdict[] = []
    for (let at = 0; at < arrivals.length; at += maxBatch) {
      for (const arrival of arrivals.slice(at, at + maxBatch)) verdicts.push(fold(arrival))
      await save()
    }
    return verdicts
  }

  function queued<T>(work: () => Promise<T>): Promise<T> {
    const turn = queue.then(work, work)
    queue = turn.catch(() => undefined)
    return turn
  }

  return {
    counts,
    ingest: (arrivals) => queued(() => take(arrivals)),
    finish: (until) =>
      queued(async () => {
        engine.finish(until)
        await save()
      }),
    onCommit(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
