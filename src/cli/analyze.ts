import { readFile } from 'node:fs/promises'
import { SingleBar } from 'cli-progress'
import type { Command } from 'commander'
import { frameworkOf } from '../../detectors/frameworks.ts'
import { alertJson, chainJson, credentialJson, rejectedJson } from '../../schemas/output.ts'
import { CatenaryError, SEVERITIES, type Severity } from '../core/index.ts'
import { type AnalyzeOptions, type AnalyzeResult, analyzeFiles } from '../main.ts'
import { EXIT, type Io, printable } from './io.ts'
import { paintFor, renderAlert, renderChains } from './render.ts'

interface Flags {
  readonly json?: boolean
  readonly format?: string
  readonly until?: string
  readonly failOn?: string
  readonly tenant?: string
  readonly retainContent?: boolean
  readonly settings?: string
}

const MAX_REJECTED = 20
const MAX_CHAINS = 15

/** `catenary analyze FILE… | -` */
export function addAnalyze(program: Command, io: Io, exit: (code: number) => void): void {
  program
    .command('analyze')
    .description('read files, rebuild the chains in them, and print the alerts and chains')
    .argument('<file...>', 'files read as one stream in this order; - is standard input; .gz and .zst are unpacked')
    .option('--json', 'print NDJSON and nothing else: alerts, chains, credentials, rejected records, a summary last')
    .option('--format <name>', 'events, chat or cloudtrail; sniffed from the content when left out')
    .option('--until <time>', 'judge absence up to this time (RFC 3339) rather than the last event plus the lateness')
    .option('--fail-on <severity>', 'exit with 1 when an alert is at least this severe')
    .option('--tenant <name>', 'the tenant of records that name none')
    .option('--retain-content', 'keep requests, arguments and results in memory rather than fingerprints alone')
    .option('--settings <file>', 'JSON: detector id → its options')
    .addHelpText('after', HELP)
    .action(async (files: string[], flags: Flags) => exit(await analyze(files, flags, io)))
}

const HELP = `
Exit codes
  0  done           1  done, and an alert met --fail-on
  2  usage, configuration or a file that cannot be read
  3  a dependency is away     70  a bug

Examples
  catenary analyze events.ndjson.gz
  catenary analyze --json --fail-on high trail/*.json
  kubectl logs agent-gateway | catenary analyze -`

async function analyze(files: readonly string[], flags: Flags, io: Io): Promise<number> {
  const limit = severityOf(flags.failOn)
  const bar = progressBar(io)
  const result = await analyzeFiles({
    ...(await optionsOf(files, flags)),
    ...(bar === null ? {} : { onProgress: bar.update }),
  }).finally(() => bar?.stop())
  if (flags.json === true) printJson(result, io)
  else print(result, io)
  const met =
    limit !== null && result.alerts.some(({ severity }) => SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf(limit))
  return met ? EXIT.found : EXIT.done
}

/** Reads what `analyze`, `replay` and `explain` have in common. Throws `CAT_USAGE` or `CAT_CONFIG`. */
export async function optionsOf(files: readonly string[], flags: Flags): Promise<AnalyzeOptions> {
  const until = flags.until === undefined ? undefined : Date.parse(flags.until)
  if (until !== undefined && Number.isNaN(until))
    throw new CatenaryError('CAT_USAGE', `--until ${flags.until} is no time; write it like 2026-11-20T09:00:00Z`)
  return {
    files,
    retainContent: flags.retainContent === true,
    ...(flags.format === undefined ? {} : { format: flags.format }),
    ...(until === undefined ? {} : { until }),
    ...(flags.tenant === undefined ? {} : { tenant: flags.tenant }),
    ...(flags.settings === undefined ? {} : { settings: await readSettings(flags.settings) }),
  }
}

async function readSettings(file: string): Promise<Readonly<Record<string, unknown>>> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new CatenaryError('CAT_CONFIG', `${file}: cannot be read; give a JSON file of detector options`, { cause })
  })
  try {
    return JSON.parse(text) as Record<string, unknown>
  } catch (cause) {
    throw new CatenaryError('CAT_CONFIG', `${file}: is not JSON (${cause instanceof Error ? cause.message : ''})`, {
      cause,
    })
  }
}

function severityOf(text: string | undefined): Severity | null {
  if (text === undefined) return null
  const found = SEVERITIES.find((severity) => severity === text)
  if (found === undefined)
    throw new CatenaryError('CAT_USAGE', `--fail-on ${text} is no severity; use one of ${SEVERITIES.join(', ')}`)
  return found
}

function printJson(result: AnalyzeResult, io: Io): void {
  const line = (value: object): unknown => io.stdout.write(`${JSON.stringify(value)}\n`)
  for (const alert of result.alerts)
    line(alertJson(alert, frameworkOf, result.originOf(alert.tenant, alert.workflowId)))
  for (const chain of result.chains) line(chainJson(chain, result.originOf(chain.tenant, chain.workflowId)))
  for (const credential of result.credentials) line(credentialJson(credential))
  for (const rejected of result.rejected) line(rejectedJson(rejected))
  line({ type: 'summary', ...result.summary })
}

function print(result: AnalyzeResult, io: Io): void {
  const paint = paintFor(io)
  for (const alert of result.alerts)
    io.stdout.write(`${renderAlert(alert, result.stepsOf(alert.tenant, alert.workflowId), frameworkOf, paint)}\n`)
  if (result.chains.length > 0) io.stdout.write(renderChains(result.chains, MAX_CHAINS))
  for (const { origin, reason, path, message } of result.rejected.slice(0, MAX_REJECTED))
    io.stderr.write(
      `${origin.file}:${origin.line}: ${reason}${path === '' ? '' : ` at ${path}`}: ${printable(message)}\n`,
    )
  if (result.rejected.length > MAX_REJECTED)
    io.stderr.write(`… and ${result.rejected.length - MAX_REJECTED} more refused records (--json prints all)\n`)
  const { events, duplicates, rejected, chains, alerts, seconds } = result.summary
  io.stdout.write(
    `${events} events in ${chains} chains, ${alerts} alerts; ${duplicates} duplicates, ${rejected} refused; ${seconds} s\n`,
  )
}

function progressBar({
  stderr,
}: Io): { update(read: number, total: number | null, events: number): void; stop(): void } | null {
  if (stderr.isTTY !== true) return null
  const bar = new SingleBar({
    format: 'reading {bar} {percentage}% | {events} events | {rate} events/s | {eta_formatted} left',
    clearOnComplete: true,
    hideCursor: true,
    stream: process.stderr,
  })
  const began = performance.now()
  let isRunning = false
  return {
    update(read, total, events) {
      if (total === null) return
      if (!isRunning) bar.start(total, 0, { events: 0, rate: 0 })
      isRunning = true
      bar.update(read, { events, rate: Math.round((events * 1_000) / Math.max(1, performance.now() - began)) })
    },
    stop: () => bar.stop(),
  }
}
