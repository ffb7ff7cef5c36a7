import type { Command } from 'commander'
import { type Config, refuseUnguarded } from '../config/index.ts'
import type { Catalogue } from '../service/catalogue.ts'
import { placeOf } from '../service/open-store.ts'
import type { Service } from '../service.ts'
import { EXIT, EXIT_HELP, type Exit, type Io } from './io.ts'
import { type ConfigFlags, configOf, judgedCatalogue, withDetectors, withStore } from './settings.ts'
import { untilStopped } from './until-stopped.ts'
import { versionOf } from './version.ts'

interface Flags extends ConfigFlags {
  readonly json?: boolean
}

/** `catenary serve` */
export function addServe(program: Command, io: Io, exit: Exit): void {
  const command = program
    .command('serve')
    .summary('run the service: ingest, fold, store, and answer over HTTP')
    .description(
      'Runs the service until it is told to stop: takes events over HTTP, folds them into chains, stores what they changed, ' +
        'and answers questions about chains, agents, credentials and alerts. Needs nothing but a folder: the store is inside ' +
        'the process. Unless auth.required and TLS are set it listens on loopback only (docs/access.md). SIGTERM or Ctrl-C stops it in order: what was ' +
        'accepted is stored; a second one stops it at once.',
    )
    .option('--host <address>', 'the address to listen on (CATENARY_API__HOST)')
    .option('--port <port>', 'the port to listen on, 0 for a free one (CATENARY_API__PORT)')
    .option('--json', 'print one JSON object when it listens, and nothing else: where, and what it stores in')
  withDetectors(withStore(command))
    .addHelpText('after', HELP)
    .action(async (flags: Flags) => exit(await serve(flags, io)))
}

const HELP = `${EXIT_HELP}

Examples
  catenary serve
  catenary serve --port 9000 --data /var/lib/catenary
  curl --data-binary @events.ndjson -H 'content-type: application/x-ndjson' http://127.0.0.1:8321/v1/events`

async function serve(flags: Flags, io: Io): Promise<number> {
  const reading = configOf(io, flags)
  const { config } = reading
  refuseUnguarded(config)
  const catalogue = await judgedCatalogue(reading)
  const stopped = untilStopped(io)
  // The server's packages load when they are wanted, so that other commands start at once.
  const service = await startedOf(config, catalogue)
  const { url } = service
  io.stdout.write(
    flags.json === true
      ? `${JSON.stringify({ type: 'service', url, stores_in: placeOf(config), version: versionOf() })}\n`
      : told(url, placeOf(config), config.auth.required),
  )
  try {
    await Promise.race([stopped, service.broken])
  } finally {
    await service.close()
  }
  return EXIT.done
}

async function startedOf(config: Config, catalogue: Catalogue): Promise<Service> {
  const parts = { version: versionOf(), catalogue }
  if (config.mode === 'cluster') return (await import('../service/cluster.ts')).startCluster(config, parts)
  return (await import('../service.ts')).startService(config, parts)
}

const told = (url: string, place: string, isGuarded: boolean): string =>
  `Catenary listens on ${url} and stores in ${place}
  send events  POST ${url}/v1/events
  API          ${url}/docs
  alerts       ${url}/v1/alerts
  live         ${url}/v1/tail
  health       ${url}/readyz  ${url}/metrics
${
  isGuarded
    ? 'Callers need an API key (catenary keys create) or a token of the identity provider.'
    : 'Nobody is asked who they are, so it answers this machine only.'
} Ctrl-C stops it.
`
