import { Command, CommanderError } from 'commander'
import { ZodError, z } from 'zod'
import { CatenaryError } from '../core/index.ts'
import { addAgents } from './agents.ts'
import { addAlerts } from './alerts.ts'
import { addAnalyze } from './analyze.ts'
import { addAudit } from './audit.ts'
import { addBacktest } from './backtest.ts'
import { addBlastRadius } from './blast-radius.ts'
import { addChains } from './chains.ts'
import { addConfig } from './config.ts'
import { addContain } from './contain.ts'
import { addCredentials } from './credentials.ts'
import { addDeadLetters } from './dead-letters.ts'
import { addDemo } from './demo.ts'
import { addDetectors } from './detectors.ts'
import { addDoctor } from './doctor.ts'
import { addEvidence } from './evidence.ts'
import { addExplain } from './explain.ts'
import { addForward } from './forward.ts'
import { addGenerate } from './generate.ts'
import { addIncidents } from './incidents.ts'
import { EXIT, type Exit, type Io } from './io.ts'
import { addJwks } from './jwks.ts'
import { addKeys } from './keys.ts'
import { addMcp } from './mcp.ts'
import { addMigrate } from './migrate.ts'
import { addProduce } from './produce.ts'
import { addReplay } from './replay.ts'
import { addReport } from './report.ts'
import { addServe } from './serve.ts'
import { addTopics } from './topics.ts'
import { versionOf } from './version.ts'

/** Runs one command line and gives its exit code. Nothing is thrown; what went wrong is said on `stderr`. */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  let code: number = EXIT.done
  const exit = (next: number): void => {
    code = next
  }
  try {
    await programOf(io, exit).parseAsync([...argv], { from: 'user' })
    return code
  } catch (error) {
    return failed(error, io)
  }
}

const COMMANDS = [
  addAnalyze,
  addServe,
  addDemo,
  addAlerts,
  addIncidents,
  addChains,
  addAgents,
  addCredentials,
  addReplay,
  addExplain,
  addBlastRadius,
  addContain,
  addReport,
  addEvidence,
  addDetectors,
  addGenerate,
  addBacktest,
  addTopics,
  addProduce,
  addDeadLetters,
  addForward,
  addJwks,
  addKeys,
  addAudit,
  addMcp,
  addMigrate,
  addDoctor,
  addConfig,
]

function programOf(io: Io, exit: Exit): Command {
  const program = new Command('catenary')
    .description('Chain-risk analyzer for AI-agent workflows.')
    .version(versionOf(), '-V, --version')
    .exitOverride()
    .configureOutput({ writeOut: (text) => io.stdout.write(text), writeErr: (text) => io.stderr.write(text) })
    .showHelpAfterError('(catenary --help lists the commands)')
  for (const add of COMMANDS) add(program, io, exit)
  for (const command of program.commands) command.exitOverride()
  return program
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
