import { credentialOf, type Edge } from '../core/index.ts'
import type { EdgeRow } from '../ports/index.ts'
import type { HotChain } from './hot-chain.ts'
import { inUseBy } from './lineage.ts'
import type { Entry, Placed, Track } from './track.ts'

const LOOK_BACK = 128

/**
 * The edges that end at a step: the step that caused it as the producer reported, the step that brought the credential
 * it uses, the hand-off that passed work to its agent, and else the step before it in time.
 */
export function edgesInto({ track, book }: HotChain, { event }: Placed): readonly EdgeRow[] {
  const at = track.indexOf(event)
  if (at < 0) return []
  const to = event.step_id ?? event.id
  const edges: Edge[] = []
  if (event.parent_step_id !== undefined)
    edges.push({
      from: event.parent_step_id,
      to,
      type: 'caused',
      grade: 'reported',
      rule: 'parent_step_id',
      confidence: 1,
    })
  const credential = inUseBy(event)
  const brought = credential === null ? null : before(track, at, LOOK_BACK, (entry) => brings(entry, credential))
  if (brought !== null)
    edges.push({
      from: stepId(brought),
      to,
      type: 'credential',
      grade: 'derived',
      rule: 'credential.id',
      confidence: 1,
    })
  const previous = before(track, at, LOOK_BACK, () => true)
  if (previous !== null && isPassedTo(previous, event.agent?.id))
    edges.push({
      from: stepId(previous),
      to,
      type: 'handoff',
      grade: 'derived',
      rule: 'handoff.to_agent',
      confidence: 1,
    })
  if (edges.length === 0 && previous !== null)
    edges.push({ from: stepId(previous), to, type: 'next', grade: 'inferred', rule: 'time-order', confidence: 0.5 })
  return edges.map((edge) => ({ ...edge, tenant: book.tenant, workflowId: book.workflowId }))
}

/** The nearest step before a place that is asked for, among the last `most`; null when there is none. */
function before(track: Track, at: number, most: number, isWanted: (entry: Entry) => boolean): Entry | null {
  for (let i = at - 1; i >= 0 && i >= at - most; i -= 1) {
    const entry = track.entries[i]
    if (entry !== undefined && entry.link === null && !entry.hidden && isWanted(entry)) return entry
  }
  return null
}

const isPassedTo = ({ placed: { event } }: Entry, agent: string | undefined): boolean =>
  agent !== undefined && event.kind === 'handoff' && event.handoff.to_agent?.id === agent

const stepId = ({ placed }: Entry): string => placed.event.step_id ?? placed.event.id

const brings = ({ placed }: Entry, credential: string): boolean =>
  placed.event.kind !== 'tool_call' && credentialOf(placed.event) === credential
