import { execFile } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AgentQuery, AlertQuery, ChainQuery, CredentialQuery, IncidentQuery } from '../../schemas/api/query.ts'
import { type AskedService, askedService, catenary, EXAMPLE, type Said } from '../kit/asked-service.ts'
import { buildProgram, objectsOf } from '../kit/program.ts'
import { startReceiver } from '../kit/receiver.ts'

const MINUTE = 60_000
let service: AskedService
let asAnalyst: Readonly<Record<string, string>>

beforeAll(async () => {
  service = await askedService()
  await service.send(EXAMPLE, 'acme')
  asAnalyst = { CATENARY_URL: service.url, CATENARY_API_KEY: await service.key('analyst', 'acme') }
}, 3 * MINUTE)
afterAll(() => service.stop())

const asked = (...argv: readonly string[]): Promise<Said> => catenary(argv, { env: asAnalyst })
const found = async (...argv: readonly string[]) => {
  const said = await asked(...argv, '--json')
  expect(said).toMatchObject({ code: 0, err: '' })
  return objectsOf(said)
}
const alertId = async (): Promise<string> => String((await found('alerts', 'list'))[0]?.['alert_id'])

const RESOURCES = [
  ['chains', 'workflow_id', 'wf-17', ChainQuery],
  ['alerts', 'alert_id', '', AlertQuery],
  ['incidents', 'incident_id', '', IncidentQuery],
  ['agents', 'agent_id', 'billing-bot', AgentQuery],
  ['credentials', 'id', 'tok-8d1', CredentialQuery],
] as const

describe.each(RESOURCES)('catenary %s', (name, key, wanted, query) => {
  it('lists them for people and for programs, and shows one', async () => {
    const items = await found(name, 'list')
    const id = String((items.find((one) => one[key] === wanted) ?? items[0])?.[key])
    expect(wanted === '' || id === wanted).toBe(true)
    const table = await asked(name, 'list')
    expect(table).toMatchObject({ code: 0, err: '', out: expect.stringContaining(id) })
    const [one] = await found(name, 'show', id)
    expect(one).toMatchObject({ [key]: id, tenant: 'acme' })
    expect(await asked(name, 'show', id)).toMatchObject({ code: 0, err: '', out: expect.stringContaining(id) })
  })

  it('narrows them by everything the API does', async () => {
    const { out } = await asked(name, 'list', '--help')
    const options = [...out.matchAll(/^ {2}--([a-z-]+)/gm)].map(([, option]) => option)
    for (const filter of Object.keys(query.shape))
      if (filter !== 'cursor') expect(options).toContain(filter.replaceAll('_', '-'))
    expect(await found(name, 'list', '--until', '2026-01-01T00:00:00Z')).toEqual([])
    expect((await asked(name, 'list', '--until', '2026-01-01T00:00:00Z')).out).toBe(`no ${name}\n`)
  })

  it('says what is wrong', async () => {
    expect(await asked(name, 'show', 'nothing/here')).toMatchObject({
      code: 2,
      out: '',
      err: expect.stringContaining('404'),
    })
    expect(await asked(name, 'list', '--since', 'soon')).toMatchObject({ code: 2, out: '' })
    expect(await asked(name, 'list', '--limit', '0')).toMatchObject({ code: 2, out: '' })
    expect(await asked(name, 'list', '--tenant', 'other')).toMatchObject({
      code: 2,
      err: expect.stringContaining('403'),
    })
    const away = await catenary([name, 'list'], { env: { CATENARY_URL: 'http://127.0.0.1:1' } })
    expect(away).toMatchObject({ code: 3, out: '', err: expect.stringContaining('cannot be reached') })
  })
})

