import { once } from 'node:events'
import { access, constants, statfs } from 'node:fs/promises'
import { createServer } from 'node:net'
import { dirname, resolve } from 'node:path'
import type { ClickHouseClient } from '@clickhouse/client'
import type { Command } from 'commander'
import { migrate, readMigrations } from '../adapters/clickhouse/migrate.ts'
import { type Config, type ConfigReading, unguarded } from '../config/index.ts'
import { CatenaryError } from '../core/index.ts'
import { clusterOf, connectStore, keyOf, placeOf } from '../service/open-store.ts'
import { clockSkew, type Finding, kafkaFindings } from './doctor-cluster.ts'
import { EXIT, EXIT_HELP, type Exit, type Io, printable } from './io.ts'
import { paintFor } from './render.ts'
import { type ConfigFlags, configOf, withStore } from './settings.ts'

interface Flags extends ConfigFlags {
  readonly json?: boolean
}

const LOW_SPACE = 2 ** 30
const FIRST_SANE_YEAR = 2026

/** `catenary doctor` */
export function addDoctor(program: Command, io: Io, exit: Exit): void {
  const command = program
    .command('doctor')
    .summary('check everything the service needs, and say how to mend it')
    .description(
      'Looks at the settings, the Node version, the data folder and the space there, the content key, the store and its schema, ' +
        'and the port; in cluster mode at the brokers, the topics, how far the consumers are behind, and the store’s clock. Each line says ok, warn or fail, and a fail says how to mend it. The data folder is made when it is ' +
        'not there; nothing else is changed.',
    )
    .option('--json', 'print one JSON object a check')
  withStore(command)
    .addHelpText('after', EXIT_HELP)
    .action(async (flags: Flags) => exit(await doctor(flags, io)))
}

async function doctor(flags: Flags, io: Io): Promise<number> {
  const paint = paintFor(io)
  const colour = { ok: paint.green, warn: paint.yellow, fail: paint.red }
  let worst: number = EXIT.done
  for await (const { check, status, detail, code = EXIT.usage } of findings(io, flags)) {
    if (status === 'fail') worst = Math.max(worst, code)
    io.stdout.write(
      flags.json === true
        ? `${JSON.stringify({ check, status, detail })}\n`
        : `${colour[status](status.padEnd(5))} ${check.padEnd(12)} ${printable(detail)}\n`,
    )
  }
  return worst
}

async function* findings(io: Io, flags: ConfigFlags): AsyncGenerator<Finding> {
  yield nodeVersion()
  const reading = settings(io, flags)
  if ('status' in reading) {
    yield reading
    return
  }
  const { config, file } = reading
  yield {
    check: 'settings',
    status: 'ok',
    detail: file === null ? 'no file; environment and defaults' : `read ${file}`,
  }
  yield clock()
  if (config.clickhouse.url === undefined) yield await space(config)
  if (config.mode === 'cluster') yield* kafkaFindings(config)
  yield await attempt('content key', async () => {
    const key = await keyOf(config)
    return `${key.length} bytes${config.content.key === undefined ? ', kept in the data folder' : ', from CATENARY_CONTENT__KEY'}`
  })
  yield* storeFindings(config)
  if (config.mode === 'embedded' || config.roles.includes('api')) yield await port(config)
}

function nodeVersion(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  const isFit = major > 20 || (major === 20 && minor >= 19)
  return isFit
    ? { check: 'node', status: 'ok', detail: process.version }
    : { check: 'node', status: 'fail', detail: `${process.version} is too old; install Node 20.19, 22 or 24` }
}

function settings(io: Io, flags: ConfigFlags): ConfigReading | Finding {
  try {
    return configOf(io, flags)
  } catch (error) {
    if (error instanceof CatenaryError) return { check: 'settings', status: 'fail', detail: error.message }
    throw error
  }
}

function clock(): Finding {
  const now = new Date()
  return now.getUTCFullYear() >= FIRST_SANE_YEAR
    ? { check: 'clock', status: 'ok', detail: now.toISOString() }
    : {
        check: 'clock',
        status: 'warn',
        detail: `${now.toISOString()} lies in the past; set it, or events are marked clock_skew`,
      }
}

async function space({ data }: Config): Promise<Finding> {
  const check = 'data folder'
  let folder = resolve(data.path)
  for (;;) {
    try {
      await access(folder, constants.W_OK)
      const { bavail, bsize } = await statfs(folder)
      const free = bavail * bsize
      const detail = `${data.path}: ${(free / 2 ** 30).toFixed(1)} GiB free`
      return free > LOW_SPACE
        ? { check, status: 'ok', detail }
        : { check, status: 'warn', detail: `${detail}; make room, or choose another folder with --data` }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || dirname(folder) === folder)
        return { check, status: 'fail', detail: `${folder} cannot be written; choose another folder with --data` }
      folder = dirname(folder)
    }
  }
}

async function* storeFindings(config: Config): AsyncGenerator<Finding> {
  const opened: { client?: ClickHouseClient } = {}
  try {
    const store = await attempt('store', async () => {
      opened.client = await connectStore(config)
      return schemaOf(opened.client, config)
    })
    yield store
    if (opened.client !== undefined && store.status === 'ok' && config.mode === 'cluster')
      yield await clockSkew(opened.client)
  } finally {
    await opened.client?.close()
  }
}

async function schemaOf(client: ClickHouseClient, config: Config): Promise<string> {
  const pending = await migrate(client, { dryRun: true, cluster: clusterOf(config) })
  const newest = (await readMigrations()).at(-1)?.name ?? 'none'
  const schema =
    pending.length === 0
      ? `schema up to date (${newest})`
      : `${pending.length} migrations to apply at the next start, up to ${newest}`
  return `${placeOf(config)}: ${schema}`
}

/** What is away asks for another exit code than what is wrong. */
async function attempt(check: string, look: () => Promise<string>): Promise<Finding> {
  try {
    return { check, status: 'ok', detail: await look() }
  } catch (error) {
    if (!(error instanceof CatenaryError)) throw error
    const code = error.code === 'CAT_STORE_UNAVAILABLE' ? EXIT.away : EXIT.usage
    return { check, status: 'fail', detail: error.message, code }
  }
}

async function port(config: Config): Promise<Finding> {
  const check = 'port'
  const { host, port: number } = config.api
  const reasons = unguarded(config)
  if (reasons.length > 0)
    return { check, status: 'fail', detail: `serve will refuse to listen on ${host}: ${reasons.join('; ')}` }
  const server = createServer()
  try {
    server.listen(number, host.replace(/^\[|\]$/g, ''))
    await once(server, 'listening')
    return { check, status: 'ok', detail: `${host}:${number} is free` }
  } catch {
    return {
      check,
      status: 'fail',
      detail: `${host}:${number} is in use; stop what listens there, or set CATENARY_API__PORT`,
    }
  } finally {
    server.close()
  }
}
