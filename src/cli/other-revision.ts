import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface, type Interface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { CatenaryError } from '../core/index.ts'
import { type RunResult, resultOfLines } from '../lab/run-result.ts'
import type { Io } from './io.ts'

const exec = promisify(execFile)

/** What this program's checkout is, seen from the sources and from the build. */
async function checkout(): Promise<string> {
  const here = fileURLToPath(new URL('.', import.meta.url))
  const { stdout } = await exec('git', ['rev-parse', '--show-toplevel'], { cwd: here }).catch((cause: unknown) => {
    throw new CatenaryError('CAT_USAGE', '--against needs a checkout of Catenary and git; run it in one', { cause })
  })
  return stdout.trim()
}

/** Analyses files with another revision of this checkout, as `catenary analyze --json`. Throws as `withRevision`. */
export const runOfRevision = (revision: string, argv: readonly string[], io: Io): Promise<RunResult> =>
  withRevision(revision, io, (run) => run(['analyze', '--json', ...argv], (lines) => resultOfLines(revision, lines)))

/** Runs the other program with these words, and reads what it prints line by line. Throws `CAT_USAGE` when it fails. */
type RunProgram = <T>(argv: readonly string[], read: (lines: Interface) => Promise<T>) => Promise<T>

/**
 * Hands `use` another revision of this checkout: it is checked out beside it into a temporary folder, built there with its own
 * build, and removed again. Throws `CAT_USAGE` outside a checkout, for a revision that is none, and for one that cannot be built or
 * cannot do what it is asked.
 */
export async function withRevision<T>(revision: string, io: Io, use: (run: RunProgram) => Promise<T>): Promise<T> {
  const root = await checkout()
  const { stdout } = await exec('git', ['rev-parse', '--verify', '--end-of-options', `${revision}^{commit}`], {
    cwd: root,
  }).catch((cause: unknown) => {
    throw new CatenaryError('CAT_USAGE', `--against ${revision} is no revision of this checkout; git log lists them`, {
      cause,
    })
  })
  const folder = mkdtempSync(join(tmpdir(), 'catenary-backtest-'))
  const tree = join(folder, 'tree')
  const remove = (): void => rmSync(folder, { recursive: true, force: true })
  process.once('exit', remove)
  try {
    io.stderr.write(`building ${revision} …\n`)
    await exec('git', ['worktree', 'add', '--detach', tree, stdout.trim()], { cwd: root })
    await build(root, tree, revision)
    return await use((argv, read) => printed(revision, tree, argv, read))
  } finally {
    process.removeListener('exit', remove)
    remove()
    await exec('git', ['worktree', 'prune'], { cwd: root }).catch(() => undefined)
  }
}

/** With the packages of this checkout where both want the same ones, else with its own. */
async function build(root: string, tree: string, revision: string): Promise<void> {
  const lockOf = (folder: string): string => readFileSync(join(folder, 'package-lock.json'), 'utf8')
  try {
    if (lockOf(root) === lockOf(tree)) symlinkSync(join(root, 'node_modules'), join(tree, 'node_modules'))
    else await exec('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: tree, maxBuffer: 1 << 26 })
    await exec('npm', ['run', 'build'], { cwd: tree, maxBuffer: 1 << 26 })
  } catch (cause) {
    throw new CatenaryError('CAT_USAGE', `${revision} cannot be built here; try npm ci and npm run build in it`, {
      cause,
    })
  }
}

async function printed<T>(
  revision: string,
  tree: string,
  argv: readonly string[],
  read: (lines: Interface) => Promise<T>,
): Promise<T> {
  const program = resolve(tree, 'bin/catenary.js')
  const child: ChildProcess = spawn(process.execPath, [program, ...argv], { stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = once(child, 'close') as Promise<[number | null]>
  let said = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (said = `${said}${text}`.slice(-2_000)))
  if (child.stdout === null) throw new CatenaryError('CAT_BUG', 'a child without standard output')
  const result = await read(createInterface({ input: child.stdout }))
  const [code] = await ended
  if (code !== 0)
    throw new CatenaryError('CAT_USAGE', `${revision} could not read the files, it ended with ${code}: ${said.trim()}`)
  return result
}
