import type { Step } from '../core/index.ts'
import type { CheckpointRow } from '../ports/index.ts'
import { compareOrder, orderOf } from './order.ts'
import { checkpointText, knownBy } from './packing.ts'
import { arm, type EngineParts } from './parts.ts'
import { readersKey, readersOf } from './readers.ts'
import type { Track } from './track.ts'

/** One that is longer is not stored: who takes the thread back folds its steps. */
const MAX_CHARS = 1024 * 1024

/**
 * What is to be stored of long-lived threads: of agents, whose steps would else be read back one and all, and whose habits
 * would be forgotten with them. Only what is sealed goes in, which no later event changes.
 */
export function checkpointsOf(
  threads: Iterable<Track>,
  every: number,
  readers: () => string,
): readonly CheckpointRow[] {
  const rows: CheckpointRow[] = []
  for (const thread of threads) {
    const { id, key, sealedUntil, baseLength, checkpointed } = thread
    if (id.kind !== 'agent' || sealedUntil === null || baseLength - checkpointed < every) continue
    const state = checkpointText(thread)
    thread.checkpointed = baseLength
    if (state.length > MAX_CHARS) continue
    rows.push({ tenant: id.tenant, thread: key, until: sealedUntil.at, readers: readers(), state })
  }
  return rows
}

/** What a detector knew of a thread, and which steps it knew it from. */
export interface Knowledge {
  readonly state: unknown
  holds(step: Step): boolean
}

/** What a detector knew by a checkpoint; null where other detectors or settings made it. */
export function knowledgeIn(row: CheckpointRow, parts: EngineParts, detector: string): Knowledge | null {
  const { agent } = readersOf(arm(parts))
  const slot = agent.armed.findIndex((one) => one.detector.id === detector)
  const known = slot >= 0 && row.readers === readersKey(agent) ? knownBy(row.state, slot) : null
  return known === null
    ? null
    : { state: known.state, holds: ({ event }) => compareOrder(orderOf(event), known.until) <= 0 }
}
