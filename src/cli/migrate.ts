import type { Command } from 'commander'
import { migrate, readMigrations } from '../adapters/clickhouse/migrate.ts'
import { connectStore, placeOf } from '../service/open-store.ts'
import { EXIT, EXIT_HELP, type Exit, type Io } from './io.ts'
import { type ConfigFlags, configOf, withStore } from './settings.ts'

interface Flags extends ConfigFlags {
  readonly dryRun?: boolean
  readonly json?: boolean
}

/** `catenary migrate` */
export function addMigrate(program: Command, io: Io, exit: Exit): void {
  const command = program
    .command('migrate')
    .summary("bring the store's schema up to this program's")
    .description(
      'Applies the numbered SQL files that the store has not seen yet, each once, in order. The service and analyze --data do ' +
        'the same when they start; run it alone to look before (--dry-run), or to have it done by another user.',
    )
    .option('--dry-run', 'print the SQL that would be run, and change nothing')
    .option('--json', 'print one JSON object a migration')
  withStore(command)
    .addHelpText('after', EXIT_HELP)
    .action(async (flags: Flags) => exit(await run(flags, io)))
}

async function run(flags: Flags, io: Io): Promise<number> {
  const { config } = configOf(io, flags)
  const client = await connectStore(config)
  try {
    const pending = await migrate(client, { dryRun: flags.dryRun === true })
    const known = await readMigrations()
    const status = flags.dryRun === true ? 'pending' : 'applied'
    for (const { number, name, checksum, sql } of pending) {
      if (flags.json === true) io.stdout.write(`${JSON.stringify({ number, name, checksum, status })}\n`)
      else if (flags.dryRun === true) io.stdout.write(`-- ${name}\n${sql.trimEnd()}\n\n`)
      else io.stdout.write(`applied ${name}\n`)
    }
    if (flags.json !== true && pending.length === 0)
      io.stdout.write(`the schema in ${placeOf(config)} is that of this program (${known.at(-1)?.name})\n`)
    return EXIT.done
  } finally {
    await client.close()
  }
}
