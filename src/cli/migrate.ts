import { existsSync } from 'node:fs'
import type { Command } from 'commander'
import { type Migration, migrate, readMigrations } from '../adapters/clickhouse/migrate.ts'
import { connectStore, embeddedPath, placeOf, type StoreSettings } from '../service/open-store.ts'
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
  const isDry = flags.dryRun === true
  const pending = await migrated(config, isDry)
  const status = isDry ? 'pending' : 'applied'
  for (const { number, name, checksum, sql } of pending) {
    if (flags.json === true) io.stdout.write(`${JSON.stringify({ number, name, checksum, status })}\n`)
    else if (isDry) io.stdout.write(`-- ${name}\n${sql.trimEnd()}\n\n`)
    else io.stdout.write(`applied ${name}\n`)
  }
  if (flags.json !== true && pending.length === 0)
    io.stdout.write(
      `the schema in ${placeOf(config)} is that of this program (${(await readMigrations()).at(-1)?.name})\n`,
    )
  return EXIT.done
}

/** A folder that is not there yet lacks every migration; to see that, it is not made. */
async function migrated(settings: StoreSettings, isDry: boolean): Promise<readonly Migration[]> {
  if (isDry && settings.clickhouse.url === undefined && !existsSync(embeddedPath(settings.data.path)))
    return readMigrations()
  const client = await connectStore(settings)
  try {
    return await migrate(client, { dryRun: isDry })
  } finally {
    await client.close()
  }
}
