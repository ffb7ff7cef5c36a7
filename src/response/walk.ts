import {
  credentialOf,
  type Direction,
  type Edge,
  type Flow,
  type Grade,
  parentCredentialOf,
  type Step,
  type StepName,
  type Walk,
} from '../core/index.ts'
import { type ChainReader, standingIn } from '../ports/index.ts'
import { standingEdges } from './standing-edges.ts'

export interface WalkStart extends StepName {
  readonly tenant: string
  readonly direction: Direction
  /** The most steps that are walked. */
  readonly most: number
}

type Reader = Pick<ChainReader, 'chain' | 'edges' | 'steps' | 'stepsOfThread'>

/** Chains that one walk goes into. */
const MAX_CHAINS = 100
/** Steps of a credential that are looked through for the next chain. */
const MAX_OF_CREDENTIAL = 2_000

/**
 * Follows what flowed from a step, or to it, through its workflow and into others: along the edges of each chain, with credentials
 * into whatever chain they were seen in, and into workflows that were started. `stepId` may be that of the event too. Null where the
 * workflow has no such step.
 */
export async function walk(reader: Reader, start: WalkStart): Promise<Walk | null> {
  const walker = new Walker(reader, start)
  const first = (await walker.chain(start.workflowId)).steps.find(
    ({ id, event }) => id === start.stepId || event.id === start.stepId,
  )
  return first === undefined ? null : walker.from(first)
}

interface Known {
  readonly steps: readonly Step[]
  readonly byId: ReadonlyMap<string, Step>
  /** By the step that they are followed from. */
  readonly edges: ReadonlyMap<string, readonly Edge[]>
  readonly linked: readonly { readonly workflowId: string; readonly relation: string; readonly grade: Grade }[]
}

/** A flow, and the step at its far end. */
type Reached = readonly [Flow, Step]

class Walker {
  readonly #reader: Reader
  readonly #start: WalkStart
  readonly #chains = new Map<string, Known>()
  readonly #credentials = new Set<string>()
  #isCut = false

  constructor(reader: Reader, start: WalkStart) {
    this.#reader = reader
    this.#start = start
  }

