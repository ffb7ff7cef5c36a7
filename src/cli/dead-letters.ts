import Table from 'cli-table3'
import type { Command } from 'commander'
import { wholeNumber } from './flags.ts'
import { EXIT, EXIT_HELP, type Exit, type Io, printable } from './io.ts'
import { type Found, type LetterFilters, letterJson, placeText, timeText, withLetters } from './read-dead-letters.ts'
import { type RetryFlags, retry } from './retry-dead-letters.ts'
import { withBrokers } from './with-kafka.ts'

interface ListFlags extends LetterFilters {
  readonly limit: number
  readonly json?: boolean
}

const LIMIT = 50

/** `catenary dead-letters list | retry` */
export function addDeadLetters(program: Command, io: Io, exit: Exit): void {
  const group = program
    .command('dead-letters')
    .summary('list the records that were refused, send them again')
    .description(
      'A record that a consumer cannot read goes to the topic of dead letters (CATENARY_KAFKA__DEAD_LETTERS_TOPIC), whole, with ' +
        'the reason in its headers, and its neighbours go on.',
    )
    .exitOverride()
  withFilters(group.command('list'))
    .description('Prints the dead letters, oldest first in each partition. What is in a record is not printed.')
    .option('--limit <n>', 'print this many at most', wholeNumber(1), LIMIT)
    .option('--json', 'print one JSON object a dead letter')
    .addHelpText('after', EXIT_HELP)
    .action(async (flags: ListFlags) => exit(await list(flags, io)))
  withFilters(group.command('retry'))
    .argument('[id...]', 'dead letters as list shows them: partition:offset')
    .description(
      'Sends dead letters to the topics they came from again, as they came: after an upgrade that reads them, say. They stay ' +
        'in the topic of dead letters until it forgets them; one that is refused again comes there anew.',
    )
    .option('--all', 'all of them, or all that --reason and --topic leave')
    .option('--dry-run', 'say what would be sent, and send nothing')
    .option('--json', 'print NDJSON: each dead letter, a summary last')
    .addHelpText('after', EXIT_HELP)
    .action(async (ids: string[], flags: RetryFlags) => exit(await retry(ids, flags, io)))
}

const withFilters = (command: Command): Command =>
  withBrokers(command)
    .option('--reason <reason>', 'only those refused for this: not_json, bad_time, … (docs/events.md)')
    .option('--topic <topic>', 'only those that came from this topic')

async function list(flags: ListFlags, io: Io): Promise<number> {
  const found: Found[] = []
  await withLetters(io, flags, 'list the dead letters', async (read) => {
    await read((one) => {
      found.push(one)
      return found.length === flags.limit ? 'stop' : undefined
    })
  })
  if (flags.json === true) for (const one of found) io.stdout.write(`${JSON.stringify(letterJson(one))}\n`)
  else printTable(found, io)
  return EXIT.done
}

function printTable(found: readonly Found[], io: Io): void {
  if (found.length === 0) {
    io.stdout.write('no dead letters\n')
    return
  }
  const table = new Table({ head: ['id', 'reason', 'from', 'at', 'what is wrong'], style: { head: [] } })
  for (const { id, letter } of found) {
    const wrong = `${letter.path === '' ? '' : `${letter.path}: `}${letter.message}`
    table.push([id, letter.reason, placeText(letter.from), timeText(letter), printable(wrong).slice(0, 80)])
  }
  io.stdout.write(`${table.toString()}\n`)
}
