import type { Step } from '../core/index.ts'
import type { CheckpointRow } from '../ports/index.ts'
import { compareOrder, orderOf } from './order.ts'
import { checkpointText, knownBy } from './packing.ts'
import { arm, type EngineParts, type Limits } from './parts.ts'
import { readersOf } from './readers.ts'
import type { Track } from './track.ts'

/** One that is longer is not stored: who takes the thread back folds its steps. */
const MAX_CHARS = 1024 * 1024

/**
 * What is to be stored of long-lived threads: of agents, whose steps would else be read back one and all, and whose habits
 * would be forgotten with them. Only what is sealed goes in, which no later event changes.
 */
export function checkpointsOf(threads: Iterable<Track>, { checkpointEvery }: Limits): readonly CheckpointRow[] {
  const rows: CheckpointRow[] = []
  for (const thread of threads) {
    const { id, key, sealedUntil, baseLength, checkpointed, folder } = thread
    if (id.kind !== 'agent' || sealedUntil === null || baseLength - checkpointed < checkpointEvery) continue
    const state = checkpointText(thread)
    thread.checkpointed = baseLength
    if (state.length > MAX_CHARS) continue
    rows.push({ tenant: id.tenant, thread: key, until: sealedUntil.at, readers: folder.readers.key, state })
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
  const { armed, key } = readersOf(arm(parts)).agent
  const slot = armed.findIndex((one) => one.detector.id === detector)
  const known = row.readers === key && slot >= 0 ? knownBy(row.state, slot) : null
  return known === null
    ? null
    : { state: known.state, holds: ({ event }) => compareOrder(orderOf(event), known.until) <= 0 }
}
