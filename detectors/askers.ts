import { cite, type Evidence, type Step, type StepRef } from '../src/core/index.ts'
import { digest, refOf } from './evidence.ts'

const MAX_HANDOFFS = 8
const MAX_STEPS = 16
const MAX_HOPS = 4

/** One agent asked another: work handed off, or a call of which the other's steps are the children. */
interface Ask {
  readonly from: string
  readonly to: string
  readonly ref: StepRef
}

/** Who asked whom in a chain, by short names. Keeps 8 hand-offs and 16 steps that others may be children of. */
export interface Asks {
  readonly handoffs: readonly Ask[]
  readonly steps: readonly { readonly step: string; readonly agent: string; readonly ref: StepRef }[]
}

export const NOBODY_ASKED: Asks = { handoffs: [], steps: [] }

/** How an agent came to do something: the steps by which another asked it to, from the first. */
export interface Asked {
  readonly by: string
  readonly path: readonly StepRef[]
  /** The asker waits for what comes of it. */
  readonly isCall: boolean
}

/** Takes in a hand-off, or a step that others may be children of. */
export function listen(asks: Asks, step: Step): Asks {
  const { event } = step
  const from = event.agent?.id
  if (from === undefined || event.outcome !== 'success') return asks
  if (event.kind === 'handoff') {
    const to = event.handoff.to_agent?.id
    if (to === undefined || to === from) return asks
    const ask = { from: digest(from), to: digest(to), ref: refOf(step) }
    const others = asks.handoffs.filter((one) => one.from !== ask.from || one.to !== ask.to)
    return { ...asks, handoffs: [...others, ask].slice(-MAX_HANDOFFS) }
  }
  if (event.kind !== 'tool_call' || event.step_id === undefined) return asks
  const one = { step: digest(step.id), agent: digest(from), ref: refOf(step) }
  return { ...asks, steps: [...asks.steps.filter(({ step: id }) => id !== one.step), one].slice(-MAX_STEPS) }
}

/** Everyone who asked, directly or through others, for what the agent of a step does. The nearest first. */
export function askersOf(asks: Asks, { event }: Step): readonly Asked[] {
  const agent = event.agent?.id
  if (agent === undefined) return []
  const me = digest(agent)
  const found: Asked[] = []
  const parent = event.parent_step_id === undefined ? null : digest(event.parent_step_id)
  const caller = asks.steps.find(({ step, agent: who }) => step === parent && who !== me)
  if (caller !== undefined) found.push({ by: caller.agent, path: [caller.ref], isCall: true })
  const start: Asked[] = [{ by: me, path: [], isCall: false }, ...found]
  for (const from of start) {
    for (let at = from, hops = 0; hops < MAX_HOPS; hops += 1) {
      const before = asks.handoffs.findLast(({ to, from: who }) => to === at.by && who !== me && who !== at.by)
      if (before === undefined || at.path.includes(before.ref)) break
      at = { by: before.from, path: [before.ref, ...at.path], isCall: at.isCall }
      found.push(at)
    }
  }
  return found
}

export const citeAsking = ({ path, isCall }: Asked): readonly Evidence[] =>
  path.map((ref) => cite(ref, isCall && path.length === 1 ? 'asked-by-call' : 'hand-off'))
