import { setTimeout } from 'node:timers/promises'
import { type Command, Option } from 'commander'
import { frameJson } from '../../schemas/api/step.ts'
import { CatenaryError, firstHarm, type ReplayFrame, type Step } from '../core/index.ts'
import { replay } from '../engine/replay.ts'
import type { ThreadName } from '../ports/index.ts'
import { stepsInStore, threadStepsInStore } from '../service/stored-path.ts'
import { EXIT, EXIT_HELP, type Exit, type Io, printable } from './io.ts'
import { hintsOf, type PathSource, type SourceFlags, withPathSource } from './path-source.ts'
import { renderFrame } from './render-frame.ts'
import { readDetectorFile, withDetectors, withStore } from './settings.ts'

interface Flags extends SourceFlags {
  readonly json?: boolean
  readonly agent?: string
  readonly credential?: string
  readonly fromHarm?: boolean
  readonly detectorSettings?: string
  readonly until?: string
  readonly without?: readonly string[]
  readonly speed?: string
  readonly tenant: string
}

/** `catenary replay WORKFLOW [FILE…]` and `catenary replay --agent ID [FILE…]` */
export function addReplay(program: Command, io: Io, exit: Exit): void {
  const command = program
    .command('replay')
    .summary('walk a workflow’s or an agent’s path, step by step')
    .description(
      'Walks the path of a workflow, or of an agent through all its workflows, step by step: what each detector knew, what it ' +
        'found, and the chain’s score before and after every step. Reads the files given, else what is stored. Nothing stored ' +
        'is changed.',
    )
    .argument('[workflow]', 'the workflow id, as analyze prints it; left out with --agent')
    .argument('[file...]', 'the files that hold it; the data folder when there are none')
    .option('--agent <id>', 'the path of this agent through all its workflows')
    .option('--credential <id>', 'the path of this credential, in anybody’s hands')
    .option('--from-harm', 'begin at the first step with a finding of medium severity or more')
    .option(
      '--detector-settings <file>',
      'fold with these options of detectors (JSON, id → options) rather than those in force',
    )
    .option('--until <step>', 'stop after this step or event id')
    .addOption(new Option('--without <event...>', 'leave these events out, as if they had never come'))
    .option('--speed <n>', 'pace the output by event time, as 10x; as fast as it goes when left out')
    .option('--tenant <name>', 'whose workflow', 'default')
    .option('--json', 'one JSON object a step, as GET /v1/chains/{id}/replay sends it')
  withDetectors(withStore(command))
    .addHelpText('after', HELP)
    .action(async (workflow: string | undefined, files: string[], flags: Flags) => {
      await replayPath(workflow, files, flags, io)
      exit(EXIT.done)
    })
}

const HELP = `${EXIT_HELP}

Examples
  catenary replay wf-17 events.ndjson
  catenary replay wf-17 --data .catenary --speed 60x
  catenary replay wf-17 --without e5 --until e6
  catenary replay --agent billing-bot events.ndjson
  catenary replay wf-17 --from-harm --detector-settings stricter.json`

async function replayPath(workflow: string | undefined, files: readonly string[], flags: Flags, io: Io): Promise<void> {
  const speed = speedOf(flags.speed)
  const thread = threadOf(flags)
  if (workflow === undefined && thread === null)
    throw new CatenaryError('CAT_USAGE', 'give the workflow to replay, or --agent or --credential and an id')
  const all = thread === null || workflow === undefined ? files : [workflow, ...files]
  await withPathSource(all, flags, io, async (given) => {
    const source = await withSettings(given, flags.detectorSettings)
    const frames = upTo(
      thread === null ? await framesOf(source, flags, workflow ?? '') : await framesOfThread(source, flags, thread),
      flags.until,
    )
    const shown = flags.fromHarm === true ? fromHarm(frames) : frames
    await show(shown, { speed, isJson: flags.json === true, isOfThread: thread !== null }, io)
  })
}

/** The agent or the credential whose path it is, through all workflows; null for that of one workflow. */
function threadOf({ agent, credential }: Flags): ThreadName | null {
  if (agent !== undefined && credential !== undefined)
    throw new CatenaryError('CAT_USAGE', '--agent and --credential exclude each other; follow one of them')
  if (agent !== undefined) return { kind: 'agent', id: agent }
  return credential === undefined ? null : { kind: 'credential', id: credential }
}

/** The same with other options of detectors: what the path would look like under them. */
async function withSettings(source: PathSource, file: string | undefined): Promise<PathSource> {
  if (file === undefined) return source
  const { parts } = source
  const settings = { ...parts.settings, ...(await readDetectorFile(file, parts.detectors)) }
  return { ...source, parts: { ...parts, settings } }
}