describe('a responder far from the store', () => {
  const said = async (...argv: readonly string[]): Promise<string> => {
    const { code, out, err } = await asked(...argv)
    expect({ code, err }).toEqual({ code: 0, err: '' })
    return out
  }
  const near = async (...argv: readonly string[]): Promise<string> =>
    (await catenary([...argv, '--tenant', 'acme', 'test/fixtures/example.ndjson'], { env: {} })).out

  it('replays, follows, reports and explains over the API as from the files', async () => {
    for (const words of [
      ['replay', 'wf-17', '--json'],
      ['replay', '--agent', 'billing-bot', '--json'],
      ['replay', 'wf-17', '--from', 'e2', '--json'],
      ['blast-radius', '--agent', 'billing-bot', '--at', '2026-11-20T10:00:00Z', '--json'],
      ['report', '--workflow', 'wf-17', '--at', '2026-11-20T10:00:00Z'],
    ]) {
      const far = await said(...words, '--tenant', 'acme')
      expect(far).toContain('billing-bot')
      expect([words, far]).toEqual([words, await near(...words)])
    }
    const why = await said('explain', await alertId())
    expect(why).toMatch(/what would have kept it quiet/)
  })

  it('takes signed evidence over the API', async () => {
    const file = join(service.folder, 'far.json')
    const key = join(service.folder, 'far.key')
    const { privateKey } = generateKeyPairSync('ed25519')
    writeFileSync(key, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 })
    await said('evidence', 'export', '--workflow', 'wf-17', '--tenant', 'acme', '--key-file', key, '--out', file)
    expect(await said('evidence', 'verify', file)).toMatch(/holds\. workflow wf-17, 6 steps/)
  })

  it('is told what is not there, and what is not theirs', async () => {
    expect(await asked('replay', 'wf-none', '--tenant', 'acme')).toMatchObject({
      code: 2,
      err: expect.stringMatching(/no workflow wf-none .* the service http/),
    })
    expect(await asked('replay', 'wf-17', '--tenant', 'other')).toMatchObject({
      code: 2,
      err: expect.stringContaining('403'),
    })
  })
})

describe('catenary search', () => {
  it('finds what is called so, for people and for programs', async () => {
    const items = await found('search', 'BILLING')
    expect(items.at(0)).toMatchObject({ type: 'name', tenant: 'acme', kind: 'agent', name: 'billing-bot' })
    expect(items.at(-1)).toMatchObject({ type: 'counts', agent: 1 })
    expect(await asked('search', 'billing')).toMatchObject({
      code: 0,
      err: '',
      out: expect.stringMatching(/^agent .* billing-bot\n.*1 agent,/s),
    })
    expect(await asked('search', 'no-such-thing')).toMatchObject({ code: 0, out: 'nothing is called so\n' })
    expect(await asked('search', 'vault', '--limit', '1')).toMatchObject({
      out: expect.stringContaining('the first 1'),
    })
  })

  it('says what is wrong', async () => {
    expect(await asked('search')).toMatchObject({ code: 2, out: '' })
    expect(await asked('search', 'a', '--kind', 'grant')).toMatchObject({ code: 2, out: '' })
    expect(await asked('search', ...'abcdefghi')).toMatchObject({
      code: 2,
      err: expect.stringContaining('1 to 8 words'),
    })
  })
})

