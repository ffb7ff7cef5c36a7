import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { scaffoldDetector } from '../../src/cli/new-detector.ts'
import { buildProgram } from '../kit/program.ts'

const PROGRAM = resolve('bin/catenary.js')
const EXAMPLE = resolve('test/fixtures/example.ndjson')
let folder = ''
const running = new Set<ChildProcess>()

/** The commands run as a person runs them, so the program is built from the sources as they are now. */
beforeAll(async () => {
  await buildProgram()
  folder = mkdtempSync(join(tmpdir(), 'catenary-'))
}, 180_000)

afterEach(() => {
  for (const child of running) child.kill('SIGKILL')
  running.clear()
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Started {
  readonly child: ChildProcess
  readonly ended: Promise<{ readonly code: number | null; readonly out: string; readonly err: string }>
  /** Resolves with what was printed once it holds the text. */
  until(text: string): Promise<string>
}

function start(argv: readonly string[], env: Readonly<Record<string, string>> = {}): Started {
  const child = spawn(process.execPath, [PROGRAM, ...argv], { cwd: folder, env: { PATH: process.env['PATH'], ...env } })
  running.add(child)
  let [out, err] = ['', '']
  child.stdout.on('data', (data: Buffer) => (out += data.toString()))
  child.stderr.on('data', (data: Buffer) => (err += data.toString()))
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, out, err }))
  const until = (text: string): Promise<string> =>
    new Promise((done, fail) => {
      const look = (): void => {
        if (out.includes(text)) done(out)
      }
      child.stdout.on('data', look)
      look()
      void ended.then(({ code }) => fail(new Error(`ended with ${code} before it printed "${text}": ${err}`)))
    })
  return { child, ended, until }
}

const ended = (argv: readonly string[], env?: Readonly<Record<string, string>>) => start(argv, env).ended

async function serve(data: string): Promise<Started & { readonly url: string }> {
  const service = start(['serve', '--port', '0', '--data', data])
  const printed = await service.until('Ctrl-C stops it')
  return { ...service, url: /http:\/\/[\d.:]+/.exec(printed)?.[0] ?? '' }
}

interface Ingested {
  readonly accepted: number
  readonly duplicates: number
}

async function send(url: string, file: string): Promise<Ingested> {
  const headers = { 'content-type': 'application/x-ndjson' }
  const reply = await fetch(`${url}/v1/events`, { method: 'POST', headers, body: readFileSync(file) })
  return (await reply.json()) as Ingested
}

async function alertsAt(url: string): Promise<readonly { readonly alert_id: string; readonly revision: number }[]> {
  return ((await (await fetch(`${url}/v1/alerts`)).json()) as { items: { alert_id: string; revision: number }[] }).items
}

