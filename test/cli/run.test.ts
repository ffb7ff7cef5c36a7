import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { story } from '../../detectors/cases/story.ts'
import { run } from '../../src/cli/run.ts'

const EXAMPLE = 'test/fixtures/example.ndjson'
let folder = ''

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'catenary-'))
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function cli(...argv: readonly string[]) {
  const out: string[] = []
  const err: string[] = []
  const code = await run(argv, {
    stdout: { write: (text: string) => out.push(text) },
    stderr: { write: (text: string) => err.push(text) },
    env: {},
  })
  return { code, out: out.join(''), err: err.join('') }
}

function fileOf(name: string, text: string | Uint8Array): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

const event = (id: string, more = ''): string =>
  `{"id":"${id}","time":"2026-11-20T09:00:00Z","kind":"tool_call","workflow_id":"w","tool_call":{"name":"erp.read"}${more}}`

const linesOf = (out: string): readonly Record<string, unknown>[] =>
  out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)

describe('catenary analyze', () => {
  it('tells the example as one alert that cites the secret read and the export', async () => {
    const { code, out } = await cli('analyze', '--json', EXAMPLE)
    const lines = linesOf(out)
    const [alert] = lines.filter(({ type }) => type === 'alert') as unknown as [
      { detectors: string[]; evidence: { event_id: string }[] },
    ]
    expect(code).toBe(0)
    expect(alert.detectors).toEqual(['approval-drift', 'scope-expansion', 'lateral-movement'])
    expect(alert.evidence.map(({ event_id }) => event_id)).toEqual(expect.arrayContaining(['e5', 'e6']))
    expect(lines.at(-1)).toMatchObject({ type: 'summary', events: 6, duplicates: 0, rejected: 0, chains: 1, alerts: 1 })
  })

  it('draws the path with the guilty steps marked', async () => {
    const { out } = await cli('analyze', EXAMPLE)
    expect(out).toMatch(/● .*vault\.read vault\/prod\/payroll-admin/)
    expect(out).toMatch(/● .*payroll\.export payroll\/all/)
  })

  it('tells the alerts of linked workflows as one incident', async () => {
    const child = story('wf-child', 'helper-bot')
    const secrets = (teller: ReturnType<typeof story>, name: string, after = 0) =>
      [1, 2, 3, 4].map((n) =>
        teller.calls(`${name}${n}`, after + n, 'vault.read', {
          operation: 'read',
          resource: { id: `${name}/${n}`, type: 'secret' },
        }),
      )
    const events = [
      story('wf-parent', 'lead-bot').start('s', 0),
      ...secrets(story('wf-parent', 'lead-bot'), 'a'),
      child.start('c', 0, { parent_workflow_id: 'wf-parent' }),
      ...secrets(child, 'b', 10),
    ]
    const file = fileOf('linked.ndjson', events.map((one) => JSON.stringify(one)).join('\n'))
    const lines = linesOf((await cli('analyze', '--json', file)).out)
    const incidents = lines.filter(({ type }) => type === 'incident')
    const alerts = lines.filter(({ type }) => type === 'alert')
    expect(alerts).toHaveLength(2)
    expect(incidents).toMatchObject([{ workflow_ids: ['wf-parent', 'wf-child'], ties: [{ by: 'link' }] }])
    expect(alerts.map(({ incident_id }) => incident_id)).toEqual(alerts.map(() => incidents[0]?.['incident_id']))
    expect(lines.at(-1)).toMatchObject({ type: 'summary' })
    expect((await cli('analyze', file)).out).toMatch(/^INCIDENT MEDIUM .*2 alerts.* in wf-parent, wf-child/)
  })

  it('exits with 1 when an alert meets --fail-on, and with 0 when none does', async () => {
    expect((await cli('analyze', '--fail-on', 'high', EXAMPLE)).code).toBe(1)
    expect((await cli('analyze', '--fail-on', 'low', fileOf('calm.ndjson', event('a')))).code).toBe(0)
  })

  it.each([
    ['truncated JSON', '{"id":"x","time":'],
    ['an unknown kind', event('x').replace('tool_call"', 'teleport"')],
    ['a time that is none', event('x').replace('2026-11-20T09:00:00Z', 'NaN')],
    ['a missing name', event('x').replace('"name":"erp.read"', '')],
    ['depth 10,000', `{"id":"x","attributes":${'['.repeat(10_000)}${']'.repeat(10_000)}}`],
    ['2 MiB in a line', event('x', `,"attributes":{"pad":"${'y'.repeat(2_097_152)}"}`)],
  ])('refuses %s with file and line, and goes on with its neighbours', async (_, bad) => {
    const { code, out } = await cli(
      'analyze',
      '--json',
      fileOf('mixed.ndjson', `${event('a')}\n${bad}\n${event('b')}\n`),
    )
    const lines = linesOf(out)
    expect(code).toBe(0)
    expect(lines.at(-1)).toMatchObject({ events: 2, rejected: 1 })
    expect(lines.find(({ type }) => type === 'rejected')).toMatchObject({ file: 'mixed.ndjson', line: 2 })
  })

  it('takes a byte order mark, CRLF and blank lines in its stride', async () => {
    const { out } = await cli(
      'analyze',
      '--json',
      fileOf('bom.ndjson', `\uFEFF${event('a')}\r\n\r\n\n${event('b')}\r\n`),
    )
    expect(linesOf(out).at(-1)).toMatchObject({ events: 2, rejected: 0 })
  })

  it.each([
    ['a file that is not there', ['analyze', 'no-such-file.ndjson'], 'no-such-file.ndjson'],
    ['a directory', ['analyze', tmpdir()], tmpdir()],
    ['an unknown format', ['analyze', '--format', 'tea', EXAMPLE], 'cloudtrail'],
    ['a time that is none', ['analyze', '--until', 'soon', EXAMPLE], '--until'],
    ['a severity that is none', ['analyze', '--fail-on', 'very', EXAMPLE], 'critical'],
    ['an unknown command', ['analyse', EXAMPLE], 'analyse'],
    ['a settings file that is not there', ['analyze', '--settings', 'no.json', EXAMPLE], 'no.json'],
  ])('answers %s with exit code 2 and says what is wrong', async (_, argv, hint) => {
    const { code, err } = await cli(...argv)
    expect(code).toBe(2)
    expect(err).toContain(hint)
  })

  it('refuses a wrong detector option by its name', async () => {
    const settings = fileOf('settings.json', '{"secret-harvest":{"minSecretz":1}}')
    const { code, err } = await cli('analyze', '--settings', settings, EXAMPLE)
    expect(code).toBe(2)
    expect(err).toContain('minSecretz')
  })

  it('reads an empty file as no events', async () => {
    const { code, out } = await cli('analyze', '--json', fileOf('empty.ndjson', ''))
    expect(code).toBe(0)
    expect(linesOf(out)).toEqual([expect.objectContaining({ type: 'summary', events: 0, chains: 0 })])
  })

  it('prints no raw terminal escape from an event', async () => {
    const evil = event('a').replace('erp.read', 'erp\\u001b[2Jread').replace('"w"', '"w\\u001b]0;x"')
    const { out, err } = await cli('analyze', fileOf('evil.ndjson', evil))
    expect(out + err).not.toContain('\u001b]')
    expect(out + err).not.toContain('\u001b[2J')
  })

  it('prints no content of a message', async () => {
    const told =
      '{"id":"m","time":"2026-11-20T09:00:00Z","kind":"message","workflow_id":"w","message":{"role":"user","content":"the launch code is zebra"}}'
    const { out } = await cli('analyze', '--json', fileOf('told.ndjson', told))
    expect(out).not.toContain('zebra')
  })
})

