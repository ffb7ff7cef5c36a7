import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { writeEstate } from './estate-file.ts'
import { bytesOfHotStep, bytesOfPackedChain, microsOfStep } from './memory.ts'
import { measure, PASSES, type Pass } from './pass.ts'

/**
 * `npm run bench [EVENTS] [ROUNDS]`: prints ratios within one run. Each pass and each measure of memory is a process of its
 * own, passes take turns, and the median over the rounds counts: machines are noisy, so absolute times say little.
 */
const [job = '500000', rest = '3'] = process.argv.slice(2)
const SELF = fileURLToPath(import.meta.url)

const print = (text: string): unknown => process.stdout.write(`${text}\n`)

const JOBS: Readonly<Record<string, (argument: string) => Promise<unknown> | unknown>> = {
  ...Object.fromEntries(PASSES.map((pass) => [`pass:${pass}`, (file: string) => measure(pass, file)])),
  'memory:hot': () => bytesOfHotStep(200_000, 20),
  'memory:hot-long': () => bytesOfHotStep(200_000, 100_000),
  'memory:packed': (chains) => bytesOfPackedChain(Number(chains), 20),
  'cost:short': () => microsOfStep(200_000, 100),
  'cost:long': () => microsOfStep(200_000, 100_000),
}

function inOwnProcess<T>(name: string, argument: string): T {
  const out = execFileSync(process.execPath, ['--expose-gc', '--max-old-space-size=8192', SELF, name, argument], {
    encoding: 'utf8',
    maxBuffer: 1e8,
  })
  return JSON.parse(out.trim().split('\n').at(-1) ?? 'null') as T
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN

const row = (label: string, value: string, aim = ''): void =>
  void print(`${label.padEnd(62)} ${value.padStart(12)}  ${aim}`)

async function main(events: number, rounds: number): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'catenary-bench-'))
  const file = join(directory, 'estate.ndjson')
  try {
    const written = await writeEstate(file, events)
    print(
      `${written} events, ${Math.round(statSync(file).size / 1e6)} MB, ${rounds} rounds, ${cpus().length} cores, Node ${process.version}\n`,
    )
    throughput(file, written, rounds)
    shapes()
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

function throughput(file: string, events: number, rounds: number): void {
  const taken = Object.fromEntries(PASSES.map((pass) => [pass, { wall: [] as number[], cpu: [] as number[], rss: 0 }]))
  for (let round = 0; round < rounds; round += 1) {
    for (const pass of PASSES) {
      const { wallS, cpuS, rssMiB } = inOwnProcess<{ wallS: number; cpuS: number; rssMiB: number }>(
        `pass:${pass}`,
        file,
      )
      taken[pass]?.wall.push(wallS)
      taken[pass]?.cpu.push(cpuS)
      Object.assign(taken[pass] ?? {}, { rss: rssMiB })
    }
  }
  const wall = (pass: Pass): number => median(taken[pass]?.wall ?? [])
  const cpu = (pass: Pass): number => median(taken[pass]?.cpu ?? [])
  for (const pass of PASSES)
    row(
      `${NAMES[pass]}: events/s on the wall, and a second of processor time`,
      `${Math.round(events / wall(pass))}`,
      `${Math.round(events / cpu(pass))}   ${Math.round(taken[pass]?.rss ?? 0)} MiB`,
    )
  row(
    'fold and detect ÷ read, parse, validate (processor time)',
    ((cpu('fold') - cpu('read')) / cpu('read')).toFixed(2),
  )
  row(
    'everything ÷ read, parse, validate, store bare steps (wall)',
    (wall('all') / wall('store')).toFixed(2),
    'aim 1.25',
  )
  row(
    'fold and detect ÷ read, parse, validate, store (processor time)',
    ((cpu('fold') - cpu('read')) / cpu('store')).toFixed(2),
    'aim 0.25',
  )
}

const NAMES: Readonly<Record<Pass, string>> = {
  read: 'read, parse, validate',
  fold: '… and fold with all detectors',
  store: 'read, parse, validate, store bare steps',
  all: 'everything: read, fold, store',
}

function shapes(): void {
  row('bytes a step, hot chains of 20', Math.round(inOwnProcess<number>('memory:hot', '')).toString(), 'aim 1,024')
  row(
    'bytes a step, one hot chain of 100,000',
    Math.round(inOwnProcess<number>('memory:hot-long', '')).toString(),
    'aim 1,024',
  )
  const { each, fixed } = inOwnProcess<{ each: number; fixed: number }>('memory:packed', '100000')
  row('bytes each more open chain of 20 steps, packed', Math.round(each).toString(), 'aim 1,536')
  row('GiB for 1,000,000 of them, all else in memory included', ((each * 1e6 + fixed) / 2 ** 30).toFixed(2), 'aim 1.5')
  const ratio = inOwnProcess<number>('cost:long', '') / inOwnProcess<number>('cost:short', '')
  row('a step of a chain of 100,000 ÷ a step of one of 100', ratio.toFixed(2), 'aim 1')
}

const single = JOBS[job]
if (single === undefined) await main(Number(job), Number(rest))
else print(JSON.stringify(await single(rest)))