describe('a list', () => {
  const many = 1_203
  let asOther: Readonly<Record<string, string>>
  beforeAll(async () => {
    const events = Array.from({ length: many }, (_, n) =>
      JSON.stringify({
        id: `m${n}`,
        time: new Date(Date.parse('2026-11-20T09:00:00Z') + n * 1_000).toISOString(),
        kind: 'message',
        message: { role: 'user' },
        source: 'test',
        workflow_id: n === 0 ? 'wf-\u001b[31m\u202ered' : `wf-${n}`,
      }),
    )
    await service.send(events.join('\n'), 'many')
    asOther = { CATENARY_URL: service.url, CATENARY_API_KEY: await service.key('viewer', 'many') }
  }, 2 * MINUTE)
  const listed = (...argv: readonly string[]) => catenary(['chains', 'list', ...argv], { env: asOther })

  it('is read to its end, page by page, when all is asked for', async () => {
    const all = objectsOf(await listed('--limit', 'all', '--json'))
    expect(new Set(all.map((one) => one['workflow_id'])).size).toBe(many)
    expect(objectsOf(await listed('--limit', '501', '--json'))).toEqual(all.slice(0, 501))
    expect(objectsOf(await listed('--json'))).toHaveLength(50)
    expect((await listed('--limit', '3')).out).toMatch(/the first 3; there are more/)
  })

  it('prints nothing of an event that steers a terminal', async () => {
    const { out } = await listed('--limit', 'all')
    expect(out).toContain('wf-\\u001b[31m\\u202ered')
    expect(out).not.toContain('\u001b')
    expect(out).not.toContain('\u202e')
  })

  it('is of the profile’s tenant, for a caller of all', async () => {
    const folder = join(service.folder, 'home')
    mkdirSync(folder)
    writeFileSync(join(folder, 'key'), await service.key('viewer'), { mode: 0o600 })
    const profile = { url: service.url, keyFile: 'key' }
    const file = join(folder, 'profiles.json')
    writeFileSync(
      file,
      JSON.stringify({ default: 'all', profiles: { all: profile, acme: { ...profile, tenant: 'acme' } } }),
    )
    const env = { CATENARY_PROFILES: file }
    const tenantsOf = async (...argv: readonly string[]) =>
      new Set(
        objectsOf(await catenary(['chains', 'list', '--limit', 'all', '--json', ...argv], { env })).map(
          (one) => one['tenant'],
        ),
      )
    expect(await tenantsOf('--profile', 'acme')).toEqual(new Set(['acme']))
    expect(await tenantsOf()).toEqual(new Set(['acme', 'many']))
    expect(await tenantsOf('--profile', 'acme', '--tenant', 'many')).toEqual(new Set(['many']))
    expect((await catenary(['chains', 'list', '--limit', 'all'], { env })).out).toMatch(/^TENANT +SCORE/)
    expect((await catenary(['chains', 'show', 'wf-17', '--profile', 'acme'], { env })).out).toMatch(/payroll\.export/)
  })
})

describe('--watch', () => {
  it(
    'prints what is new and what changed, one line each, until it is stopped',
    async () => {
      const tenant = 'watched'
      const env = { CATENARY_URL: service.url, CATENARY_API_KEY: await service.key('viewer', tenant) }
      const stop = new AbortController()
      const seen: string[] = []
      const watching = catenary(['chains', 'list', '--watch', '1', '--json'], {
        env,
        stop: stop.signal,
        onOut: (text) => seen.push(text),
      })
      await service.send(EXAMPLE, tenant)
      await expect.poll(() => seen.length, { timeout: MINUTE }).toBe(1)
      const later = JSON.stringify({
        id: 'later',
        time: '2026-11-20T09:01:00Z',
        kind: 'message',
        message: { role: 'user' },
        workflow_id: 'wf-17',
      })
      await service.send(later, tenant)
      await expect.poll(() => seen.length, { timeout: MINUTE }).toBe(2)
      stop.abort()
      const { code, out, err } = await watching
      expect({ code, err }).toEqual({ code: 0, err: '' })
      const [before, after] = objectsOf({ out })
      expect([before?.['events'], after?.['events']]).toEqual([6, 7])
    },
    2 * MINUTE,
  )

  it('goes on while the service is away, and says so once', async () => {
    const page = JSON.stringify({ items: [{ tenant: 'acme', workflow_id: 'w', agent_ids: [] }], next_cursor: null })
    const door = await startReceiver((_, count) => (count < 3 ? { status: 503 } : { status: 200, body: page }))
    const stop = new AbortController()
    const said = await catenary(['chains', 'list', '--watch', '1', '--json', '--url', door.url], {
      stop: stop.signal,
      onOut: () => stop.abort(),
    })
    expect(said).toMatchObject({ code: 0, out: expect.stringContaining('"workflow_id":"w"') })
    expect(said.err.match(/watching goes on/g)).toHaveLength(1)
    await door.stop()
  })

  it(
    'draws the table anew on a terminal',
    async () => {
      const stop = new AbortController()
      const pieces: string[] = []
      const watching = catenary(['chains', 'list', '--watch', '1'], {
        env: asAnalyst,
        isTTY: true,
        stop: stop.signal,
        onOut: (text) => pieces.push(text),
      })
      await expect.poll(() => pieces.length, { timeout: MINUTE }).toBeGreaterThan(1)
      stop.abort()
      await watching
      expect(pieces.every((piece) => piece.startsWith('\u001b[H\u001b[2J') && piece.includes('wf-17'))).toBe(true)
    },
    2 * MINUTE,
  )
})

