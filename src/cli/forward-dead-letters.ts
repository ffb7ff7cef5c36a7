import Table from 'cli-table3'
import { type Command, Option } from 'commander'
import { CatenaryError } from '../core/index.ts'
import { wholeNumber } from './flags.ts'
import { type Place, type PlaceFlags, withPlace } from './forward-place.ts'
import { EXIT, EXIT_HELP, type Exit, type Io, printable } from './io.ts'
import { counted } from './print-analysis.ts'
import { withService } from './service-client.ts'
import { withStore } from './settings.ts'

interface ListFlags extends PlaceFlags {
  readonly destination?: string
  readonly limit: number
  readonly json?: boolean
}

interface RetryFlags extends PlaceFlags {
  readonly destination?: string
  readonly all?: boolean
  readonly json?: boolean
}

const LIMIT = 50

/** `catenary forward dead-letters list | retry` */
export function addForwardDeadLetters(forward: Command, io: Io, exit: Exit): void {
  const group = forward
    .command('dead-letters')
    .description('Alerts that a destination refused, or did not take within the time limit (retry.forMs).')
    .exitOverride()
  withService(withStore(group.command('list')))
    .description('Prints them, oldest first.')
    .addOption(destinationOption())
    .option('--limit <n>', 'print this many of a destination at most', wholeNumber(1), LIMIT)
    .option('--json', 'print one JSON object each')
    .addHelpText('after', EXIT_HELP)
    .action(async (flags: ListFlags) => exit(await list(flags, io)))
  withService(withStore(group.command('retry')))
    .argument('[id...]', 'which, as list shows them')
    .description(
      'Makes them wait again, under the same idempotency keys and with a new time limit. The service sends them within seconds; ' +
        'where it does not run, when it starts.',
    )
    .addOption(destinationOption())
    .option('--all', 'all of them, or all of --destination')
    .option('--json', 'print one JSON object a destination')
    .addHelpText('after', EXIT_HELP)
    .action(async (ids: string[], flags: RetryFlags) => exit(await retry(ids, flags, io)))
}

const destinationOption = (): Option => new Option('--destination <name>', 'only those of this destination')

/** The one that was named, else all. */
async function namesAt(place: Place, { destination }: Pick<ListFlags, 'destination'>): Promise<readonly string[]> {
  const names = (await place.destinations()).map(({ name }) => name)
  if (destination === undefined) return names
  if (names.includes(destination)) return [destination]
  const hint = names.length === 0 ? 'there are none' : `there are ${names.join(', ')}`
  throw new CatenaryError('CAT_USAGE', `there is no destination ${printable(destination)}; ${hint}`)
}

async function list(flags: ListFlags, io: Io): Promise<number> {
  const found = await withPlace(io, flags, async (place) => {
    const names = await namesAt(place, flags)
    return (await Promise.all(names.map((name) => place.undelivered(name, flags.limit)))).flat()
  })
  if (flags.json === true) for (const one of found) io.stdout.write(`${JSON.stringify(one)}\n`)
  else if (found.length === 0) io.stdout.write('no dead letters\n')
  else {
    const table = new Table({ head: ['id', 'destination', 'queued', 'attempts', 'what is wrong'], style: { head: [] } })
    for (const { id, destination, queued_at, attempts, error } of found)
      table.push([id, destination, queued_at, attempts, printable(error ?? '').slice(0, 80)])
    io.stdout.write(`${table.toString()}\n`)
  }
  return EXIT.done
}

async function retry(ids: readonly string[], flags: RetryFlags, io: Io): Promise<number> {
  if (ids.length === 0 && flags.all !== true)
    throw new CatenaryError(
      'CAT_USAGE',
      'name dead letters (catenary forward dead-letters list shows them), or give --all',
    )
  if (ids.length > 0 && flags.all === true)
    throw new CatenaryError('CAT_USAGE', 'give --all or name dead letters, not both')
  const retried = await withPlace(io, flags, async (place) => {
    const counts: { readonly destination: string; readonly retried: number }[] = []
    for (const destination of await namesAt(place, flags))
      counts.push({ destination, retried: await place.retry(destination, flags.all === true ? null : ids) })
    return counts
  })
  const total = retried.reduce((sum, one) => sum + one.retried, 0)
  if (total === 0 && ids.length > 0)
    throw new CatenaryError(
      'CAT_USAGE',
      `there is no dead letter ${ids.map(printable).join(', ')}; nothing was changed`,
    )
  for (const one of retried)
    if (flags.json === true) io.stdout.write(`${JSON.stringify({ type: 'retried', ...one })}\n`)
    else if (one.retried > 0) io.stdout.write(`${one.destination.padEnd(26)} ${one.retried}\n`)
  if (flags.json !== true) io.stdout.write(`${counted(total, 'dead letter')} to be sent again\n`)
  return EXIT.done
}
