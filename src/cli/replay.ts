import { setTimeout } from 'node:timers/promises'
import { type Command, Option } from 'commander'
import { frameJson } from '../../schemas/api/step.ts'
import { flowJson } from '../../schemas/api/walk.ts'
import { CatenaryError, type Flow, firstHarm, type ReplayFrame } from '../core/index.ts'
import type { ThreadName } from '../ports/index.ts'
import { EXIT, EXIT_HELP, type Exit, type Io, printable } from './io.ts'
import { type PathSource, type SourceFlags, tenantOf, withPathSource } from './path-source.ts'
import { renderAuthority, renderFlow, renderFrame } from './render-frame.ts'
import { compareWith } from './replay-against.ts'
import { type Cut, type Path, pathOfThread, pathOfWorkflow } from './replay-frames.ts'
import { withService } from './service-client.ts'
import { readDetectorFile, withDetectors, withStore } from './settings.ts'

interface Flags extends Omit<SourceFlags, 'tenant'>, Cut {
  readonly json?: boolean
  readonly agent?: string
  readonly credential?: string
  readonly fromHarm?: boolean
  readonly detectorSettings?: string
  readonly forward?: boolean
  readonly against?: string
  readonly speed?: string
}

/** `catenary replay WORKFLOW [FILE…]` and `catenary replay --agent ID [FILE…]` */
export function addReplay(program: Command, io: Io, exit: Exit): void {
  const command = program
    .command('replay')
    .summary('walk a workflow’s or an agent’s path, step by step')
    .description(
      'Walks the path of a workflow, or of an agent through all its workflows, step by step: what each detector knew, what it ' +
        'found, and the chain’s score before and after every step. Reads the files given, else what a service that is named or the data folder has stored. Nothing stored ' +
        'is changed.',
    )
    .argument('[workflow]', 'the workflow id, as analyze prints it; left out with --agent')
    .argument('[file...]', 'the files that hold it; a service that is named, or the data folder, when there are none')
    .option('--agent <id>', 'the path of this agent through all its workflows')
    .option('--credential <id>', 'the path of this credential, in anybody’s hands')
    .option('--from-harm', 'begin at the first step with a finding of medium severity or more')
    .option(
      '--detector-settings <file>',
      'fold with these options of detectors (JSON, id → options) rather than those in force',
    )
    .option('--from <step>', 'follow what came of this step or event, through every workflow that it led to')
    .addOption(new Option('--forward', 'with --from: what came of it; the default').conflicts('back'))
    .option('--back', 'with --from: what led to it')
    .option('--until <step>', 'stop after this step or event id')
    .addOption(new Option('--without <event...>', 'leave these events out, as if they had never come'))
    .option(
      '--against <revision>',
      'beside it, what this git revision of the checkout makes of the same path: where score and findings differ; needs files',
    )
    .option('--speed <n>', 'pace the output by event time, as 10x; as fast as it goes when left out')
    .option('--tenant <name>', 'whose workflow', 'default')
    .option('--json', 'one JSON object a step, as GET /v1/chains/{id}/replay sends it')
  withService(withDetectors(withStore(command)))
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
  catenary replay wf-17 --from e3 --forward events.ndjson
  catenary replay wf-17 --from e5 --back
  catenary replay wf-17 --against v0.1.0 events.ndjson
  catenary replay wf-17 --profile prod
  catenary replay --agent billing-bot events.ndjson
  catenary replay wf-17 --from-harm --detector-settings stricter.json`

async function replayPath(workflow: string | undefined, files: readonly string[], flags: Flags, io: Io): Promise<void> {
  const speed = speedOf(flags.speed)
  const thread = threadOf(flags)
  if (workflow === undefined && thread === null)
    throw new CatenaryError('CAT_USAGE', 'give the workflow to replay, or --agent or --credential and an id')
  if (flags.from === undefined && (flags.forward === true || flags.back === true))
    throw new CatenaryError('CAT_USAGE', '--forward and --back go from a step; name it with --from')
  const all = thread === null || workflow === undefined ? files : [workflow, ...files]
  if (flags.against !== undefined && (thread !== null || flags.from !== undefined || all.length === 0))
    throw new CatenaryError(
      'CAT_USAGE',
      '--against compares the path of one workflow in files: another revision cannot read what this one has stored',
    )
  await withPathSource(all, flags, io, async (given) => {
    const source = await withSettings(given, flags.detectorSettings)
    const cut = { ...flags, tenant: tenantOf(source, flags.tenant) }
    const path =
      thread === null ? await pathOfWorkflow(source, cut, workflow ?? '') : await pathOfThread(source, cut, thread)
    const shown = flags.fromHarm === true ? { ...path, frames: fromHarm(path.frames) } : path
    if (flags.against === undefined)
      return show(
        shown,
        { speed, isJson: flags.json === true, isOfThread: thread !== null || flags.from !== undefined },
        io,
      )
    return compareWith(shown.frames, { revision: flags.against, workflow: workflow ?? '', files: all, flags }, io)
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

interface Showing {
  readonly speed: number | null
  readonly isJson: boolean
  readonly isOfThread: boolean
}

async function show({ frames, flows }: Path, { speed, isJson, isOfThread }: Showing, io: Io): Promise<void> {
  let last: number | null = null
  let workflow: string | null = null
  let authority = ''
  for (const frame of frames) {
    const { event, attribution } = frame.step
    if (speed !== null && last !== null) await wait((event.at - last) / speed, io)
    if (io.stop?.aborted === true) return
    if (isOfThread && !isJson && attribution.workflowId !== workflow)
      io.stdout.write(`in ${printable(attribution.workflowId)}\n`)
    last = event.at
    workflow = attribution.workflowId
    for (const flow of flows.filter((one) => isInto(one, frame)))
      io.stdout.write(isJson ? `${JSON.stringify(flowJson(flow))}\n` : renderFlow(flow, io))
    if (isJson) io.stdout.write(`${JSON.stringify(frameJson(frame))}\n`)
    else {
      const held = renderAuthority(frame, io)
      io.stdout.write(renderFrame(frame, io) + (held === authority ? '' : held))
      authority = held
    }
  }
}

const isInto = ({ to }: Flow, { step }: ReplayFrame): boolean =>
  to.stepId === step.id && to.workflowId === step.attribution.workflowId

const LONGEST_WAIT_MS = 2_147_483_647

const wait = (ms: number, { stop }: Io): Promise<void> =>
  setTimeout(Math.min(Math.max(0, ms), LONGEST_WAIT_MS), undefined, stop === undefined ? {} : { signal: stop }).catch(
    () => undefined,
  )
