import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { type AnyDetector, CatenaryError } from '../core/index.ts'
import { type Backtest, backtestOf, measured, needsOf } from '../lab/backtest.ts'
import { type Gate, type GateMeasure, gateOf } from '../lab/gates.ts'
import { Arrived } from '../lab/needs.ts'
import type { RunResult } from '../lab/run-result.ts'
import { engineParts, FLAT_LIMITS } from '../main.ts'
import { backtestJson, backtestMarkdown, type GateResult } from './backtest-report.ts'
import { type BacktestSource, fromFiles, fromStore } from './backtest-source.ts'
import { labelsIn, verdictsIn } from './backtest-truth.ts'
import { repeated, timeOf, written } from './flags.ts'
import { EXIT, EXIT_HELP, type Exit, type Io } from './io.ts'
import { runOfRevision } from './other-revision.ts'
import { catalogueOf, configOf, limitsOf, withDetectors, withStore } from './settings.ts'

interface Flags {
  readonly against?: string
  readonly config?: string
  readonly detectorsDir?: string
  readonly data?: string
  readonly since?: number
  readonly until?: number
  readonly labels?: string
  readonly verdicts?: string
  readonly failIf: readonly string[]
  readonly report?: string
  readonly json?: boolean
  readonly format?: string
  readonly tenant?: string
}

/** `catenary backtest [FILE…]` */
export function addBacktest(program: Command, io: Io, exit: Exit): void {
  const command = program
    .command('backtest')
    .summary('what another version or other settings would have alerted on, over past events')
    .description(
      'Analyses files, or what is stored when there are none, with two versions and says which alerts of severity medium ' +
        'and above are gained, lost and changed, by detector, with examples: the revision of --against before and this program after; or this program with its ' +
        'settings before and with those of --config after. Without either it judges this program alone. Names detectors ' +
        'that are silent, noisy, or never evaluated since a field they need never arrived. With labels it gives recall and ' +
        'precision. Files are read more than once, so standard input is none of them; what is stored is held in memory.',
    )
    .argument('[file...]', 'files read in this order as one stream; gzip and zstd are unpacked')
    .option(
      '--against <revision>',
      'a git revision of this checkout to compare with; it is built in a temporary folder',
    )
    .option('--labels <file>', 'what is true of the events, as catenary generate --labels writes it')
    .option(
      '--verdicts <file>',
      'what analysts said of alerts, as NDJSON (docs/lab.md): measured precision by detector',
    )
    .option('--fail-if <condition>', 'exit with 1 when it holds: lost>0, precision<0.9; may be repeated', repeated, [])
    .option('--report <file>', 'write the report there: .json as JSON, anything else as Markdown')
    .option('--json', 'print one JSON object')
    .option('--format <name>', 'events, chat or cloudtrail; sniffed from the content when left out')
    .option('--tenant <name>', 'the tenant of records that name none; of what is stored, this tenant alone')
    .option('--since <time>', 'of what is stored: chains with an event since then (RFC 3339)', timeOf)
    .option('--until <time>', 'of what is stored: chains with an event until then (RFC 3339)', timeOf)
  withDetectors(withStore(command, 'the data folder to take events from when no files are given (CATENARY_DATA__PATH)'))
    .addHelpText('after', HELP)
    .action(async (files: string[], flags: Flags) => exit(await backtest(files, flags, io)))
}

const HELP = `${EXIT_HELP}

Examples
  catenary backtest --against main --fail-if 'lost>0' november/*.ndjson.gz
  catenary backtest --config stricter.json --report backtest.md events.ndjson
  catenary backtest --data .catenary --since 2026-11-01T00:00:00Z --config stricter.json
  catenary backtest --labels labels.json --fail-if 'recall<0.97' --fail-if 'precision<0.9' estate.ndjson.gz`

