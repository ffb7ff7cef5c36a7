import { existsSync } from 'node:fs'
import type { Command } from 'commander'
import { type Migration, migrate, readMigrations, statementsOf } from '../adapters/clickhouse/migrate.ts'
import { applyRetention, retentionChanges } from '../adapters/clickhouse/retention.ts'
import {
  clusterOf,
  connectStore,
  embeddedPath,
  placeOf,
  retentionOf,
  type StoreSettings,
} from '../service/open-store.ts'
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
  const { pending, forgetting } = await migrated(config, isDry)
  const status = isDry ? 'pending' : 'applied'
  for (const migration of pending) {
    const { number, name, checksum } = migration
    if (flags.json === true) io.stdout.write(`${JSON.stringify({ number, name, checksum, status })}\n`)
    else if (isDry) io.stdout.write(`-- ${name}\n${sqlOf(statementsOf(migration, clusterOf(config)))}\n`)
    else io.stdout.write(`applied ${name}\n`)
  }
  if (flags.json !== true && forgetting.length > 0)
    io.stdout.write(isDry ? `-- retention\n${sqlOf(forgetting)}` : `applied retention (${forgetting.length} tables)\n`)
  if (flags.json !== true && pending.length === 0 && forgetting.length === 0)
    io.stdout.write(
      `the schema in ${placeOf(config)} is that of this program (${(await readMigrations()).at(-1)?.name})\n`,
    )
  return EXIT.done
}

const sqlOf = (statements: readonly string[]): string => statements.map((one) => `${one};\n`).join('')

interface Migrated {
  readonly pending: readonly Migration[]
  /** Statements that set how long rows are kept. */
  readonly forgetting: readonly string[]
}

/** A folder that is not there yet lacks every migration; to see that, it is not made. */
async function migrated(settings: StoreSettings, isDry: boolean): Promise<Migrated> {
  if (isDry && settings.clickhouse.url === undefined && !existsSync(embeddedPath(settings.data.path)))
    return { pending: await readMigrations(), forgetting: [] }
  const cluster = clusterOf(settings)
  const retention = retentionOf(settings)
  const client = await connectStore(settings)
  try {
    const pending = await migrate(client, { dryRun: isDry, cluster })
    const forget = isDry ? retentionChanges : applyRetention
    return { pending, forgetting: retention === undefined ? [] : await forget(client, { retention, cluster }) }
  } finally {
    await client.close()
  }
}
