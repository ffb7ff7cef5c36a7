import { type Command, Option } from 'commander'
import type { z } from 'zod'
import type { Alert } from '../../schemas/api/alert.ts'
import type { AlertChange } from '../../schemas/api/triage.ts'
import { ALERT_VERDICTS, type AlertVerdict, CatenaryError } from '../core/index.ts'
import type { ApiClient } from '../ports/index.ts'
import { EXIT, EXIT_HELP, type Exit, type Io, printable } from './io.ts'
import { type ServiceFlags, withClient, withService } from './service-client.ts'

interface Flags extends ServiceFlags {
  readonly tenant?: string
  readonly note?: string
  readonly assignee?: string
  readonly to?: string
  readonly nobody?: boolean
  readonly verdict?: AlertVerdict
  readonly reason?: string
  readonly text?: string
  readonly json?: boolean
}

/** `catenary alerts ack | start | assign | close | reopen | note` */
export function addAlertChanges(alerts: Command, io: Io, exit: Exit): void {
  const add = (name: string, about: string, changeOf: (flags: Flags) => AlertChange): Command =>
    withService(
      alerts.command(name).argument('<id...>', 'alerts, as list prints them; ID@VERSION changes that version alone'),
    )
      .description(about)
      .option('--tenant <id>', 'whose; your own when left out')
      .option('--json', 'one JSON object an alert that was changed, as the API sends it')
      .addHelpText('after', HELP)
      .action(async (ids: readonly string[], flags: Flags) => exit(await change(ids, changeOf(flags), flags, io)))
  const noted = (command: Command): Command => command.option('--note <text>', 'something to remember')
  noted(
    add('ack', 'Says that somebody has seen the alerts.', (flags) => ({ status: 'acknowledged', ...saidIn(flags) })),
  ).option('--assignee <who>', 'and who sees to them')
  noted(
    add('start', 'Says that somebody is at the alerts.', (flags) => ({ status: 'in_progress', ...saidIn(flags) })),
  ).option('--assignee <who>', 'and who that is')
  noted(add('assign', 'Says who sees to the alerts.', (flags) => ({ assignee: assigneeIn(flags), ...saidIn(flags) })))
    .option('--to <who>', 'this one')
    .addOption(new Option('--nobody', 'nobody any more').conflicts('to'))
  noted(
    add('close', 'Closes the alerts, with what they turned out to be and why.', (flags) => ({
      status: 'closed',
      ...saidIn(flags),
    })),
  )
    .addOption(
      new Option('--verdict <verdict>', 'what they turned out to be').choices(ALERT_VERDICTS).makeOptionMandatory(),
    )
    .requiredOption('--reason <text>', 'why')
  noted(add('reopen', 'Opens closed alerts again.', (flags) => ({ status: 'open', ...saidIn(flags) })))
  add('note', 'Writes something to remember to the alerts.', ({ text = '' }) => ({ note: text })).requiredOption(
    '--text <text>',
    'what',
  )
}

const HELP = `
Each alert is read first and changed as it was read: when somebody is faster, or it has new evidence since, it stays as it is
and you are told. To change only what you have seen, give the version that list and show print: 0c6f…@1.0.
${EXIT_HELP}

Examples
  catenary alerts ack 0c6f…@1.0 --assignee ana@acme.example
  catenary alerts close 0c6f… --verdict false_positive --reason 'the payroll export is run by hand each month'
  catenary alerts list --detector rare-path --json | jq -r '.alert_id + "@" + .triage.version' | xargs catenary alerts ack`

const saidIn = ({ note, assignee, verdict, reason }: Flags): AlertChange => ({
  ...(note === undefined ? {} : { note }),
  ...(assignee === undefined ? {} : { assignee }),
  ...(verdict === undefined ? {} : { verdict }),
  ...(reason === undefined ? {} : { reason }),
})

function assigneeIn({ to, nobody }: Flags): string | null {
  if (nobody === true) return null
  if (to !== undefined) return to
  throw new CatenaryError('CAT_USAGE', 'say who sees to them: --to WHO, or --nobody')
}

type Row = z.output<typeof Alert>

/** Changes one after the other; one that cannot be changed is told and keeps no other from it. */
async function change(ids: readonly string[], body: AlertChange, flags: Flags, io: Io): Promise<number> {
  let code: number = EXIT.done
  await withClient(io, flags, async (client, place) => {
    for (const id of ids) {
      try {
        const alert = await changed(client, id, body, flags.tenant ?? place.tenant)
        io.stdout.write(flags.json === true ? `${JSON.stringify(alert)}\n` : `${lineOf(alert)}\n`)
      } catch (error) {
        if (!(error instanceof CatenaryError) || error.details['status'] === undefined || ids.length === 1) throw error
        io.stderr.write(`catenary: ${printable(id)}: ${error.message}\n`)
        code = EXIT.usage
      }
    }
  })
  return code
}

async function changed(client: ApiClient, named: string, body: AlertChange, tenant: string | undefined): Promise<Row> {
  const [, id = named, version] = /^(.*)@(\d+\.\d+)$/.exec(named) ?? []
  const path = `v1/alerts/${encodeURIComponent(id)}`
  const ifMatch = version === undefined ? (await client.ask({ path, query: { tenant } })).etag : `"${version}"`
  const { body: alert } = await client.ask({
    method: 'PATCH',
    path,
    query: { tenant },
    body,
    ...(ifMatch === null ? {} : { ifMatch }),
  })
  return alert as Row
}

function lineOf({ alert_id, triage }: Row): string {
  if (triage === undefined) return alert_id
  const { status, assignee, verdict, version } = triage
  const more = [...(verdict === null ? [] : [verdict]), ...(assignee === null ? [] : [printable(assignee)])]
  return `${alert_id}@${version}  ${status}${more.length === 0 ? '' : ` (${more.join(', ')})`}`
}
