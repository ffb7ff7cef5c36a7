import type { Step } from '../core/index.ts'
import type { EdgeRow } from '../ports/index.ts'

/**
 * The edges of a chain that still hold between its steps as they stand, which are given in event-time order. The store keeps
 * every edge that was ever drawn; a step that came late, moved or became one with its call leaves some behind: a `next` or a
 * hand-off over a step that now lies between, a credential brought anew since, an end that is gone. A step that lost what
 * led to it follows the one before it in time.
 */
export function standingEdges(steps: readonly Step[], edges: readonly EdgeRow[]): readonly EdgeRow[] {
  const moments = momentsOf(steps)
  const standing = withoutOlderCredentials(
    edges.filter((edge) => stands(edge, moments)),
    moments,
  )
  const isLed = new Set(standing.flatMap(({ to, type }) => (type === 'next' ? [] : [to])))
  const kept = standing.filter(({ to, type }) => type !== 'next' || !isLed.has(to))
  return [...kept, ...missingNext(steps, new Set(kept.map(({ to }) => to)), moments)]
}

/** Which of the distinct times of the chain, counted from 0, each step has, by its id. */
function momentsOf(steps: readonly Step[]): ReadonlyMap<string, number> {
  const moments = new Map<string, number>()
  let moment = -1
  let before: Step | undefined
  for (const step of steps) {
    if (before?.event.at !== step.event.at || before.event.ns !== step.event.ns) moment += 1
    before = step
    if (!moments.has(step.id)) moments.set(step.id, moment)
  }
  return moments
}

/** A step that the producer names as the cause need not have been seen; which of equal times is first is not asked. */
function stands({ from, to, type, rule }: EdgeRow, moments: ReadonlyMap<string, number>): boolean {
  const end = moments.get(to)
  if (end === undefined) return false
  if (rule === 'parent_step_id') return true
  const start = moments.get(from)
  if (start === undefined || start > end) return false
  return (type !== 'next' && type !== 'handoff') || end - start <= 1
}

function withoutOlderCredentials(edges: readonly EdgeRow[], moments: ReadonlyMap<string, number>): readonly EdgeRow[] {
  const latest = new Map<string, number>()
  for (const { from, to, type } of edges)
    if (type === 'credential') latest.set(to, Math.max(latest.get(to) ?? 0, moments.get(from) ?? 0))
  return edges.filter(({ from, to, type }) => type !== 'credential' || moments.get(from) === latest.get(to))
}

function missingNext(
  steps: readonly Step[],
  isLed: ReadonlySet<string>,
  moments: ReadonlyMap<string, number>,
): readonly EdgeRow[] {
  const found = new Map<string, EdgeRow>()
  let earlier: Step | undefined
  let before: Step | undefined
  for (const step of steps) {
    if (before !== undefined && moments.get(before.id) !== moments.get(step.id)) earlier = before
    before = step
    if (earlier === undefined || isLed.has(step.id) || found.has(step.id) || earlier.id === step.id) continue
    const { event, attribution } = step
    const where = { tenant: event.tenant, workflowId: attribution.workflowId }
    const how = { type: 'next', grade: 'inferred', rule: 'time-order', confidence: 0.5 } as const
    found.set(step.id, { from: earlier.id, to: step.id, ...how, ...where })
  }
  return [...found.values()]
}
