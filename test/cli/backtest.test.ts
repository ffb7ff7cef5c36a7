import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { run } from '../../src/cli/run.ts'
import { createEstate, DEMO_ESTATE, labelsOf } from '../../src/estate/index.ts'

const EXAMPLE = 'test/fixtures/example.ndjson'
let folder = ''
let [estate, labels] = ['', '']

const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text)
  return join(folder, name)
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'catenary-backtest-test-'))
  const options = { ...DEMO_ESTATE, seed: 4, events: 2_500 }
  estate = file('estate.ndjson', Array.from(createEstate(options), (event) => `${JSON.stringify(event)}\n`).join(''))
  labels = file('labels.json', JSON.stringify(labelsOf(options)))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function backtest(...argv: readonly string[]) {
  const out: string[] = []
  const err: string[] = []
  const code = await run(['backtest', ...argv], {
    stdout: { write: (text: string) => out.push(text) },
    stderr: { write: (text: string) => err.push(text) },
    env: {},
  })
  return { code, out: out.join(''), err: err.join('') }
}

interface Told {
  readonly after: { readonly recall: { readonly value: number }; readonly alerts: number }
  readonly counts: { readonly gained: number; readonly lost: number }
  readonly lost: readonly { readonly detectors: readonly string[]; readonly event_ids: readonly string[] }[]
  readonly detectors: readonly {
    readonly detector: string
    readonly standing: string
    readonly missing: readonly string[]
    readonly after: number
    readonly lost: number
  }[]
  /** Where nothing is compared. */
  readonly alerts: readonly {
    readonly alert_id: string
    readonly workflow_id: string
    readonly detector: string
    readonly detectors: readonly string[]
  }[]
  readonly conditions: readonly { readonly condition: string; readonly met: boolean }[]
}

