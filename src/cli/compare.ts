import type { Command } from 'commander'
import { runComparisonJson } from '../../schemas/api/comparison.ts'
import { CatenaryError, COMPARED, type ReplayFrame, type RunComparison, type RunStep } from '../core/index.ts'
import { replay } from '../engine/replay.ts'
import { compareRuns, MAX_COMPARED } from '../response/compare-runs.ts'
import { stepsInStore } from '../service/stored-path.ts'
import { EXIT, EXIT_HELP, type Exit, type Io, printable } from './io.ts'
import { hintsOf, type PathSource, type SourceFlags, withPathSource } from './path-source.ts'
import { paintFor } from './render.ts'
import { withDetectors, withStore } from './settings.ts'

interface Flags extends SourceFlags {
  readonly json?: boolean
  readonly tenant: string
}

/** `catenary compare WORKFLOW OTHER [FILE…]` */
export function addCompare(program: Command, io: Io, exit: Exit): void {
  const command = program
    .command('compare')
    .summary('set two runs of a task side by side: where they part, what one did that the other did not')
    .description(
      'Replays two workflows and aligns their steps: those that do the same in the same order are one line, the others stand ' +
        'alone. Then says which agents, tools, resources, zones, scopes, credentials and destinations one had and the other had ' +
        'not. Reads the files given, else what is stored.',
    )
    .argument('<workflow>', 'a run: its workflow id')
    .argument('<other>', 'another run of the same task')
    .argument('[file...]', 'the files that hold them; the data folder when there are none')
    .option('--tenant <name>', 'whose workflows', 'default')
    .option('--json', 'one JSON object, as GET /v1/chains/{id}/compare sends it')
  withDetectors(withStore(command))
    .addHelpText('after', HELP)
    .action(async (workflow: string, other: string, files: string[], flags: Flags) => {
      await withPathSource(files, flags, io, async (source) => {
        const left = await framesOf(source, flags.tenant, workflow)
        const right = await framesOf(source, flags.tenant, other)
        const comparison = compareRuns(left, right)
        const runs = [
          { workflowId: workflow, frames: left },
          { workflowId: other, frames: right },
        ] as const
        if (flags.json === true)
          io.stdout.write(`${JSON.stringify(runComparisonJson(flags.tenant, runs, comparison))}\n`)
        else print([workflow, other], comparison, io)
      })
      exit(EXIT.done)
    })
}

const HELP = `${EXIT_HELP}

Examples
  catenary compare wf-17 wf-16 events.ndjson
  catenary compare wf-17 wf-16 --data .catenary --json`

async function framesOf(source: PathSource, tenant: string, workflow: string): Promise<readonly ReplayFrame[]> {
  const steps = await stepsInStore(source.reader, tenant, workflow)
  if (steps.length > 0) return replay(steps, source.parts)
  const { workflows } = await hintsOf(source, tenant)
  throw new CatenaryError(
    'CAT_USAGE',
    `no workflow ${workflow} of tenant ${tenant} in ${source.name}; ${workflows.length === 0 ? 'there is none' : `there are ${workflows.map(printable).join(', ')}, …`}`,
  )
}

const MARKS = { same: '=', differs: '~', 'only-left': '<', 'only-right': '>' } as const

function print([left, right]: readonly [string, string], { steps, partAt, only, isCut }: RunComparison, io: Io): void {
  const paint = paintFor(io)
  io.stdout.write(`< ${printable(left)}   > ${printable(right)}\n`)
  io.stdout.write(partAt === null ? 'they do the same, step by step\n' : `they part at line ${partAt + 1}\n`)
  for (const [i, { how, left: one, right: other, differs }] of steps.entries()) {
    const head = `${String(i + 1).padStart(4)} ${MARKS[how]} `
    const both = [one, other].flatMap((step) => step ?? [])
    const line = `${head}${both.map(({ label }) => printable(label)).join('  |  ')}${differs.length === 0 ? '' : `  (${differs.join(', ')})`}`
    const first = both[0]
    if (how === 'same' && first !== undefined) io.stdout.write(`${paint.dim(`${head}${printable(first.label)}`)}\n`)
    else io.stdout.write(`${line}\n`)
    for (const step of both) for (const text of foundIn(step)) io.stdout.write(paint.red(`         ${text}\n`))
  }
  for (const name of COMPARED)
    for (const [mark, values] of [
      ['<', only[name].left],
      ['>', only[name].right],
    ] as const)
      if (values.length > 0) io.stdout.write(`${mark} only ${name}: ${values.map(printable).join(', ')}\n`)
  if (isCut) io.stdout.write(`the first ${MAX_COMPARED.toLocaleString('en')} steps of each\n`)
}

const foundIn = ({ findings, score }: RunStep): readonly string[] =>
  findings.map(({ detector, severity, summary }) => `● ${severity} ${detector}: ${printable(summary)} (score ${score})`)