async function backtest(files: readonly string[], flags: Flags, io: Io): Promise<number> {
  if (files.includes('-'))
    throw new CatenaryError('CAT_USAGE', 'a backtest reads its files more than once; write standard input to a file')
  const gates = flags.failIf.map(gateOf)
  const labels = flags.labels === undefined ? null : await labelsIn(flags.labels)
  const verdicts = flags.verdicts === undefined ? null : await verdictsIn(flags.verdicts)
  if (files.length === 0 && flags.against !== undefined)
    throw new CatenaryError('CAT_USAGE', '--against needs files: another revision cannot read what this one has stored')
  const source = files.length === 0 ? await fromStore(flags, io) : fromFiles(readOptions(files, flags))
  const { detectors, ...after } = await runHere(source, flags, flags.config, io)
  const before = await runBefore(source, files, flags, io)
  const test = backtestOf(before, after, { detectors, labels, verdicts, arrived: await arrivedIn(source, detectors) })
  const results = gates.map((gate) => resultOf(gate, test))
  const json = backtestJson(test, results)
  const markdown = backtestMarkdown(test, results)
  if (flags.report !== undefined) {
    const text = flags.report.endsWith('.json') ? `${JSON.stringify(json, null, 2)}\n` : markdown
    await written(flags.report, writeFile(flags.report, text))
  }
  io.stdout.write(flags.json === true ? `${JSON.stringify(json)}\n` : markdown)
  return results.some(({ met }) => met) ? EXIT.found : EXIT.done
}

type Run = RunResult & { readonly detectors: readonly AnyDetector[] }

async function runHere(source: BacktestSource, flags: Flags, config: string | undefined, io: Io): Promise<Run> {
  const { detectorsDir } = flags
  const reading = configOf(io, {
    ...(config === undefined ? {} : { config }),
    ...(detectorsDir === undefined ? {} : { detectorsDir }),
  })
  const { detectors } = await catalogueOf(io, reading)
  const parts = engineParts(reading.config.detectors, { ...FLAT_LIMITS, ...limitsOf(reading) }, detectors)
  const name = config === undefined || flags.against !== undefined ? 'this tree' : `settings of ${config}`
  return { detectors, ...(await source.run(name, parts)) }
}

async function runBefore(
  source: BacktestSource,
  files: readonly string[],
  flags: Flags,
  io: Io,
): Promise<RunResult | null> {
  if (flags.against !== undefined) {
    const { config, detectorsDir, format, tenant } = flags
    const paths = Object.entries({ config, 'detectors-dir': detectorsDir }).flatMap(([name, path]) =>
      path === undefined ? [] : [`--${name}`, resolve(path)],
    )
    const words = Object.entries({ format, tenant }).flatMap(([name, value]) =>
      value === undefined ? [] : [`--${name}`, value],
    )
    const argv = [...paths, ...words]
    return runOfRevision(flags.against, [...argv, '--', ...files.map((file) => resolve(file))], io)
  }
  return flags.config === undefined ? null : runHere(source, flags, undefined, io)
}

const readOptions = (files: readonly string[], { format, tenant }: Flags) => ({
  files,
  ...(format === undefined ? {} : { format }),
  ...(tenant === undefined ? {} : { tenant }),
})

async function arrivedIn(source: BacktestSource, detectors: readonly AnyDetector[]): Promise<Arrived> {
  const arrived = new Arrived(detectors.flatMap(needsOf))
  for await (const event of source.events()) arrived.see(event)
  return arrived
}

function resultOf(gate: Gate, test: Backtest): GateResult {
  const value = measured(test, gate.measure)
  if (value !== null) return { condition: gate.text, value, met: gate.isMet(value) }
  const source = sourceOf(gate.measure)
  // A share of nothing is whole: nothing was missed, nothing was false.
  if (source.isThere(test)) return { condition: gate.text, value: 1, met: gate.isMet(1) }
  throw new CatenaryError('CAT_USAGE', `--fail-if "${gate.text}" has nothing to look at; give ${source.flags}`)
}

/** The flags that a measure needs, and whether they were given. */
function sourceOf(measure: GateMeasure): { readonly flags: string; isThere(test: Backtest): boolean } {
  if (measure === 'measured_precision') return { flags: '--verdicts', isThere: ({ verdicts }) => verdicts !== null }
  if (measure === 'recall' || measure === 'precision')
    return { flags: '--labels', isThere: ({ figures }) => figures !== null }
  return { flags: '--against or --config', isThere: () => false }
}