describe('what becomes of an alert', () => {
  const triage = async (id: string) => (await found('alerts', 'show', id))[0]?.['triage'] as Record<string, unknown>

  it('is said from seeing it to closing it and back', async () => {
    const id = await alertId()
    const acked = await asked('alerts', 'ack', `${id}@1.0`, '--assignee', 'ana@acme.example')
    expect(acked).toEqual({ code: 0, err: '', out: `${id}@1.1  acknowledged (ana@acme.example)\n` })
    await asked('alerts', 'start', id)
    expect(await triage(id)).toMatchObject({ status: 'in_progress', assignee: 'ana@acme.example' })
    await asked('alerts', 'assign', id, '--nobody')
    await asked('alerts', 'note', id, '--text', 'asked the owner')
    expect(await triage(id)).toMatchObject({ status: 'in_progress', assignee: null, version: '1.4' })
    const closed = await asked(
      'alerts',
      'close',
      id,
      '--verdict',
      'benign_true_positive',
      '--reason',
      'a drill',
      '--json',
    )
    expect(objectsOf(closed)).toMatchObject([{ triage: { status: 'closed', reason: 'a drill' } }])
    await asked('alerts', 'reopen', id, '--note', 'not so')
    const { out } = await asked('alerts', 'show', id)
    expect(out).toMatch(/closed; benign_true_positive; a drill/)
    expect(out).toMatch(/open; not so/)
    expect(await found('alerts', 'list', '--triage', 'closed')).toEqual([])
  })

  it('is not said of a version that nobody has seen, nor by who may not', async () => {
    const id = await alertId()
    const stale = await asked('alerts', 'ack', `${id}@1.0`)
    expect(stale).toMatchObject({ code: 2, out: '', err: expect.stringMatching(/412: the alert has changed/) })
    const some = await asked('alerts', 'ack', 'nobody', id, '--json')
    expect(some).toMatchObject({ code: 2, err: expect.stringMatching(/nobody: .*404/) })
    expect(objectsOf(some)).toMatchObject([{ alert_id: id }])
    const env = { ...asAnalyst, CATENARY_API_KEY: await service.key('viewer', 'acme') }
    expect((await catenary(['alerts', 'ack', id], { env })).err).toMatch(/403: this asks for the role analyst/)
    expect((await asked('alerts', 'close', id, '--reason', 'x')).err).toMatch(/--verdict/)
    expect((await asked('alerts', 'assign', id)).err).toMatch(/--to WHO, or --nobody/)
  })
})

describe('on a terminal', () => {
  beforeAll(() => buildProgram(), 4 * MINUTE)
  const inTerminal = async (command: string, env: Readonly<Record<string, string>>) => {
    const program = `${process.execPath} ${resolve('bin/catenary.js')} ${command}`
    const { stdout } = await promisify(execFile)('script', ['-qec', program, '/dev/null'], {
      env: { PATH: process.env['PATH'], HOME: service.folder, ...asAnalyst, ...env },
    })
    return stdout
  }

  it('a list goes through the pager, unless that is not wanted', { timeout: 3 * MINUTE }, async () => {
    expect(await inTerminal('chains list', { PAGER: 'sed s/^/paged:/' })).toMatch(/paged:.*wf-17/)
    expect(await inTerminal('chains list --no-pager', { PAGER: 'sed s/^/paged:/' })).not.toContain('paged:')
    expect(await inTerminal('chains list --json', { PAGER: 'sed s/^/paged:/' })).not.toContain('paged:')
    expect(await inTerminal('chains list', { PAGER: 'no-such-pager' })).toContain('wf-17')
    expect(await inTerminal('chains list', { PAGER: 'head -1' })).not.toContain('wf-17')
  })
})