describe('catenary replay', () => {
  it('shows the score before and after every step, and what a missing event would change', async () => {
    const frames = linesOf((await cli('replay', '--json', 'wf-17', EXAMPLE)).out)
    expect(frames.map(({ step }) => (step as { event_id: string }).event_id)).toEqual([
      'e1',
      'e2',
      'e3',
      'e4',
      'e5',
      'e6',
    ])
    expect(frames.map(({ score_after }) => score_after)).toEqual(expect.arrayContaining([0]))
    expect(Number(frames.at(-1)?.['score_after'])).toBeGreaterThan(80)
    const calm = linesOf((await cli('replay', '--json', 'wf-17', EXAMPLE, '--without', 'e5', 'e6')).out)
    expect(calm.map(({ score_after }) => score_after)).toEqual([0, 0, 0, 0])
  })

  it('stops at --until and refuses a step that is not there', async () => {
    expect(linesOf((await cli('replay', '--json', '--until', 'e3', 'wf-17', EXAMPLE)).out)).toHaveLength(3)
    expect((await cli('replay', '--until', 'e99', 'wf-17', EXAMPLE)).code).toBe(2)
    expect((await cli('replay', 'wf-unknown', EXAMPLE)).err).toContain('wf-17')
  })
})

describe('catenary explain', () => {
  it('says which event carries the score', async () => {
    const [alert] = linesOf((await cli('analyze', '--json', EXAMPLE)).out) as unknown as [{ alert_id: string }]
    const { code, out } = await cli('explain', '--json', alert.alert_id.slice(0, 8), EXAMPLE)
    const [told] = linesOf(out) as unknown as [{ without: { event_id: string; score: number }[] }]
    expect(code).toBe(0)
    expect(told.without.map(({ event_id }) => event_id)).toEqual(expect.arrayContaining(['e5', 'e6']))
    expect(Math.min(...told.without.map(({ score }) => score))).toBeLessThan(90)
  })
})

