import { setFlagsFromString } from 'node:v8'
import { type Command, Option } from 'commander'
import { guardStdin } from '../adapters/files/stdin.ts'
import { CatenaryError, isAtLeast, SEVERITIES, type Severity } from '../core/index.ts'
import { type AnalyzeOptions, type AnalyzeResult, analyzeFiles, FLAT_LIMITS } from '../main.ts'
import { keyOf, openStore } from '../service/open-store.ts'
import { instantOf } from './flags.ts'
import { EXIT, EXIT_HELP, type Exit, type Io } from './io.ts'
import { printAnalysis, printJson } from './print-analysis.ts'
import { progressBar } from './progress.ts'
import {
  type ConfigFlags,
  catalogueOf,
  configOf,
  limitsOf,
  readDetectorFile,
  withDetectors,
  withStore,
} from './settings.ts'

interface Flags extends ConfigFlags {
  readonly json?: boolean
  readonly format?: string
  readonly until?: string
  readonly failOn?: string
  readonly tenant?: string
  readonly retainContent?: boolean
  readonly settings?: string
}

/** `catenary analyze FILE… | -` */
export function addAnalyze(program: Command, io: Io, exit: Exit): void {
  const command = program
    .command('analyze')
    .summary('read files, rebuild the chains in them, print alerts and chains')
    .description(
      'Reads files as one stream, rebuilds each workflow’s chain of actions, judges every chain with all detectors, and prints ' +
        'the alerts, strongest first, and the chains, riskiest first. Records that cannot be read are told on standard error ' +
        'with file and line; their neighbours go on.',
    )
    .argument('<file...>', 'files read in this order; - is standard input; gzip and zstd are unpacked')
    .option('--json', 'print NDJSON and nothing else: alerts, chains, credentials, rejected records, a summary last')
    .option('--format <name>', 'events, chat or cloudtrail; sniffed from the content when left out')
    .option('--until <time>', 'judge absence up to this time (RFC 3339) rather than the last event plus the lateness')
    .option('--fail-on <severity>', `exit with 1 when an alert is at least this severe: ${SEVERITIES.join(', ')}`)
    .option('--tenant <name>', 'the tenant of records that name none')
    .option('--retain-content', 'keep requests, arguments and results rather than fingerprints alone')
    .addOption(new Option('--settings <file>', 'JSON: detector id → its options').hideHelp())
  withDetectors(
    withStore(command, 'store what is found in this data folder as well; what it holds already counts as read'),
  )
    .addHelpText('after', HELP)
    .action(async (files: string[], flags: Flags) => exit(await analyze(files, flags, io)))
}

const HELP = `${EXIT_HELP}

Examples
  catenary analyze events.ndjson.gz
  catenary analyze --json --fail-on high trail/*.json
  kubectl logs agent-gateway | catenary analyze -
  catenary analyze --data .catenary november/*.ndjson.zst   # twice is as good as once`

/** V8 lets a heap grow to four times what is alive before it collects; half as much again is enough here. */
const COLLECT_SOONER = '--heap-growing-percent=50'

async function analyze(files: readonly string[], flags: Flags, io: Io): Promise<number> {
  const limit = severityOf(flags.failOn)
  const progress = progressBar(io, 'reading')
  setFlagsFromString(COLLECT_SOONER)
  const more = { onProgress: progress.update, ...(flags.data === undefined ? { limits: FLAT_LIMITS } : {}) }
  return withFound(files, flags, io, more, async (result) => {
    progress.stop()
    if (flags.json === true) printJson(result, io)
    else await printAnalysis(result, io)
    const met = limit !== null && result.alerts.some(({ severity }) => isAtLeast(severity, limit))
    return met ? EXIT.found : EXIT.done
  }).finally(progress.stop)
}

/**
 * Analyses files with the detectors given, else with all of the configuration, into the store given, else with `--data` into the
 * data folder. Hands what was found to `use` while the store is open. Throws `CAT_USAGE`, `CAT_CONFIG`, `CAT_INPUT`, and what
 * the store throws.
 */
export async function withFound<T>(
  files: readonly string[],
  flags: Flags,
  io: Io,
  { limits, detectors, store: given, ...more }: Pick<AnalyzeOptions, 'onProgress' | 'limits' | 'detectors' | 'store'>,
  use: (result: AnalyzeResult) => Promise<T>,
): Promise<T> {
  if (flags.data !== undefined) guardStdin(files.includes('-'))
  const { store = given, ...options } = await optionsOf(files, flags, io, detectors)
  try {
    return await use(
      await analyzeFiles({
        ...options,
        ...more,
        limits: { ...limits, ...options.limits },
        ...(store === undefined ? {} : { store }),
      }),
    )
  } finally {
    await store?.close()
  }
}

async function optionsOf(
  files: readonly string[],
  flags: Flags,
  io: Io,
  loaded: AnalyzeOptions['detectors'],
): Promise<AnalyzeOptions> {
  const until = flags.until === undefined ? undefined : instantOf('--until', flags.until)
  const reading = configOf(io, flags)
  const { config } = reading
  const detectors = loaded ?? (await catalogueOf(io, reading)).detectors
  const own = flags.settings === undefined ? {} : await readDetectorFile(flags.settings, detectors)
  const isKeyed = flags.data !== undefined || config.content.key !== undefined
  return {
    files,
    retainContent: flags.retainContent ?? config.content.retain,
    detectors,
    settings: { ...config.detectors, ...own },
    limits: limitsOf(reading),
    ...(isKeyed ? { contentKey: await keyOf(config) } : {}),
    ...(flags.data === undefined ? {} : { store: await openStore(config) }),
    ...(flags.format === undefined ? {} : { format: flags.format }),
    ...(until === undefined ? {} : { until }),
    ...(flags.tenant === undefined ? {} : { tenant: flags.tenant }),
  }
}

function severityOf(text: string | undefined): Severity | null {
  if (text === undefined) return null
  const found = SEVERITIES.find((severity) => severity === text)
  if (found === undefined)
    throw new CatenaryError('CAT_USAGE', `--fail-on ${text} is no severity; use one of ${SEVERITIES.join(', ')}`)
  return found
}