describe('catenary serve', () => {
  it('stores what it accepted, and stops in order on SIGTERM', async () => {
    const service = await serve('orderly')
    expect(await send(service.url, EXAMPLE)).toMatchObject({ accepted: 6, duplicates: 0 })
    service.child.kill('SIGTERM')
    expect((await service.ended).code).toBe(0)
    const again = await serve('orderly')
    expect(await alertsAt(again.url)).toHaveLength(1)
  })

  it('goes on after it was killed: nothing is lost, nothing is told twice', async () => {
    const first = await serve('killed')
    await send(first.url, EXAMPLE)
    const before = await alertsAt(first.url)
    first.child.kill('SIGKILL')
    await first.ended
    const second = await serve('killed')
    expect(await send(second.url, EXAMPLE)).toMatchObject({ accepted: 0, duplicates: 6 })
    expect(await alertsAt(second.url)).toEqual(before)
    expect(before).toHaveLength(1)
  })

  it('prints one JSON object and nothing else with --json', async () => {
    const { child, until, ended: over } = start(['serve', '--json', '--port', '0', '--data', 'machine'])
    await until('\n')
    child.kill('SIGTERM')
    const { code, out } = await over
    expect(code).toBe(0)
    const told = JSON.parse(out) as Readonly<Record<string, string>>
    expect(told).toMatchObject({ type: 'service', url: expect.stringMatching(/^http:..127\.0\.0\.1:\d+$/) })
    expect(told['stores_in']).toContain('machine')
  })

  it('says which folder another process holds, and how to mend it', async () => {
    await serve('held')
    const { code, err } = await ended(['analyze', '--data', 'held', EXAMPLE])
    expect(code).toBe(3)
    expect(err).toContain('held')
    expect(err).toMatch(/another process/i)
  })

  it('says that a port is in use, and how to choose another', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as { port: number }
    const { code, err } = await ended(['serve', '--port', String(port), '--data', 'port'])
    other.close()
    expect(code).toBe(2)
    expect(err).toContain(`port ${port}`)
    expect(err).toContain('--port')
  })

  it.each([
    ['another address than loopback', ['serve', '--host', '0.0.0.0'], {}, /CATENARY_AUTH__REQUIRED/],
    ['an unknown variable', ['serve'], { CATENARY_API__PROT: '1' }, /did you mean CATENARY_API__PORT/],
    ['a port that is none', ['serve', '--port', 'many'], {}, /--port.*whole number/s],
  ])('refuses %s', async (_, argv, env, said) => {
    const { code, err } = await ended(argv, env)
    expect(code).toBe(2)
    expect(err).toMatch(said)
  })

  it('refuses a detector option that is wrong, by the name of the option', async () => {
    writeFileSync(join(folder, 'wrong.json'), '{"detectors":{"secret-harvest":{"nope":1},"no-such-one":{}}}')
    const { code, err } = await ended(['serve', '--config', 'wrong.json'])
    expect(code).toBe(2)
    expect(err).toContain('nope')
    expect(err).toContain('no-such-one')
  })
})

describe('catenary demo', () => {
  it('finds all seven stories, draws their paths, and ends with --once', async () => {
    const { code, out } = await ended(['demo', '--once'])
    expect(code).toBe(0)
    expect(out).toContain('7 of the attacks are told')
    for (const id of ['approval-drift', 'connector-shadow-access', 'credential-outlives-task', 'tainted-action'])
      expect(out).toContain(id)
    expect(out).toMatch(/● .*cluster\.exec/)
  })

  it('leaves the API up, with the addresses to open', async () => {
    const demo = start(['demo', '--port', '0'])
    const printed = await demo.until('/v1/tail')
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(printed)?.[0] ?? ''
    expect((await fetch(`${url}/docs/`)).status).toBe(200)
    expect((await alertsAt(url)).length).toBeGreaterThan(6)
    demo.child.kill('SIGINT')
    expect((await demo.ended).code).toBe(0)
  })
})

describe('what is stored', () => {
  it('is analyzed, explained and replayed from its folder', async () => {
    const { out } = await ended(['analyze', '--json', '--data', 'kept', EXAMPLE])
    const [alert] = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { alert_id: string; type: string })
    const explained = await ended(['explain', alert?.alert_id ?? '', '--data', 'kept'])
    expect(explained.out).toContain('vault.read vault/prod/payroll-admin')
    const replayed = await ended(['replay', 'wf-17', '--data', 'kept'])
    expect(replayed.out).toMatch(/payroll\.export.*score \d+ → \d+/)
    const byAgent = await ended(['replay', '--agent', 'billing-bot', '--data', 'kept'])
    expect(byAgent.out).toContain('payroll.export')
  })

  it('has a schema that migrate shows and applies once', async () => {
    const dry = await ended(['migrate', '--dry-run', '--data', 'schema'])
    expect(dry.out).toContain('CREATE TABLE IF NOT EXISTS steps')
    expect(existsSync(join(folder, 'schema'))).toBe(false)
    expect((await ended(['migrate', '--data', 'schema'])).out).toContain('applied 0001_steps.sql')
    expect((await ended(['migrate', '--data', 'schema'])).out).toContain('is that of this program')
  })
})

