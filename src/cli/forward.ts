import Table from 'cli-table3'
import type { Command } from 'commander'
import { sampleAlert } from '../../schemas/forward/sample.ts'
import { CatenaryError } from '../core/index.ts'
import type { Delivery, Outcome } from '../ports/index.ts'
import { openDestination } from '../service/forwarding/open-destination.ts'
import { addForwardDeadLetters } from './forward-dead-letters.ts'
import { type Place, type PlaceFlags, withPlace } from './forward-place.ts'
import { EXIT, EXIT_HELP, type Exit, type Io, printable } from './io.ts'
import { withService } from './service-client.ts'
import { type ConfigFlags, configOf, configOption, withStore } from './settings.ts'
import { versionOf } from './version.ts'

interface Flags extends ConfigFlags {
  readonly json?: boolean
}

const PATIENCE_MS = 60_000

/** `catenary forward test | list | dead-letters` */
export function addForward(program: Command, io: Io, exit: Exit): void {
  const group = program
    .command('forward')
    .summary('the destinations of alerts: try one, see how each stands, send again what was given up')
    .description(
      'Alerts are sent to the destinations that the file of settings lists (docs/forwarding.md). These commands ask the service ' +
        'that --url, --profile or their variables name, else the one at api.host and api.port where it runs, else the store.',
    )
    .exitOverride()
  group
    .command('test')
    .argument('<name>', 'a destination of the settings')
    .description('Sends one invented alert to a destination, whatever its filter says, and tells what came back.')
    .addOption(configOption())
    .option('--json', 'print one JSON object')
    .addHelpText('after', EXIT_HELP)
    .action(async (name: string, flags: Flags) => exit(await test(name, flags, io)))
  withService(withStore(group.command('list')))
    .description('Prints how each destination stands: what waits, since when, what was given up, the last error.')
    .option('--json', 'print one JSON object a destination')
    .addHelpText('after', EXIT_HELP)
    .action(async (flags: Flags & PlaceFlags) => exit(await list(flags, io)))
  addForwardDeadLetters(group, io, exit)
}

async function test(name: string, flags: Flags, io: Io): Promise<number> {
  const { config } = configOf(io, flags)
  const settings = config.destinations.find((one) => one.name === name)
  if (settings === undefined) {
    const names = config.destinations.map((one) => one.name).join(', ')
    const hint = names === '' ? 'the settings have no destinations' : `there are ${names}`
    throw new CatenaryError('CAT_USAGE', `there is no destination ${printable(name)}; ${hint}`)
  }
  const alert = sampleAlert(Date.now())
  const destination = openDestination(settings, { config, version: versionOf() })
  const began = performance.now()
  let outcome: Outcome | undefined
  try {
    const parcel = { delivery: sampleDelivery(name, alert), alert, previousStatus: null }
    ;[outcome] = await destination.send([parcel], AbortSignal.timeout(PATIENCE_MS))
  } finally {
    await destination.close()
  }
  const ms = Math.round(performance.now() - began)
  const why = outcome === undefined || outcome.what === 'delivered' ? null : outcome.why
  if (flags.json === true)
    io.stdout.write(
      `${JSON.stringify({ type: 'test', destination: name, outcome: outcome?.what, why, alert_id: alert.id, ms })}\n`,
    )
  else if (why === null) io.stdout.write(`${name} took the alert ${alert.id} (${ms} ms)\n`)
  else
    io.stdout.write(
      `${name} did not take the alert: ${printable(why)}\n${outcome?.what === 'retry' ? 'the service would try again' : 'the service would give it up at once'}\n`,
    )
  return why === null ? EXIT.done : EXIT.away
}

const sampleDelivery = (destination: string, alert: ReturnType<typeof sampleAlert>): Delivery => ({
  destination,
  tenant: alert.tenant,
  alertId: alert.id,
  revision: alert.revision,
  workflowId: alert.workflowId,
  sequence: 0,
  state: 'pending',
  onlyIfTold: false,
  queuedAt: alert.lastAt,
  attempts: 0,
  error: null,
  changedAt: 0,
})

async function list(flags: Flags & PlaceFlags, io: Io): Promise<number> {
  const found = await withPlace(io, flags, (place) => place.destinations())
  if (flags.json === true) for (const one of found) io.stdout.write(`${JSON.stringify(one)}\n`)
  else printTable(found, io)
  return EXIT.done
}

function printTable(found: Awaited<ReturnType<Place['destinations']>>, io: Io): void {
  if (found.length === 0) {
    io.stdout.write('the settings have no destinations (docs/forwarding.md)\n')
    return
  }
  const head = ['destination', 'type', 'pending', 'since', 'delivered', 'dead', 'last error']
  const table = new Table({ head, style: { head: [] } })
  for (const { name, destination_type, pending, oldest_at, delivered, dead, last_error } of found)
    table.push([
      name,
      destination_type ?? '(not in the settings)',
      pending,
      oldest_at ?? '',
      delivered,
      dead,
      printable(last_error ?? '').slice(0, 80),
    ])
  io.stdout.write(`${table.toString()}\n`)
}
