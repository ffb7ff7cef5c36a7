import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Command } from 'commander'
import { readArrivals } from '../adapters/files/read-files.ts'
import { type Config, type ConfigReading, refuseUnguarded } from '../config/index.ts'
import { DEMO_ESTATE } from '../estate/index.ts'
import { importers } from '../importers/index.ts'
import type { Arrival } from '../ports/index.ts'
import type { Service } from '../service.ts'
import { estateFile } from './estate-file.ts'
import { EXIT, EXIT_HELP, type Exit, type Io } from './io.ts'
import { printFound, printFoundJson } from './print-demo.ts'
import { progressBar } from './progress.ts'
import { type ConfigFlags, catalogueOf, configOf, withStore } from './settings.ts'
import { untilStopped } from './until-stopped.ts'
import { versionOf } from './version.ts'

interface Flags extends ConfigFlags {
  readonly once?: boolean
  readonly json?: boolean
}

const BATCH = 2_000
const DAY = 86_400_000

/** `catenary demo` */
export function addDemo(program: Command, io: Io, exit: Exit): void {
  const command = program
    .command('demo')
    .summary('the service with an example estate played in, and what it finds there')
    .description(
      'Runs the service with one day of an invented company’s agent traffic played in through the same door as any events, ' +
        'prints what was found, each alert with its chain drawn as a path, and what to open; answers over HTTP until Ctrl-C. ' +
        'Stores in a fresh temporary folder that is removed at the end, unless --data is given. Takes a free port when its ' +
        'own is taken.',
    )
    .option('--port <port>', 'the port to listen on, 0 for a free one (CATENARY_API__PORT)')
    .option('--once', 'print what was found and exit')
    .option('--json', 'print NDJSON and nothing else: alerts, a summary, where the service listens')
  withStore(command, 'keep what is stored in this folder')
    .addHelpText('after', HELP)
    .action(async (flags: Flags) => exit(await demo(flags, io)))
}

const HELP = `${EXIT_HELP}

Examples
  catenary demo
  catenary demo --once
  catenary demo --data ./demo --port 9000`

async function demo(flags: Flags, io: Io): Promise<number> {
  const reading = configOf(io, flags)
  const guest = guestConfig(reading)
  refuseUnguarded(guest)
  const folder = flags.data === undefined ? temporaryFolder() : { path: flags.data, remove: () => undefined }
  let isStopped = false
  const stopped = untilStopped(io).then(() => {
    isStopped = true
  })
  const { startService } = await import('../service.ts')
  try {
    const config = { ...guest, data: { path: folder.path } }
    const catalogue = await catalogueOf(io, reading)
    const service = await startService(config, { version: versionOf(), catalogue, clock: demoClock(), isAnyPort: true })
    try {
      const work = playAndTell(
        service,
        { flags, isKept: flags.data !== undefined, asked: config.api.port, isStopped: () => isStopped },
        io,
      )
      const hasFinished = await Promise.race([work.then(() => true), stopped.then(() => false), service.broken])
      if (hasFinished && flags.once !== true) await Promise.race([stopped, service.broken])
    } finally {
      await service.close()
    }
  } finally {
    folder.remove()
  }
  return EXIT.done
}

/** Gone when the process is, however it ends but by force. */
function temporaryFolder(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'catenary-demo-'))
  const remove = (): void => rmSync(path, { recursive: true, force: true })
  process.once('exit', remove)
  return {
    path,
    remove() {
      remove()
      process.removeListener('exit', remove)
    },
  }
}

/** The embedded store, a quiet log unless one was asked for, and nobody asked who they are: a fresh store has no keys. */
const guestConfig = ({ config, origins }: ConfigReading): Config => ({
  ...config,
  auth: { ...config.auth, required: false },
  clickhouse: { ...config.clickhouse, url: undefined },
  log: origins.get('log.level')?.from === 'default' ? { level: 'warn' } : config.log,
})

/** The estate's day must lie behind the arrival clock: where this machine's does not reach it yet, it is set on. */
function demoClock(): () => number {
  const ahead = Math.max(0, DEMO_ESTATE.startAt + 2 * DAY - Date.now())
  return () => Date.now() + ahead
}

interface Playing {
  readonly flags: Flags
  readonly isKept: boolean
  /** The port that was set. */
  readonly asked: number
  /** Nothing more is played once it is told to stop. */
  readonly isStopped: () => boolean
}

async function playAndTell(service: Service, { flags, isKept, asked, isStopped }: Playing, io: Io): Promise<void> {
  if (asked !== 0 && service.port !== asked)
    io.stderr.write(`port ${asked} is taken; this demo listens on ${service.port}\n`)
  const began = performance.now()
  const played = await play(service, isStopped, io)
  if (isStopped()) return
  await service.finish()
  const seconds = (performance.now() - began) / 1_000
  if (flags.json === true) await printFoundJson(service, { ...played, seconds }, io)
  else
    await printFound(
      service,
      { ...played, seconds, isOnce: flags.once === true, keptIn: isKept ? (flags.data ?? null) : null },
      io,
    )
}

async function play(
  service: Service,
  isStopped: () => boolean,
  io: Io,
): Promise<{ readonly events: number; readonly duplicates: number }> {
  const progress = progressBar(io, 'playing')
  const counts = { events: 0, duplicates: 0 }
  let batch: Arrival[] = []
  let records = 0
  async function send(): Promise<void> {
    for (const verdict of await service.ingest(batch)) {
      if (verdict === 'accepted') counts.events += 1
      if (verdict === 'duplicate') counts.duplicates += 1
    }
    batch = []
  }
  const onProgress = (read: number, total: number | null): void => progress.update(read, total, records)
  try {
    for await (const arrival of readArrivals([estateFile('estate.ndjson.gz')], {
      decode: service.decode,
      importers,
      onProgress,
    })) {
      records += 1
      batch.push(arrival)
      if (isStopped()) return counts
      if (batch.length === BATCH) await send()
    }
    if (!isStopped()) await send()
    return counts
  } finally {
    progress.stop()
  }
}