describe('catenary backtest of this version alone', () => {
  it('measures it against labels, and ends with 1 when a condition holds', async () => {
    const { code, out } = await backtest('--json', '--labels', labels, '--fail-if', 'recall<0.97', estate)
    const told = JSON.parse(out) as Told
    expect(told.after.recall.value).toBe(1)
    expect(told.conditions).toMatchObject([{ condition: 'recall<0.97', met: false }])
    expect(code).toBe(0)
    expect((await backtest('--labels', labels, '--fail-if', 'recall>=0.97', estate)).code).toBe(1)
  })

  it('shows alerts of every detector that raised one', async () => {
    const { out } = await backtest('--json', estate)
    const told = JSON.parse(out) as Told
    const loud = told.detectors.filter(({ after }) => after > 0).map(({ detector }) => detector)
    expect(loud.length).toBeGreaterThan(3)
    expect(loud.filter((id) => !told.alerts.some(({ detectors }) => detectors.includes(id)))).toEqual([])
    expect((await backtest(estate)).out).toMatch(/## Alerts\n\n- \w+ approval-drift/)
  })

  it('names detectors that could not judge, with the fields that never arrived', async () => {
    const { out } = await backtest('--json', EXAMPLE)
    const { detectors } = JSON.parse(out) as Told
    const of = (id: string) => detectors.find(({ detector }) => detector === id)
    expect(of('lateral-movement')).toMatchObject({ missing: [] })
    expect(of('oauth-overreach')).toMatchObject({
      standing: 'not_evaluated',
      missing: expect.arrayContaining(['oauth.scopes']),
    })
  })
})

describe('catenary backtest of other settings', () => {
  it('says what they would lose, with the evidence', async () => {
    const config = file(
      'calm.json',
      JSON.stringify({ detectors: { 'credential-outlives-task': { graceMs: 86_400_000 } } }),
    )
    const report = join(folder, 'report.md')
    const { code, out } = await backtest(
      '--json',
      '--config',
      config,
      '--fail-if',
      'lost>0',
      '--report',
      report,
      estate,
    )
    const told = JSON.parse(out) as Told
    expect(told.counts.lost).toBeGreaterThan(0)
    expect(told.counts.gained).toBe(0)
    expect(told.lost.every(({ detectors }) => detectors.includes('credential-outlives-task'))).toBe(true)
    expect(code).toBe(1)
    expect(readFileSync(report, 'utf8')).toMatch(/## Lost\n\n- \w+ credential-outlives-task/)
  })
})

describe('catenary backtest with analysts’ verdicts', () => {
  const ndjson = (...lines: readonly object[]): string => lines.map((line) => `${JSON.stringify(line)}\n`).join('')

  it('says how often each detector was right, and fails when that is too seldom', async () => {
    const { alerts } = JSON.parse((await backtest('--json', estate)).out) as Told
    const [first, second] = alerts
    const verdicts = file(
      'verdicts.ndjson',
      ndjson(
        { alert_id: first?.alert_id, verdict: 'true' },
        { workflow_id: second?.workflow_id, detector: second?.detector, verdict: 'benign-true', reason: 'a drill' },
      ),
    )
    const { code, out } = await backtest(
      '--json',
      '--verdicts',
      verdicts,
      '--fail-if',
      'measured_precision<0.9',
      estate,
    )
    expect(code).toBe(1)
    expect(JSON.parse(out)).toMatchObject({
      verdicts: {
        all: { true: 1, false: 0, benign_true: 1, not_judged: alerts.length - 2, precision: { hits: 1, of: 2 } },
        gone: { true: 0, false: 0, benign_true: 0 },
      },
    })
    const shown = (await backtest('--verdicts', verdicts, estate)).out
    expect(shown).toMatch(new RegExp(`Benign though true, \`${second?.detector}\`: a drill \\(1\\)`))
  })

  it.each([
    [{ alert_id: 'a', verdict: 'maybe' }, /bad\.ndjson:2 is no verdict \(verdict: /],
    [{ verdict: 'true' }, /name the alert by alert_id, or by workflow_id and detector/],
    [{ alert_id: 'a', verdict: 'benign-true' }, /needs a reason/],
  ])('refuses %j', async (line, message) => {
    const bad = file('bad.ndjson', ndjson({ alert_id: 'b', verdict: 'true' }, line))
    expect(await backtest('--verdicts', bad, EXAMPLE)).toMatchObject({ code: 2, err: expect.stringMatching(message) })
  })
})

describe('catenary backtest of another revision', () => {
  it('builds it aside, runs it on the same files, and leaves nothing behind', async () => {
    const { code, out, err } = await backtest('--json', '--against', 'HEAD', EXAMPLE)
    expect({ code, err }).toEqual({ code: 0, err: 'building HEAD …\n' })
    expect(JSON.parse(out)).toMatchObject({
      before: { name: 'HEAD', events: 6 },
      after: { name: 'this tree', events: 6 },
    })
    expect(execFileSync('git', ['worktree', 'list', '--porcelain']).toString()).not.toContain('catenary-backtest-')
  }, 300_000)

  it('says what is no revision', async () => {
    const { code, err } = await backtest('--against', 'no-such-branch', EXAMPLE)
    expect({ code, err }).toMatchObject({ code: 2, err: expect.stringMatching(/no-such-branch is no revision/) })
    expect(readdirSync(folder)).not.toContain('tree')
  })
})

describe('catenary backtest of stored history', () => {
  it('finds in it what was found when it came, and says what other settings lose', async () => {
    const [data, config] = [
      join(folder, 'kept'),
      file('lax.json', JSON.stringify({ detectors: { 'credential-outlives-task': { graceMs: 86_400_000 } } })),
    ]
    const quiet = { write: () => undefined }
    expect(await run(['analyze', '--json', '--data', data, estate], { stdout: quiet, stderr: quiet, env: {} })).toBe(0)
    const fresh = JSON.parse((await backtest('--json', estate)).out) as Told
    const stored = JSON.parse((await backtest('--json', '--data', data)).out) as Told
    expect(stored.after.alerts).toBe(fresh.after.alerts)
    const changed = JSON.parse((await backtest('--json', '--data', data, '--config', config)).out) as Told
    expect(changed.counts.lost).toBeGreaterThan(0)
    expect(changed.lost.every(({ detectors }) => detectors.includes('credential-outlives-task'))).toBe(true)
  }, 300_000)
})

describe('catenary backtest says what it cannot do', () => {
  it.each([
    [['-'], /standard input/],
    [['--fail-if', 'lost>0', EXAMPLE], /give --against or --config/],
    [['--fail-if', 'recall<1', EXAMPLE], /give --labels/],
    [['--labels', EXAMPLE, EXAMPLE], /holds no labels/],
    [['--fail-if', 'measured_precision<1', EXAMPLE], /give --verdicts/],
    [['--verdicts', '/nowhere', EXAMPLE], /cannot be read/],
    [['--against', 'HEAD'], /--against needs files/],
    [['--data', '/nowhere/at/all'], /nothing is stored in/],
  ])('%j', async (argv, message) => {
    expect(await backtest(...argv)).toMatchObject({ code: 2, err: expect.stringMatching(message) })
  })
})
