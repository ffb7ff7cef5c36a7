import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

const PROGRAM = resolve('bin/catenary.js')
const CACHE = resolve('node_modules/.cache/catenary')
const BUILD_MS = 180_000
const OLD_MS = 3_600_000

/**
 * Builds the program from the sources as they are now, once for all test files of a run: the workers of one run have one
 * parent, and the first of them to come does it.
 */
export async function buildProgram(): Promise<void> {
  mkdirSync(CACHE, { recursive: true })
  const marker = join(CACHE, `build-${process.ppid}`)
  if (Date.now() - (statSync(marker, { throwIfNoEntry: false })?.mtimeMs ?? Date.now()) > OLD_MS) rmSync(marker)
  if (isFirst(marker)) {
    try {
      execFileSync(process.execPath, [resolve('node_modules/typescript/bin/tsc'), '-p', 'tsconfig.build.json'])
      execFileSync(process.execPath, ['scripts/copy-assets.mjs'])
      writeFileSync(marker, 'done')
    } catch (error) {
      writeFileSync(marker, 'failed')
      throw error
    }
    return
  }
  const deadline = Date.now() + BUILD_MS
  while (readFileSync(marker, 'utf8') !== 'done') {
    if (Date.now() > deadline || readFileSync(marker, 'utf8') === 'failed') throw new Error('the program was not built')
    await delay(100)
  }
}

function isFirst(marker: string): boolean {
  try {
    writeFileSync(marker, '', { flag: 'wx' })
    return true
  } catch {
    return false
  }
}

export interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

export interface Started {
  readonly child: ChildProcess
  readonly ended: Promise<Ended>
}

/** Runs a command as a person does: in a folder, with an environment of its own. */
export function startProgram(
  argv: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): Started {
  const child = spawn(process.execPath, [PROGRAM, ...argv], { cwd, env: { PATH: process.env['PATH'], ...env } })
  let [out, err] = ['', '']
  child.stdout.on('data', (data: Buffer) => (out += data.toString()))
  child.stderr.on('data', (data: Buffer) => (err += data.toString()))
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, out, err }))
  return { child, ended }
}

/** A service that was started, and where it listens. */
export interface Serving {
  readonly url: string
  /** SIGKILL; resolves when it has ended. */
  kill(): Promise<Ended>
}

/** Starts a service on a port of its own. Rejects with what it wrote when it ends before it listens; `onStart` can end it all the same. */
export async function serveProgram(
  cwd: string,
  env: Readonly<Record<string, string>>,
  onStart: (kill: () => Promise<Ended>) => void,
): Promise<Serving> {
  const { child, ended } = startProgram(['serve', '--port', '0', '--json'], cwd, env)
  const kill = (): Promise<Ended> => {
    child.kill('SIGKILL')
    return ended
  }
  onStart(kill)
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout?.once('data', (data: Buffer) => resolve((JSON.parse(data.toString()) as { url: string }).url))
    void ended.then(({ err }) => reject(new Error(err)))
  })
  return { url, kill }
}

/** The objects of a command's NDJSON. */
export const objectsOf = <T = Record<string, unknown>>({ out }: Pick<Ended, 'out'>): readonly T[] =>
  out
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T)
