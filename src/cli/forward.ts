import { randomUUID } from 'node:crypto'
import Table from 'cli-table3'
import type { Command } from 'commander'
import { sampleAlert } from '../../schemas/forward/sample.ts'
import { verificationEvent } from '../../schemas/forward/security-event.ts'
import type { Config } from '../config/index.ts'
import { CatenaryError } from '../core/index.ts'
import { type Delivery, type Outcome, receiverDestination } from '../ports/index.ts'
import { openDestination } from '../service/forwarding/open-destination.ts'
import { openReceiver, routesOf } from '../service/security-events.ts'
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
    .summary(
      'the destinations of alerts and security events: try one, see how each stands, send again what was given up',
    )
    .description(
      'Alerts are sent to the destinations that the file of settings lists (docs/forwarding.md). These commands ask the service ' +
        'that --url, --profile or their variables name, else the one at api.host and api.port where it runs, else the store.',
    )
    .exitOverride()
  group
    .command('test')
    .argument('<name>', 'a destination of the settings, or ssf/NAME for one of ssfReceivers')
    .description(
      'Sends one invented alert to a destination, whatever its filter says, or a verification event (OpenID SSF 1.0) to a receiver ' +
        'of security events, and tells what came back.',
    )
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

/** What is sent to try something, and what came of it. */
interface Tried {
  /** The alert, or the `jti` of the event. */
  readonly id: string
  readonly what: 'alert' | 'event'
  send(signal: AbortSignal): Promise<Outcome>
  close(): Promise<void>
}

async function test(name: string, flags: Flags, io: Io): Promise<number> {
  const tried = triedOf(name, configOf(io, flags).config)
  const began = performance.now()
  let outcome: Outcome
  try {
    outcome = await tried.send(AbortSignal.timeout(PATIENCE_MS))
  } finally {
    await tried.close()
  }
  const ms = Math.round(performance.now() - began)
  const why = outcome.what === 'delivered' ? null : outcome.why
  const id = tried.what === 'alert' ? { alert_id: tried.id } : { jti: tried.id }
  if (flags.json === true)
    io.stdout.write(`${JSON.stringify({ type: 'test', destination: name, outcome: outcome.what, why, ...id, ms })}\n`)
  else if (why === null) io.stdout.write(`${name} took the ${tried.what} ${tried.id} (${ms} ms)\n`)
  else
    io.stdout.write(
      `${name} did not take the ${tried.what}: ${printable(why)}\n${outcome.what === 'retry' ? 'the service would try again' : 'the service would give it up at once'}\n`,
    )
  return why === null ? EXIT.done : EXIT.away
}

/** Throws `CAT_USAGE` for a name that the settings do not have, and what opening it throws. */
function triedOf(name: string, config: Config): Tried {
  const settings = config.destinations.find((one) => one.name === name)
  if (settings !== undefined) return alertTo(settings, config)
  const receiver = config.ssfReceivers.find((one) => receiverDestination(one.name) === name)
  if (receiver !== undefined) return verificationTo(receiver, config)
  const names = routesOf(config).map((one) => one.name)
  const hint = names.length === 0 ? 'the settings have no destinations' : `there are ${names.join(', ')}`
  throw new CatenaryError('CAT_USAGE', `there is no destination ${printable(name)}; ${hint}`)
}

function alertTo(settings: Config['destinations'][number], config: Config): Tried {
  const alert = sampleAlert(Date.now())
  const destination = openDestination(settings, { config, version: versionOf() })
  const parcel = { delivery: sampleDelivery(settings.name, alert), alert, previousStatus: null }
  return {
    id: alert.id,
    what: 'alert',
    send: async (signal) => (await destination.send([parcel], signal))[0] ?? { what: 'retry', why: 'no answer' },
    close: () => destination.close(),
  }
}

function verificationTo(settings: Config['ssfReceivers'][number], config: Config): Tried {
  const receiver = openReceiver(settings, config)
  const event = verificationEvent(settings.streamId ?? settings.name, randomUUID())
  return { id: event.jti, what: 'event', send: (signal) => receiver.push(event, signal), close: () => receiver.close() }
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