function fromHarm(frames: readonly ReplayFrame[]): readonly ReplayFrame[] {
  const at = firstHarm(frames)
  if (at === null)
    throw new CatenaryError('CAT_USAGE', '--from-harm: no step of the path has a finding of medium or above')
  return frames.slice(at)
}

function speedOf(text: string | undefined): number | null {
  if (text === undefined) return null
  const speed = /^\d{1,9}(?:\.\d{1,3})?x?$/.test(text) ? Number.parseFloat(text) : 0
  if (speed > 0) return speed
  throw new CatenaryError('CAT_USAGE', `--speed ${text} is no speed; write it like 10x`)
}

async function framesOf(source: PathSource, flags: Flags, workflow: string): Promise<readonly ReplayFrame[]> {
  const steps = await stepsInStore(source.reader, flags.tenant, workflow)
  if (steps.length > 0) return folded(steps, source, flags)
  const { workflows } = await hintsOf(source, flags.tenant)
  throw new CatenaryError(
    'CAT_USAGE',
    `no workflow ${workflow} of tenant ${flags.tenant} in ${source.name}; ${workflows.length === 0 ? 'there is none' : `there are ${workflows.map(printable).join(', ')}, …`}`,
  )
}

/** Each chain of the agent or credential is folded whole; shown are its own steps, in order of time. */
async function framesOfThread(source: PathSource, flags: Flags, thread: ThreadName): Promise<readonly ReplayFrame[]> {
  const own = await threadStepsInStore(source.reader, flags.tenant, thread)
  if (own.length === 0) {
    const { agents } = await hintsOf(source, flags.tenant)
    const hint = agents.length === 0 ? 'there is no agent' : `there are ${agents.map(printable).join(', ')}, …`
    throw new CatenaryError(
      'CAT_USAGE',
      `no step of ${thread.kind} ${printable(thread.id)} of tenant ${flags.tenant} in ${source.name}${thread.kind === 'agent' ? `; ${hint}` : ''}`,
    )
  }
  const frames = new Map<string, ReplayFrame>()
  for (const workflow of new Set(own.map(({ attribution }) => attribution.workflowId)))
    for (const frame of folded(await stepsInStore(source.reader, flags.tenant, workflow), source, flags, true))
      frames.set(keyOf(frame.step), frame)
  missing(flags.without, (id) => own.some(({ event }) => event.id === id))
  return own.flatMap((step) => frames.get(keyOf(step)) ?? [])
}

const keyOf = ({ event }: Step): string => `${event.source}\u0000${event.id}`

function folded(
  steps: readonly Step[],
  { parts }: PathSource,
  { without = [] }: Flags,
  isOneOfMany = false,
): readonly ReplayFrame[] {
  if (!isOneOfMany) missing(without, (id) => steps.some(({ event }) => event.id === id))
  return [...replay(steps, parts, { without })]
}

function missing(without: readonly string[] = [], isThere: (id: string) => boolean): void {
  const unknown = without.find((id) => !isThere(id))
  if (unknown !== undefined) throw new CatenaryError('CAT_USAGE', `--without ${unknown}: the path has no such event`)
}

function upTo(frames: readonly ReplayFrame[], until: string | undefined): readonly ReplayFrame[] {
  if (until === undefined) return frames
  const at = frames.findIndex(({ step: { id, event } }) => id === until || event.id === until)
  if (at < 0) throw new CatenaryError('CAT_USAGE', `--until ${until}: the path has no such step or event`)
  return frames.slice(0, at + 1)
}

interface Showing {
  readonly speed: number | null
  readonly isJson: boolean
  readonly isOfThread: boolean
}

async function show(frames: readonly ReplayFrame[], { speed, isJson, isOfThread }: Showing, io: Io): Promise<void> {
  let last: number | null = null
  let workflow: string | null = null
  for (const frame of frames) {
    const { event, attribution } = frame.step
    if (speed !== null && last !== null) await wait((event.at - last) / speed, io)
    if (io.stop?.aborted === true) return
    if (isOfThread && !isJson && attribution.workflowId !== workflow)
      io.stdout.write(`in ${printable(attribution.workflowId)}\n`)
    last = event.at
    workflow = attribution.workflowId
    io.stdout.write(isJson ? `${JSON.stringify(frameJson(frame))}\n` : renderFrame(frame, io))
  }
}

const LONGEST_WAIT_MS = 2_147_483_647

const wait = (ms: number, { stop }: Io): Promise<void> =>
  setTimeout(Math.min(Math.max(0, ms), LONGEST_WAIT_MS), undefined, stop === undefined ? {} : { signal: stop }).catch(
    () => undefined,
  )
