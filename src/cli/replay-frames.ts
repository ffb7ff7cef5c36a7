import { withUses } from '../../detectors/grant-uses.ts'
import { CatenaryError, type Flow, type ReplayFrame, type Step } from '../core/index.ts'
import { replay } from '../engine/replay.ts'
import type { ThreadName } from '../ports/index.ts'
import { walk } from '../response/walk.ts'
import { stepsInStore, threadStepsInStore } from '../service/stored-path.ts'
import { printable } from './io.ts'
import { hintsOf, type PathSource } from './path-source.ts'

/** Which part of a path is shown, and how it is folded. */
export interface Cut {
  readonly tenant: string
  readonly until?: string
  readonly from?: string
  readonly back?: boolean
  readonly without?: readonly string[]
}

/** The frames of a path, and what flowed into its steps where that is known. */
export interface Path {
  readonly frames: readonly ReplayFrame[]
  readonly flows: readonly Flow[]
}

/** Steps that one walk shows. */
const MAX_WALKED = 10_000

/** The path of a workflow; from a step on, forward or back, through every workflow that it leads to or came from. Throws `CAT_USAGE`. */
export async function pathOfWorkflow(source: PathSource, cut: Cut, workflow: string): Promise<Path> {
  if (cut.from === undefined) return { frames: upTo(await framesOf(source, cut, workflow), cut.until), flows: [] }
  if (cut.until !== undefined)
    throw new CatenaryError(
      'CAT_USAGE',
      '--from and --until exclude each other in a workflow; --from with --back ends at a step',
    )
  const { reader } = source
  const direction = cut.back === true ? 'back' : 'forward'
  const start = { tenant: cut.tenant, workflowId: workflow, stepId: cut.from, direction, most: MAX_WALKED } as const
  const found = await walk(reader, start)
  if (found === null) {
    await framesOf(source, cut, workflow)
    throw new CatenaryError('CAT_USAGE', `--from ${cut.from}: the workflow has no such step or event`)
  }
  return { frames: await framesOfSteps(source, cut, found.steps), flows: found.flows }
}

/** The path of an agent or a credential through all workflows, or what comes of it from a step on, or up to it. Throws `CAT_USAGE`. */
export async function pathOfThread(source: PathSource, cut: Cut, thread: ThreadName): Promise<Path> {
  const frames = upTo(await framesOfThread(source, cut, thread), cut.until)
  if (cut.from === undefined) return { frames, flows: [] }
  const at = indexOf(frames, '--from', cut.from)
  return { frames: cut.back === true ? frames.slice(0, at + 1) : frames.slice(at), flows: [] }
}

async function framesOf(source: PathSource, flags: Cut, workflow: string): Promise<readonly ReplayFrame[]> {
  const steps = await stepsInStore(source.reader, flags.tenant, workflow)
  if (steps.length > 0) return folded(steps, source, flags)
  const { workflows } = await hintsOf(source, flags.tenant)
  throw new CatenaryError(
    'CAT_USAGE',
    `no workflow ${workflow} of tenant ${flags.tenant} in ${source.name}; ${workflows.length === 0 ? 'there is none' : `there are ${workflows.map(printable).join(', ')}, …`}`,
  )
}

/** Each chain of the agent or credential is folded whole; shown are its own steps, in order of time. */
async function framesOfThread(source: PathSource, flags: Cut, thread: ThreadName): Promise<readonly ReplayFrame[]> {
  const own = await threadStepsInStore(source.reader, flags.tenant, thread)
  if (own.length === 0) {
    const { agents } = await hintsOf(source, flags.tenant)
    const hint = agents.length === 0 ? 'there is no agent' : `there are ${agents.map(printable).join(', ')}, …`
    throw new CatenaryError(
      'CAT_USAGE',
      `no step of ${thread.kind} ${printable(thread.id)} of tenant ${flags.tenant} in ${source.name}${thread.kind === 'agent' ? `; ${hint}` : ''}`,
    )
  }
  return framesOfSteps(source, flags, own)
}

/** Each chain of the steps is folded whole; shown are the steps. */
async function framesOfSteps(source: PathSource, cut: Cut, own: readonly Step[]): Promise<readonly ReplayFrame[]> {
  const frames = new Map<string, ReplayFrame>()
  for (const workflow of new Set(own.map(({ attribution }) => attribution.workflowId)))
    for (const frame of folded(await stepsInStore(source.reader, cut.tenant, workflow), source, cut, true))
      frames.set(keyOf(frame.step), frame)
  missing(cut.without, (id) => own.some(({ event }) => event.id === id))
  return own.flatMap((step) => frames.get(keyOf(step)) ?? [])
}

const keyOf = ({ event }: Step): string => `${event.source}\u0000${event.id}`

function folded(
  steps: readonly Step[],
  { parts }: PathSource,
  { without = [] }: Cut,
  isOneOfMany = false,
): readonly ReplayFrame[] {
  if (!isOneOfMany) missing(without, (id) => steps.some(({ event }) => event.id === id))
  return withUses(replay(steps, parts, { without }))
}

function missing(without: readonly string[] = [], isThere: (id: string) => boolean): void {
  const unknown = without.find((id) => !isThere(id))
  if (unknown !== undefined) throw new CatenaryError('CAT_USAGE', `--without ${unknown}: the path has no such event`)
}

function upTo(frames: readonly ReplayFrame[], until: string | undefined): readonly ReplayFrame[] {
  if (until === undefined) return frames
  return frames.slice(0, indexOf(frames, '--until', until) + 1)
}

function indexOf(frames: readonly ReplayFrame[], flag: string, name: string): number {
  const at = frames.findIndex(({ step: { id, event } }) => id === name || event.id === name)
  if (at < 0) throw new CatenaryError('CAT_USAGE', `${flag} ${name}: the path has no such step or event`)
  return at
}
