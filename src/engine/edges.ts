import { credentialOf, type Edge } from '../core/index.ts'
import type { EdgeRow } from '../ports/index.ts'
import type { Entry } from './entry.ts'
import type { HotChain } from './hot-chain.ts'
import { inUseBy } from './lineage.ts'
import type { Track } from './track.ts'

const LOOK_BACK = 64

/**
 * Adds the edges that end at the step of a position: from the step that caused it as the producer reported, the step that
 * brought the credential it uses, the hand-off that passed work to its agent, and else the step before it in time.
 */
export function edgesInto({ track, book }: HotChain, at: number, out: EdgeRow[]): void {
  const entry = track.entries[at]
  if (entry === undefined || entry.link !== null) return
  const { event } = entry.placed
  const to = event.step_id ?? event.id
  const known = out.length
  const add = (from: string, type: Edge['type'], grade: Edge['grade'], rule: string, confidence = 1): void => {
    out.push({ from, to, type, grade, rule, confidence, tenant: book.tenant, workflowId: book.workflowId })
  }
  if (event.parent_step_id !== undefined) add(event.parent_step_id, 'caused', 'reported', 'parent_step_id')
  const credential = inUseBy(event)
  const brought = credential === null ? null : before(track, at, (entry) => brings(entry, credential))
  if (brought !== null) add(stepId(brought), 'credential', 'derived', 'credential.id')
  const previous = before(track, at, isAny)
  if (previous !== null && isPassedTo(previous, event.agent?.id))
    add(stepId(previous), 'handoff', 'derived', 'handoff.to_agent')
  if (out.length === known && previous !== null) add(stepId(previous), 'next', 'inferred', 'time-order', 0.5)
}

/** The nearest step before a place that is asked for, among the last few; null when there is none. */
function before(track: Track, at: number, isWanted: (entry: Entry) => boolean): Entry | null {
  for (let i = at - 1; i >= 0 && i >= at - LOOK_BACK; i -= 1) {
    const entry = track.entries[i]
    if (entry !== undefined && entry.link === null && !entry.hidden && isWanted(entry)) return entry
  }
  return null
}

const isAny = (): boolean => true

const isPassedTo = ({ placed: { event } }: Entry, agent: string | undefined): boolean =>
  agent !== undefined && event.kind === 'handoff' && event.handoff.to_agent?.id === agent

const stepId = ({ placed }: Entry): string => placed.event.step_id ?? placed.event.id

const brings = ({ placed }: Entry, credential: string): boolean =>
  placed.event.kind !== 'tool_call' && credentialOf(placed.event) === credential