describe('a full disk', () => {
  it('loses nothing: what was not stored is refused with the reason, and goes in once there is room', async ({
    skip,
  }) => {
    const disk = join(folder, 'disk')
    mkdirSync(disk)
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', disk], { stdio: 'ignore' })
    } catch {
      skip('needs the right to mount a small disk')
    }
    try {
      const data = join(disk, 'data')
      expect((await ended(['migrate', '--data', data])).code).toBe(0)
      expect((await ended(['doctor', '--data', data], { CATENARY_API__PORT: '0' })).out).toContain('content key')
      const filler = join(disk, 'filler')
      expect(() => {
        for (;;) appendFileSync(filler, Buffer.alloc(65_536))
      }).toThrow(/ENOSPC/)
      const full = await ended(['analyze', '--data', data, EXAMPLE])
      expect(full.code).toBe(3)
      expect(full.err).toMatch(/not enough space.*room on its disk/s)
      rmSync(filler)
      const { code, out } = await ended(['analyze', '--data', data, EXAMPLE])
      expect(code).toBe(0)
      expect(out).toContain('6 events in 1 chain, 1 alert; 0 duplicates')
    } finally {
      execFileSync('umount', [disk])
    }
  })
})

describe('catenary doctor and config', () => {
  it('find nothing wrong on a good machine', async () => {
    const { code, out } = await ended(['doctor', '--json', '--data', 'fine'], { CATENARY_API__PORT: '0' })
    const checks = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { check: string; status: string })
    expect(code).toBe(0)
    expect(checks.map(({ check }) => check)).toEqual(
      expect.arrayContaining(['node', 'settings', 'data folder', 'content key', 'store', 'port']),
    )
    expect(checks.filter(({ status }) => status === 'fail')).toEqual([])
  })

  it('tell what is in the way, each with a way to mend it', async () => {
    await serve('busy')
    const { code, out, err } = await ended(['doctor', '--data', 'busy'])
    expect(code).toBe(3)
    expect(out).toMatch(/fail\s+store.*another process/i)
    // Elsewhere the kernel does not tell who holds a lock, and the engine has a line of its own.
    if (process.platform === 'linux') expect(err).toBe('')
  })

  it('show the settings in force and hide secrets', async () => {
    const env = { CATENARY_CONTENT__KEY: '00112233445566778899aabbccddeeff', CATENARY_API__PORT: '9100' }
    const { out } = await ended(['config'], env)
    expect(out).toMatch(/api\.port\s+9100\s+env CATENARY_API__PORT/)
    expect(out).toMatch(/content\.key\s+\(hidden\)/)
    expect(out).not.toContain('00112233')
  })
})

describe('catenary detectors new', () => {
  it('refuses an id that is none, and to work outside a checkout', () => {
    expect(() => scaffoldDetector('Bad Id', folder)).toThrow(/no detector id/)
    expect(() => scaffoldDetector('many-deletions', folder)).toThrow(/checkout/)
  })

  it('writes a detector that passes lint, types and its own tests as it is', () => {
    const checkout = join(folder, 'checkout')
    for (const part of ['src', 'schemas', 'detectors', 'test', ...CONFIGS])
      cpSync(part, join(checkout, part), { recursive: true })
    symlinkSync(resolve('node_modules'), join(checkout, 'node_modules'))
    const wrote = scaffoldDetector('many-deletions', checkout)
    const node = (tool: string, ...argv: readonly string[]) =>
      execFileSync(process.execPath, [resolve('node_modules', tool), ...argv], { cwd: checkout, stdio: 'pipe' })
    expect(() => node('@biomejs/biome/bin/biome', 'check', ...wrote)).not.toThrow()
    expect(() => node('typescript/bin/tsc')).not.toThrow()
    const ran = node('vitest/vitest.mjs', 'run', 'test/detectors', '-t', 'many-deletions', '--reporter', 'json')
    const { numFailedTests, numPassedTests } = JSON.parse(ran.toString()) as Readonly<Record<string, number>>
    expect({ numFailedTests }).toEqual({ numFailedTests: 0 })
    expect(numPassedTests).toBeGreaterThan(12)
  }, 240_000)
})

const CONFIGS = ['biome.json', 'tsconfig.json', 'package.json', 'vitest.config.ts']
