import type { Command } from 'commander'
import { containmentJson } from '../../schemas/api/response.ts'
import type { ContainmentAction } from '../core/index.ts'
import { blastRadius } from '../response/blast-radius.ts'
import { containmentPlan } from '../response/containment.ts'
import { EXIT, EXIT_HELP, type Exit, type Io, printable } from './io.ts'
import { withPathSource } from './path-source.ts'
import { paintFor } from './render.ts'
import { withStore } from './settings.ts'
import { dossierOf, type SubjectFlags, timeOf, withSubject } from './subject.ts'

interface Flags extends SubjectFlags {
  readonly json?: boolean
}

/** `catenary contain --alert ID [FILE…]` */
export function addContain(program: Command, io: Io, exit: Exit): void {
  const command = program
    .command('contain')
    .summary('list what to revoke after a compromise, in order, and what breaks')
    .description(
      'Lists what to stop, revoke, rotate and undo to contain a compromised workflow, agent or credential, in the order that ' +
        'leaves nothing to be made again, with who else uses each. Changes nothing anywhere.',
    )
    .argument('[file...]', 'the files that hold it; the data folder when there are none')
    .option('--json', 'one JSON object, as GET /v1/alerts/{id}/containment sends it')
  withStore(withSubject(command))
    .addHelpText('after', HELP)
    .action(async (files: string[], flags: Flags) => {
      const at = timeOf(flags)
      await withPathSource(files, flags, io, async (source) => {
        const dossier = await dossierOf(source, flags)
        const radius = blastRadius(dossier, at)
        const actions = containmentPlan(radius, dossier)
        if (flags.json === true) io.stdout.write(`${JSON.stringify(containmentJson(radius, actions))}\n`)
        else print(actions, io)
      })
      exit(EXIT.done)
    })
}

const HELP = `${EXIT_HELP}

Examples
  catenary contain --alert 3f9a --data .catenary
  catenary contain --agent billing-bot events.ndjson --json`

function print(actions: readonly ContainmentAction[], io: Io): void {
  const paint = paintFor(io)
  if (actions.length === 0) io.stdout.write('nothing is left to contain\n')
  for (const [i, { action, target, why, by, breaks, endsAt }] of actions.entries()) {
    const others = [...breaks.agents, ...breaks.workflows]
    const lines = [
      `${String(i + 1).padStart(2)}. ${paint.bold(action)} ${target.kind} ${printable(target.id)}`,
      `    ${printable(why)}`,
      ...(by === null ? [] : [paint.dim(`    ${by.time} ${printable(by.label)} in ${printable(by.workflowId)}`)]),
      ...(others.length === 0 ? [] : [paint.yellow(`    breaks ${others.map(printable).join(', ')}`)]),
      ...(endsAt === null ? [] : [paint.dim(`    ends by itself at ${new Date(endsAt).toISOString()}`)]),
    ]
    io.stdout.write(`${lines.join('\n')}\n`)
  }
}
