import { credentialOf, type Edge } from '../core/index.ts'
import type { EdgeRow } from '../ports/index.ts'
import type { HotChain } from './hot-chain.ts'
import { inUseBy } from './lineage.ts'
import type { Entry, Placed } from './track.ts'

const LOOK_BACK = 512

/**
 * The edges that end at a step: the step that caused it as the producer reported, the step that brought the credential
 * it uses, the hand-off that passed work to its agent, and else the step before it in time.
 */
export function edgesInto({ track, book }: HotChain, { event }: Placed): readonly EdgeRow[] {
  const at = track.indexOf(event)
  if (at < 0) return []
  const before = track.entries
    .slice(Math.max(0, at - LOOK_BACK), at)
    .filter(({ link, hidden }) => link === null && !hidden)
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
  const brought = credential === null ? undefined : before.findLast((entry) => brings(entry, credential))
  if (brought !== undefined)
    edges.push({
      from: stepId(brought),
      to,
      type: 'credential',
      grade: 'derived',
      rule: 'credential.id',
      confidence: 1,
    })
  const passed = before.findLast(
    ({ placed }) => placed.event.kind === 'handoff' && placed.event.handoff.to_agent?.id === event.agent?.id,
  )
  if (passed !== undefined && event.agent !== undefined && before.at(-1) === passed)
    edges.push({ from: stepId(passed), to, type: 'handoff', grade: 'derived', rule: 'handoff.to_agent', confidence: 1 })
  const previous = before.at(-1)
  if (edges.length === 0 && previous !== undefined)
    edges.push({ from: stepId(previous), to, type: 'next', grade: 'inferred', rule: 'time-order', confidence: 0.5 })
  return edges.map((edge) => ({ ...edge, tenant: book.tenant, workflowId: book.workflowId }))
}

const stepId = ({ placed }: Entry): string => placed.event.step_id ?? placed.event.id

const brings = ({ placed }: Entry, credential: string): boolean =>
  placed.event.kind !== 'tool_call' && credentialOf(placed.event) === credential