describe('catenary config', () => {
  it('lists every setting with its variable, its default and its meaning', async () => {
    const { out } = await cli('config', '--help')
    expect(out).toMatch(/CATENARY_API__PORT +8321 +TCP port/)
    expect(out).toMatch(/CATENARY_CONTENT__KEY +\(none\) +key of the content fingerprints/)
    const settings = linesOf((await cli('config', '--json')).out).filter(({ variable }) => variable !== undefined)
    expect(settings).toContainEqual(
      expect.objectContaining({ name: 'api.port', variable: 'CATENARY_API__PORT', default: 8321 }),
    )
    for (const { variable, about } of settings) {
      expect(about).not.toBe('')
      expect(out).toContain(`  ${String(variable)} `)
    }
  })
})

describe('catenary detectors', () => {
  it('lists, shows and tests them', async () => {
    expect((await cli('detectors', 'list')).out).toContain('lateral-movement')
    expect((await cli('detectors', 'show', 'tainted-action')).out).toContain('What it does not see')
    expect((await cli('detectors', 'show', 'nothing')).code).toBe(2)
    expect((await cli('detectors', 'test', 'secret-harvest')).code).toBe(0)
  })
})

describe('catenary --help', () => {
  it('lists the commands, each of which shows its own help by that name', async () => {
    const { code, out } = await cli('--help')
    expect(code).toBe(0)
    const names = [...out.matchAll(/^ {2}([a-z][a-z-]+)(?= )/gm)].map(([, name]) => name as string)
    expect(names).toEqual(expect.arrayContaining(['analyze', 'serve', 'dead-letters', 'help']))
    for (const name of names.filter((one) => one !== 'help')) {
      const own = await cli(name, '--help')
      expect([own.code, own.out.split('\n')[0]]).toEqual([0, expect.stringContaining(`Usage: catenary ${name}`)])
    }
  })

  it('is pointed to by a command that there is not, with the one that may be meant', async () => {
    const { code, err } = await cli('analyse')
    expect(code).toBe(2)
    expect(err).toMatch(/Did you mean analyze\?[\s\S]*catenary --help/)
  })

  it('needs no command for the version', async () => {
    for (const option of ['--version', '-V']) expect((await cli(option)).out).toMatch(/^\d+\.\d+\.\d+\n$/)
  })
})
