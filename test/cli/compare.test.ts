import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { RunComparison } from '../../schemas/api/comparison.ts'
import { run } from '../../src/cli/run.ts'

let folder = ''
let events = ''

/** A step of a run: a tool, and what it is used on. */
const call = (workflow: string, second: number, name: string, more: object = {}): object => ({
  id: `${workflow}-${second}`,
  time: new Date(Date.parse('2026-11-20T09:00:00Z') + second * 1_000).toISOString(),
  kind: 'tool_call',
  source: 'test',
  workflow_id: workflow,
  agent: { id: 'bug-bot' },
  outcome: 'success',
  tool_call: { name, ...more },
})

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'catenary-compare-'))
  events = join(folder, 'events.ndjson')
  const good = [
    call('wf-good', 1, 'git.read', { resource: { id: 'repos/a' }, credential_id: 'tok-1' }),
    call('wf-good', 2, 'tests.run'),
    call('wf-good', 3, 'git.commit', { resource: { id: 'repos/a' } }),
  ]
  const bad = [
    call('wf-bad', 101, 'git.read', { resource: { id: 'repos/a' }, credential_id: 'tok-2' }),
    call('wf-bad', 102, 'vault.read', { resource: { id: 'vault/root', zone: 'prod' }, scopes: ['vault:read'] }),
    call('wf-bad', 103, 'tests.run'),
    { ...call('wf-bad', 104, 'git.commit', { resource: { id: 'repos/b' } }), outcome: 'denied' },
  ]
  writeFileSync(events, [...good, ...bad].map((one) => `${JSON.stringify(one)}\n`).join(''))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function ended(...argv: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  let [out, err] = ['', '']
  const code = await run([...argv], {
    stdout: { write: (text: string) => (out += text) },
    stderr: { write: (text: string) => (err += text) },
    env: { CATENARY_DATA__PATH: join(folder, 'none'), NO_COLOR: '1' },
  })
  return { code, out, err }
}

describe('two runs of a task', () => {
  it('are aligned: where they part, what one did alone, in what a step differs', async () => {
    const { code, out } = await ended('compare', 'wf-bad', 'wf-good', events)
    expect(code).toBe(0)
    expect(out.split('\n').slice(0, 6)).toEqual([
      '< wf-bad   > wf-good',
      'they part at line 2',
      '   1 = git.read repos/a',
      '   2 < vault.read vault/root',
      '   3 = tests.run',
      '   4 ~ git.commit repos/b  |  git.commit repos/a  (resources, outcome)',
    ])
    expect(out).toContain('< only tools: vault.read\n')
    expect(out).toContain('< only zones: prod\n')
    expect(out).toContain('< only scopes: vault:read\n')
    expect(out).toContain('< only credentials: tok-2\n> only credentials: tok-1\n')
  })

  it('are told as the API tells them', async () => {
    const { out } = await ended('compare', 'wf-good', 'wf-bad', events, '--json')
    expect(RunComparison.parse(JSON.parse(out))).toMatchObject({
      left: { workflow_id: 'wf-good', steps: 3 },
      right: { workflow_id: 'wf-bad', steps: 4 },
      part_at: 1,
      only: { tools: { left: [], right: ['vault.read'] } },
    })
  })

  it('that do the same have no place where they part', async () => {
    expect((await ended('compare', 'wf-good', 'wf-good', events)).out).toContain('they do the same, step by step')
  })

  it('are asked for anew where one of them is not there', async () => {
    expect(await ended('compare', 'wf-good', 'wf-none', events)).toMatchObject({
      code: 2,
      err: expect.stringMatching(/no workflow wf-none of tenant default.*there are wf-/),
    })
    expect((await ended('compare', 'wf-good')).code).toBe(2)
  })
})

describe('a replay', () => {
  const EXAMPLE = 'test/fixtures/example.ndjson'

  it('follows a credential through all workflows', async () => {
    const { code, out } = await ended('replay', '--credential', 'key-payroll-admin', EXAMPLE)
    expect(code).toBe(0)
    expect(out).toMatch(/^in wf-17\n/)
    expect(out).toContain('payroll.export')
  })

  it('begins where the harm begins', async () => {
    const all = await ended('replay', 'wf-17', EXAMPLE, '--json')
    const { code, out } = await ended('replay', 'wf-17', '--from-harm', EXAMPLE, '--json')
    expect(code).toBe(0)
    const [first] = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { findings: { severity: string }[] })
    expect(first?.findings.map(({ severity }) => severity)).not.toEqual([])
    expect(all.out.endsWith(out) && all.out.length > out.length).toBe(true)
    expect(await ended('replay', 'wf-good', '--from-harm', events)).toMatchObject({
      code: 2,
      err: expect.stringContaining('no step of the path has a finding'),
    })
  })

  it('shows the path under other options of detectors', async () => {
    const file = join(folder, 'options.json')
    writeFileSync(file, JSON.stringify({ 'lateral-movement': { withinMs: 1 } }))
    const before = await ended('replay', 'wf-17', EXAMPLE)
    const { code, out } = await ended('replay', 'wf-17', '--detector-settings', file, EXAMPLE)
    expect(code).toBe(0)
    expect(before.out).toContain('● high lateral-movement')
    expect(out).not.toContain('● high lateral-movement')
    writeFileSync(file, JSON.stringify({ 'secret-harvset': {} }))
    expect(await ended('replay', 'wf-17', '--detector-settings', file, EXAMPLE)).toMatchObject({
      code: 2,
      err: expect.stringContaining('secret-harvest'),
    })
    expect((await ended('replay', 'wf-17', '--detector-settings', join(folder, 'no.json'), EXAMPLE)).err).toContain(
      'cannot be read',
    )
  })

  it('asks for one path', async () => {
    const both = await ended('replay', '--agent', 'a', '--credential', 'c', EXAMPLE)
    expect(both).toMatchObject({ code: 2, err: expect.stringContaining('exclude each other') })
    const unknown = await ended('replay', '--credential', 'nobody', EXAMPLE)
    expect(unknown).toMatchObject({ code: 2, err: expect.stringContaining('no step of credential nobody') })
  })
})
