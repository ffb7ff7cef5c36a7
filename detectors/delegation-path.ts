import {
  type AgentEvent,
  type AuthorizationDetail,
  type DelegationHop,
  detailsCover,
  labelOfDetail,
  type Step,
  type StepRef,
} from '../src/core/index.ts'
import { refOf } from './evidence.ts'
import { anyCovers } from './scope-order.ts'

/** Who passed work to whom in this chain, and whether the producer's paths end with the actor. */
export interface Passed {
  readonly handoffs: readonly { readonly from: string; readonly to: string; readonly ref: StepRef }[]
  readonly endsWithActor: boolean
}

export const NOTHING_PASSED: Passed = { handoffs: [], endsWithActor: false }

/** What is wrong with a path of authority. */
export interface Broken {
  readonly role: 'delegation-cycle' | 'missing-hop' | 'wider-hop'
  readonly says: string
  readonly from: StepRef | null
}

const MAX_HANDOFFS = 16

/** Takes in who passed work to whom. At 16 hand-offs the oldest is forgotten. */
export function pass(passed: Passed, step: Step): Passed {
  const { event } = step
  const path = event.delegation ?? []
  const endsWithActor = passed.endsWithActor || (path.length > 0 && isActor(path.at(-1), event))
  const [from, to] = event.kind === 'handoff' ? [event.agent?.id, event.handoff.to_agent?.id] : []
  if (from === undefined || to === undefined || from === to)
    return endsWithActor === passed.endsWithActor ? passed : { ...passed, endsWithActor }
  const others = passed.handoffs.filter((one) => one.from !== from || one.to !== to)
  return { handoffs: [...others, { from, to, ref: refOf(step) }].slice(-MAX_HANDOFFS), endsWithActor }
}

/** The producer's own path of authority: no actor twice, no hop left out, none with more than the one before it. */
export function brokenPath(passed: Passed, { event }: Step): Broken | null {
  const path = event.delegation
  if (path === undefined || path.length === 0) return null
  const ids = path.map(({ type, id }) => `${type}:${id}`)
  const again = ids.find((id, i) => ids.indexOf(id) !== i)
  if (again !== undefined)
    return { role: 'delegation-cycle', says: `the path of authority passes ${again} twice`, from: null }
  return widerHop(path) ?? missingHop(passed, path, event)
}

function widerHop(path: readonly DelegationHop[]): Broken | null {
  let scopesBefore: readonly string[] | undefined
  let detailsBefore: readonly AuthorizationDetail[] | undefined
  for (const { id, scopes, authorization_details: details } of path) {
    const [held, permitted] = [scopesBefore, detailsBefore]
    const extra = [
      ...(held === undefined ? [] : (scopes ?? []).filter((scope) => !anyCovers(held, scope))),
      ...(permitted === undefined
        ? []
        : (details ?? []).filter((one) => !detailsCover(permitted, one)).map(labelOfDetail)),
    ]
    if (extra.length > 0) {
      const says = `${id} holds ${extra.slice(0, 3).join(', ')}, which the hop before it did not`
      return { role: 'wider-hop', says, from: null }
    }
    scopesBefore = scopes ?? scopesBefore
    detailsBefore = details ?? detailsBefore
  }
  return null
}

/** The path leaves out the agent that passed the work on, or stops before its actor where other paths do not. */
function missingHop(
  { handoffs, endsWithActor }: Passed,
  path: readonly DelegationHop[],
  event: AgentEvent,
): Broken | null {
  const actor = event.agent?.id
  const last = path.at(-1)
  if (actor === undefined || last === undefined) return null
  const isWhole = isActor(last, event)
  if (!isWhole && endsWithActor && last.type === 'agent' && !handoffs.some(({ to }) => to === actor))
    return { role: 'missing-hop', says: `the path of authority ends at ${last.id}, and ${actor} acted`, from: null }
  const givers = handoffs.filter(({ to }) => to === actor)
  const giver = givers.at(-1)
  const before = isWhole ? path.at(-2) : last
  if (giver === undefined || before === undefined || givers.some(({ from }) => from === before.id)) return null
  // Only where the giver's own giver stands in its place is a hop left out; other paths may be of another hand-off.
  return handoffs.some(({ from, to }) => from === before.id && to === giver.from)
    ? {
        role: 'missing-hop',
        says: `${actor} got its work from ${giver.from}, which the path of authority leaves out`,
        from: giver.ref,
      }
    : null
}

const isActor = (hop: DelegationHop | undefined, { agent }: AgentEvent): boolean =>
  hop !== undefined &&
  agent !== undefined &&
  (hop.id === agent.id || hop.id === agent.name || hop.id === agent.workload_id)
