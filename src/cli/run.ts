import { Command, CommanderError } from 'commander'
import { ZodError, z } from 'zod'
import { CatenaryError } from '../core/index.ts'
import { EXIT, type Exit, type Io } from './io.ts'
import { versionOf } from './version.ts'

/** Runs one command line and gives its exit code. Nothing is thrown; what went wrong is said on `stderr`. */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  let code: number = EXIT.done
  const exit = (next: number): void => {
    code = next
  }
  try {
    await (await programOf(argv, io, exit)).parseAsync([...argv], { from: 'user' })
    return code
  } catch (error) {
    return failed(error, io)
  }
}

/** Every command by its name, in the order of `--help`. A module is loaded when its command is run, or when all are shown. */
const COMMANDS: Readonly<Record<string, () => Promise<(program: Command, io: Io, exit: Exit) => unknown>>> = {
  analyze: async () => (await import('./analyze.ts')).addAnalyze,
  serve: async () => (await import('./serve.ts')).addServe,
  demo: async () => (await import('./demo.ts')).addDemo,
  alerts: async () => (await import('./alerts.ts')).addAlerts,
  silences: async () => (await import('./silences.ts')).addSilences,
  incidents: async () => (await import('./incidents.ts')).addIncidents,
  chains: async () => (await import('./chains.ts')).addChains,
  agents: async () => (await import('./agents.ts')).addAgents,
  search: async () => (await import('./search.ts')).addSearch,
  authority: async () => (await import('./authority.ts')).addAuthority,
  credentials: async () => (await import('./credentials.ts')).addCredentials,
  replay: async () => (await import('./replay.ts')).addReplay,
  compare: async () => (await import('./compare.ts')).addCompare,
  explain: async () => (await import('./explain.ts')).addExplain,
  'blast-radius': async () => (await import('./blast-radius.ts')).addBlastRadius,
  contain: async () => (await import('./contain.ts')).addContain,
  containments: async () => (await import('./containments.ts')).addContainments,
  report: async () => (await import('./report.ts')).addReport,
  evidence: async () => (await import('./evidence.ts')).addEvidence,
  detectors: async () => (await import('./detectors.ts')).addDetectors,
  generate: async () => (await import('./generate.ts')).addGenerate,
  backtest: async () => (await import('./backtest.ts')).addBacktest,
  mcp: async () => (await import('./mcp.ts')).addMcp,
  topics: async () => (await import('./topics.ts')).addTopics,
  produce: async () => (await import('./produce.ts')).addProduce,
  'dead-letters': async () => (await import('./dead-letters.ts')).addDeadLetters,
  forward: async () => (await import('./forward.ts')).addForward,
  jwks: async () => (await import('./jwks.ts')).addJwks,
  keys: async () => (await import('./keys.ts')).addKeys,
  audit: async () => (await import('./audit.ts')).addAudit,
  migrate: async () => (await import('./migrate.ts')).addMigrate,
  doctor: async () => (await import('./doctor.ts')).addDoctor,
  config: async () => (await import('./config.ts')).addConfig,
  completion: async () => (await import('./completion.ts')).addCompletion,
}

const VERSION = ['-V', '--version']

async function programOf([first = '']: readonly string[], io: Io, exit: Exit): Promise<Command> {
  const program = new Command('catenary')
    .description('Chain-risk analyzer for AI-agent workflows.')
    .version(versionOf(), VERSION.join(', '))
    .exitOverride()
    .configureOutput({ writeOut: (text) => io.stdout.write(text), writeErr: (text) => io.stderr.write(text) })
    .showHelpAfterError('(catenary --help lists the commands)')
  for (const load of wanted(first)) (await load())(program, io, exit)
  for (const command of program.commands) command.exitOverride()
  return program
}

/** Loading all takes longer than most commands do: the one that is named is enough, but for what tells of all. */
function wanted(first: string): readonly (typeof COMMANDS)[string][] {
  if (VERSION.includes(first)) return []
  const named = Object.hasOwn(COMMANDS, first) && first !== 'completion' ? COMMANDS[first] : undefined
  return named === undefined ? Object.values(COMMANDS) : [named]
}

function failed(error: unknown, io: Io): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage
  if (error instanceof ZodError) {
    io.stderr.write(`catenary: a setting is wrong\n${z.prettifyError(error)}\n`)
    return EXIT.usage
  }
  if (error instanceof CatenaryError) {
    io.stderr.write(`catenary: ${error.message}\n`)
    if (error.code === 'CAT_SOURCE_UNAVAILABLE' || error.code === 'CAT_STORE_UNAVAILABLE') return EXIT.away
    return error.code === 'CAT_BUG' || error.code === 'CAT_STORE_REJECTED' ? EXIT.bug : EXIT.usage
  }
  io.stderr.write(
    `catenary: this is a bug, please report it with what stands below\n${error instanceof Error ? error.stack : String(error)}\n`,
  )
  return EXIT.bug
}
