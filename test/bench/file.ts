import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { writeEstatesUpTo } from './estate-file.ts'

/**
 * `npm run bench:file [MEGABYTES]`: how much memory `catenary analyze --json` takes at its largest for a file of 5 MB and
 * for one of so many (default 1,000), each in a process of its own, and the ratio of the two.
 */
const SMALL_MB = 5
const [megabytes = '1000'] = process.argv.slice(2)
const SELF = fileURLToPath(import.meta.url)
const CLI = fileURLToPath(new URL('../../src/cli/run.js', import.meta.url))

interface Taken {
  readonly rssMiB: number
  readonly cpuS: number
}

/** Runs the command in this process, and says on standard error what it took. */
async function analyzeHere(file: string): Promise<void> {
  const { run } = (await import(CLI)) as { run(args: readonly string[], io: NodeJS.Process): Promise<number> }
  process.exitCode = await run(['analyze', '--json', file], process)
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage()
  process.stderr.write(`\n${JSON.stringify({ rssMiB: maxRSS / 1_024, cpuS: (userCPUTime + systemCPUTime) / 1e6 })}\n`)
}

function analyzeApart(file: string): Taken {
  const { status, stderr } = spawnSync(process.execPath, [SELF, '--here', file], {
    encoding: 'utf8',
    maxBuffer: 1e8,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  if (status !== 0) throw new Error(`analyze ended with ${status}: ${stderr.slice(-500)}`)
  return JSON.parse(stderr.trim().split('\n').at(-1) ?? '') as Taken
}

async function measure(directory: string, size: number): Promise<Taken> {
  const file = join(directory, `${size}.ndjson`)
  const events = await writeEstatesUpTo(file, size * 1e6)
  const taken = analyzeApart(file)
  process.stdout.write(
    `${(statSync(file).size / 1e6).toFixed(0)} MB, ${events} events: ${taken.rssMiB.toFixed(0)} MiB, ${taken.cpuS.toFixed(0)} s of processor time\n`,
  )
  rmSync(file)
  return taken
}

async function main(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'catenary-bench-'))
  try {
    const small = await measure(directory, SMALL_MB)
    const large = await measure(directory, Number(megabytes))
    process.stdout.write(`${megabytes} MB ÷ ${SMALL_MB} MB: ${(large.rssMiB / small.rssMiB).toFixed(2)}\n`)
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

if (megabytes === '--here') await analyzeHere(process.argv[3] ?? '')
else await main()