  /** The end of an edge that is come from, and the one that is gone to. */
  get #ends(): readonly ['from', 'to'] | readonly ['to', 'from'] {
    return this.#start.direction === 'forward' ? ['from', 'to'] : ['to', 'from']
  }

  async from(start: Step): Promise<Walk> {
    const { direction, most } = this.#start
    const reached = new Map([[keyOf(start), start]])
    const flows = new Map<string, Flow>()
    const open = [start]
    for (let step = open.shift(); step !== undefined; step = open.shift()) {
      for (const [flow, next] of [...(await this.#inChain(step)), ...(await this.#over(step))]) {
        const key = keyOf(next)
        const isNew = !reached.has(key)
        if (isNew && reached.size >= most) {
          this.#isCut = true
          continue
        }
        flows.set(JSON.stringify([flow.from, flow.to, flow.type]), flow)
        if (!isNew) continue
        reached.set(key, next)
        open.push(next)
      }
      // What is nearest in time first, so that a credential is followed from where it was first met.
      open.sort((a, b) => (direction === 'forward' ? inTime(a, b) : inTime(b, a)))
    }
    return {
      direction,
      start,
      steps: [...reached.values()].sort(inTime),
      flows: [...flows.values()],
      isCut: this.#isCut,
    }
  }

  async chain(workflowId: string): Promise<Known> {
    const known = this.#chains.get(workflowId)
    if (known !== undefined) return known
    if (this.#chains.size >= MAX_CHAINS) {
      this.#isCut = true
      return NOTHING
    }
    const { tenant, most } = this.#start
    const [{ rows, isCut }, edges, chain] = await Promise.all([
      standingIn((page) => this.#reader.steps(tenant, workflowId, page), most),
      this.#reader.edges(tenant, workflowId),
      this.#reader.chain(tenant, workflowId),
    ])
    if (isCut) this.#isCut = true
    const steps = rows.map(({ step }) => step)
    const read = {
      steps,
      // The first of those with one id counts.
      byId: new Map(steps.toReversed().map((step) => [step.id, step])),
      edges: groupedBy(standingEdges(steps, edges), this.#ends[0]),
      linked: chain?.links ?? [],
    }
    this.#chains.set(workflowId, read)
    return read
  }

  async #inChain(step: Step): Promise<readonly Reached[]> {
    const { workflowId } = step.attribution
    const { byId, edges } = await this.chain(workflowId)
    const [here, there] = this.#ends
    return (edges.get(step.id) ?? []).flatMap((edge): readonly Reached[] => {
      const next = byId.get(edge[there])
      if (next === undefined) return []
      const { type, grade, rule, confidence } = edge
      const [from, to] = here === 'from' ? [step, next] : [next, step]
      return [[flowOf(from, to, { type, grade, rule, confidence }), next]]
    })
  }

  /** Into other chains: by its credentials, and by what it started or what started it. */
  async #over(step: Step): Promise<readonly Reached[]> {
    const found: Reached[] = []
    for (const credential of namedBy(step)) found.push(...(await this.#withCredential(step, credential)))
    return [...found, ...(await this.#started(step))]
  }

  async #withCredential(step: Step, credential: string): Promise<readonly Reached[]> {
    if (this.#credentials.has(credential)) return []
    this.#credentials.add(credential)
    const { tenant, direction } = this.#start
    const thread = { kind: 'credential', id: credential } as const
    const { rows, isCut } = await standingIn(
      (page) => this.#reader.stepsOfThread(tenant, thread, page),
      MAX_OF_CREDENTIAL,
    )
    if (isCut) this.#isCut = true
    const others = rows
      .map((row) => row.step)
      .filter((one) => one.attribution.workflowId !== step.attribution.workflowId && namedBy(one).includes(credential))
    const next =
      direction === 'forward'
        ? firstOfEach(others.filter((one) => inTime(step, one) < 0))
        : lastThatBrings(
            others.filter((one) => inTime(one, step) < 0),
            credential,
          )
    return next.map((one): Reached => {
      const [from, to] = direction === 'forward' ? [step, one] : [one, step]
      const rule = parentCredentialOf(to.event) === credential ? 'credential.parent_id' : 'credential.id'
      return [flowOf(from, to, { type: 'credential', rule, ...gradeOf(brings(from, credential)) }, credential), one]
    })
  }

  async #started(step: Step): Promise<readonly Reached[]> {
    const { workflowId } = step.attribution
    const { linked } = await this.chain(workflowId)
    const relation = this.#start.direction === 'forward' ? 'child' : 'parent'
    const found: Reached[] = []
    for (const link of linked) {
      if (link.relation !== relation) continue
      const [parent, child] = relation === 'child' ? [workflowId, link.workflowId] : [link.workflowId, workflowId]
      const to = (await this.chain(child)).steps[0]
      const from = to === undefined ? undefined : starterOf((await this.chain(parent)).steps, to)
      if (from === undefined || to === undefined || keyOf(relation === 'child' ? from : to) !== keyOf(step)) continue
      const isNamed = from.event.kind === 'handoff' && from.event.handoff.to_workflow_id === child
      const how = isNamed
        ? ({ type: 'handoff', grade: 'reported', rule: 'handoff.to_workflow_id', confidence: 1 } as const)
        : ({ type: 'caused', rule: 'parent_workflow_id', grade: link.grade, confidence: 1 } as const)
      found.push([flowOf(from, to, how), relation === 'child' ? to : from])
    }
    return found
  }
}

const NOTHING: Known = { steps: [], byId: new Map(), edges: new Map(), linked: [] }

function groupedBy(edges: readonly Edge[], end: 'from' | 'to'): ReadonlyMap<string, readonly Edge[]> {
  const groups = new Map<string, Edge[]>()
  for (const edge of edges) {
    const group = groups.get(edge[end])
    if (group === undefined) groups.set(edge[end], [edge])
    else group.push(edge)
  }
  return groups
}

/** The step of a parent that started the first step of its child: the hand-off that names it, else the last one before it. */
const starterOf = (steps: readonly Step[], first: Step): Step | undefined =>
  steps.find(
    ({ event }) => event.kind === 'handoff' && event.handoff.to_workflow_id === first.attribution.workflowId,
  ) ?? steps.findLast((one) => inTime(one, first) <= 0)

const firstOfEach = (steps: readonly Step[]): readonly Step[] => {
  const first = new Map<string, Step>()
  for (const step of steps) if (!first.has(step.attribution.workflowId)) first.set(step.attribution.workflowId, step)
  return [...first.values()]
}

/** The last that made the credential known, else the last that used it. */
function lastThatBrings(steps: readonly Step[], credential: string): readonly Step[] {
  const last = steps.findLast((one) => brings(one, credential)) ?? steps.at(-1)
  return last === undefined ? [] : [last]
}

const namedBy = ({ event }: Step): readonly string[] =>
  [credentialOf(event), parentCredentialOf(event)].flatMap((id) => id ?? [])

const brings = ({ event }: Step, credential: string): boolean =>
  event.kind !== 'tool_call' && credentialOf(event) === credential

const gradeOf = (isProved: boolean): Pick<Edge, 'grade' | 'confidence'> =>
  isProved ? { grade: 'derived', confidence: 1 } : { grade: 'inferred', confidence: 0.5 }

function flowOf(
  from: Step,
  to: Step,
  how: Pick<Edge, 'type' | 'grade' | 'rule' | 'confidence'>,
  credential: string | null = null,
): Flow {
  return { from: nameOf(from), to: nameOf(to), ...how, carries: credential ?? carriedBy(from, to, how.type) }
}

function carriedBy(from: Step, to: Step, type: Edge['type']): string | null {
  if (type === 'credential') return credentialOf(to.event)
  if (type === 'handoff') return to.event.agent?.id ?? null
  if (type === 'approval') return from.event.kind === 'approval' ? (from.event.approval.approval_id ?? null) : null
  return null
}

const nameOf = ({ id, attribution }: Step): StepName => ({ workflowId: attribution.workflowId, stepId: id })
const keyOf = ({ id, attribution }: Step): string => JSON.stringify([attribution.workflowId, id])

const inTime = (a: Step, b: Step): number =>
  a.event.at - b.event.at || a.event.ns - b.event.ns || a.index - b.index || (keyOf(a) < keyOf(b) ? -1 : 1)
