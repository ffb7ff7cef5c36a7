import type { Command } from 'commander'
import { containmentJson } from '../../schemas/api/response.ts'
import type { ContainmentAction } from '../core/index.ts'
import { blastRadius } from '../response/blast-radius.ts'
import { containmentPlan } from '../response/containment.ts'
import { isOrder, type OrderFlags, orderOf } from './contain-order.ts'
import { EXIT, EXIT_HELP, type Exit, type Io, printable } from './io.ts'
import { withPathSource } from './path-source.ts'
import { paintFor } from './render.ts'
import { withService } from './service-client.ts'
import { withStore } from './settings.ts'
import { dossierOf, timeOf, withSubject } from './subject.ts'

/** `catenary contain --alert ID [FILE…]` */
export function addContain(program: Command, io: Io, exit: Exit): void {
  const command = program
    .command('contain')
    .summary('list what to revoke after a compromise, in order, and what breaks; order it')
    .description(
      'Lists what to stop, revoke, rotate and undo to contain a compromised workflow, agent or credential, in the order that ' +
        'leaves nothing to be made again, with who else uses each. With --reason it asks the service that runs: a dry run of ' +
        'the order, and with --execute the order itself. Its receivers (ssfReceivers) are sent signed security events, and ' +
        'every use after it is a critical alert. Needs a key of a responder in CATENARY_API_KEY where the service asks for one.',
    )
    .argument('[file...]', 'the files that hold it; the data folder when there are none')
    .option('--reason <text>', 'why: kept in the audit log, and told to the receivers')
    .option('--execute', 'do it; a dry run when left out')
    .option('--only', 'the agent or credential itself, not all that its path holds')
    .option('--grant <id>', 'an OAuth grant itself')
    .option('--release', 'let an agent, credential or grant work again: end the watch over it')
    .option('--json', 'one JSON object, as GET /v1/alerts/{id}/containment and POST /v1/containments send it')
  withService(withStore(withSubject(command)))
    .addHelpText('after', HELP)
    .action(async (files: string[], flags: OrderFlags) => {
      if (isOrder(flags)) return exit(await orderOf(files, flags, io))
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
  catenary contain --agent billing-bot events.ndjson --json
  catenary contain --alert 3f9a --reason 'stolen by a prompt'
  catenary contain --alert 3f9a --reason 'stolen by a prompt' --execute
  catenary contain --release --agent billing-bot --reason 'rebuilt' --execute`

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
