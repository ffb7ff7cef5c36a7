import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildProgram, objectsOf, startProgram } from '../kit/program.ts'

const EXAMPLE = readFileSync('docs/examples/own-detectors/night-export.ts', 'utf8')
let root = ''

/** Each command tries the folder in a thread of its own, which takes its time on a machine with much to do. */
const PATIENT = { timeout: 300_000 }

beforeAll(async () => {
  await buildProgram()
  // Outside the tree: nothing beside the folder helps to find the kit.
  root = mkdtempSync(join(tmpdir(), 'catenary-own-'))
}, 240_000)

afterAll(() => rmSync(root, { recursive: true, force: true }))

/** A folder of detectors: file name → text. */
function folderOf(name: string, files: Readonly<Record<string, string>>): string {
  const folder = join(root, name)
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(join(folder, file, '..'), { recursive: true })
    writeFileSync(join(folder, file), text)
  }
  return folder
}

const run = (...argv: readonly string[]) => startProgram(argv, root).ended

const call = (id: string, second: number, name: string, more: object = {}): string =>
  JSON.stringify({
    id,
    time: new Date(Date.parse('2026-11-20T23:00:00Z') + second * 1_000).toISOString(),
    kind: 'tool_call',
    workflow_id: 'wf-9',
    agent: { id: 'clerk' },
    outcome: 'success',
    tool_call: { name, operation: 'send', destination: { id: 'https://files.example', external: true }, ...more },
  })

function eventsOf(name: string, ...lines: readonly string[]): string {
  const file = join(root, name)
  writeFileSync(file, `${lines.join('\n')}\n`)
  return file
}

/** The example with its fold replaced. A body does not start with a bracket: the line before it ends without a semicolon. */
const folding = (id: string, body: string): string =>
  EXAMPLE.replaceAll('night-export', id).replace(
    'const { event } = step\n',
    `const { event } = step\n    const tool = event.kind === 'tool_call' ? event.tool_call.name : ''\n    ${body}\n`,
  )

describe('a folder of one’s own detectors', PATIENT, () => {
  it('is listed, shown and tested with those that come along', async () => {
    const folder = join(root, 'example')
    cpSync(resolve('docs/examples/own-detectors'), folder, { recursive: true })
    const list = await run('detectors', 'list', '--detectors-dir', folder)
    expect(list.out).toMatch(/^secret-harvest /m)
    expect(list.out).toMatch(/^night-export .*\(night-export\.ts\)$/m)
    expect(list.out).toMatch(/^refused-then-done .*\(refused_then_done\.yml\)$/m)
    const page = await run('detectors', 'show', 'night-export', '--detectors-dir', folder)
    expect(page.out).toContain('`from`: 22 by default')
    const test = await run('detectors', 'test', 'night-export', '--detectors-dir', folder)
    expect(test).toMatchObject({ code: 0, err: '' })
    expect(test.out.match(/^pass {2}night-export {2}(?:law|attack|twin) {2}/gm)).toHaveLength(11)
    const rule = await run('detectors', 'test', 'refused-then-done', '--detectors-dir', folder)
    expect(rule).toMatchObject({ code: 0, err: '' })
    expect(rule.out.match(/^pass {2}refused-then-done {2}(?:attack|twin) {2}/gm)).toHaveLength(3)
  })

  it('finds in analyze, replay and explain', async () => {
    const folder = folderOf('used', { 'night.ts': EXAMPLE, '_shared.ts': 'export const not = "a detector"' })
    const events = eventsOf('night.ndjson', call('n1', 0, 'files.upload'), call('n2', 60, 'files.upload'))
    const analysis = await run('analyze', '--json', '--detectors-dir', folder, events)
    const alert = objectsOf<{ type: string; alert_id: string; detectors: string[]; detector_version: number }>(
      analysis,
    ).find(({ detectors }) => detectors?.includes('night-export'))
    expect(alert).toMatchObject({ type: 'alert' })
    const explained = await run('explain', alert?.alert_id ?? '', '--detectors-dir', folder, events)
    expect(explained.out).toContain('2 things were sent out at 23:00 UTC')
    const replayed = await run('replay', 'wf-9', '--json', '--detectors-dir', folder, events)
    expect(replayed.out).toContain('night-export')
  })

  it('finds in a backtest of files', async () => {
    const folder = folderOf('backtested', { 'night.ts': EXAMPLE })
    const events = eventsOf('backtested.ndjson', call('b1', 0, 'files.upload'))
    const config = join(root, 'day.json')
    writeFileSync(config, JSON.stringify({ detectors: { 'night-export': { from: 4, to: 5 } } }))
    const told = await run('backtest', '--json', '--detectors-dir', folder, '--config', config, events)
    expect(told).toMatchObject({ code: 0 })
    const report = JSON.parse(told.out) as { lost: { detectors: string[]; event_ids: string[] }[] }
    expect(report.lost).toEqual([expect.objectContaining({ detectors: ['night-export'], event_ids: ['b1'] })])
  })

  it('is refused for options that one of its detectors does not know', async () => {
    const folder = folderOf('options', { 'night.ts': EXAMPLE })
    const config = join(root, 'bad.json')
    writeFileSync(config, JSON.stringify({ ownDetectors: { folder }, detectors: { 'night-export': { hour: 3 } } }))
    const { code, err } = await run('analyze', '--config', config, eventsOf('one.ndjson', call('o1', 0, 'a.b')))
    expect(code).toBe(2)
    expect(err).toContain('bad.json: detectors.night-export: Unrecognized key: "hour"; its options are from, to')
  })

  it('stores what it found with its version, and finds it again there', async () => {
    const folder = folderOf('stored', { 'night.ts': EXAMPLE.replace('version: 1', 'version: 7') })
    const events = eventsOf('stored.ndjson', call('s1', 0, 'files.upload'))
    const data = join(root, 'data')
    await run('analyze', '--data', data, '--detectors-dir', folder, events)
    const again = await run('analyze', '--json', '--data', data, '--detectors-dir', folder, events)
    expect(objectsOf(again)).toContainEqual(
      expect.objectContaining({ type: 'alert', detector: 'night-export', detector_version: 7 }),
    )
  })
})

/** What is refused: the file, its text, and what its author is told. */
const REFUSED: readonly (readonly [string, string, RegExp])[] = [
  ['throws.ts', 'throw new Error("no luck")', /throws\.ts: it cannot be loaded: no luck/],
  [
    'circle.yml',
    'title: A\ncorrelation: {type: temporal, rules: [gone], timespan: 1m}',
    /circle\.yml:2: .*there is no rule gone/,
  ],
  ['loops.js', 'for (;;) {}', /loops\.js: .*(?:too many turns|did not come back within 15 s)/],
  ['broken.ts', 'export const detector = {', /broken\.ts:1:\d+: .*end of file/],
  ['nothing.ts', 'export const nothing = 1', /nothing\.ts: exports no detector; write: export const detector/],
  ['no-cases.ts', EXAMPLE.replace('export const cases', 'const cases'), /no-cases\.ts: exports no cases; write/],
  ['no-twins.ts', EXAMPLE.replace(/twins: \[[\s\S]*?\n {2}\],/, 'twins: [],'), /cases\.twins: must hold a harmless/],
  [
    'no-event.ts',
    EXAMPLE.replaceAll("story('wf-1', 'clerk')", "story('wf-1', 4 as never)"),
    /no-event\.ts: case "one upload at eleven" holds what is no event: .*agent\.id/,
  ],
  [
    'no-page.ts',
    EXAMPLE.replace(/misses: \[.*\]/, 'misses: []'),
    /detector\.about\.misses: must name what it does not/,
  ],
  ['bad-id.ts', EXAMPLE.replaceAll('night-export', 'Night'), /bad-id\.ts: detector\.id: must be a noun phrase/],
  [
    'reads-file.ts',
    `import { readFileSync } from 'node:fs'\n${EXAMPLE}\nexport const x = readFileSync`,
    /reads-file\.ts:1:\d+: reads-file\.ts imports node:fs; a detector may import catenary\/detector/,
  ],
  ['reads-up.ts', `import { x } from '../x.ts'\n${EXAMPLE}\nexport const y = x`, /imports \.\.\/x\.ts; a detector may/],
  [
    'clock.ts',
    EXAMPLE.replace('new Date(at)', 'new Date(Date.now())'),
    /clock\.ts:\d+: uses Date\.now: take the time from step\.event\.at/,
  ],
]

describe('what is no detector', PATIENT, () => {
  it('is refused at start with all that is wrong in the folder', async () => {
    const files = Object.fromEntries(REFUSED.map(([file, text]) => [file, text]))
    const { code, err, out } = await run('detectors', 'list', '--detectors-dir', folderOf('refused', files))
    expect({ code, out }).toEqual({ code: 2, out: '' })
    for (const [, , told] of REFUSED) expect(err).toMatch(told)
  })

  it('is refused where its id is taken, and a folder that is not there', async () => {
    const taken = { 'a.ts': EXAMPLE, 'b.ts': EXAMPLE, 'c.ts': EXAMPLE.replaceAll('night-export', 'secret-harvest') }
    const { code, err } = await run('detectors', 'list', '--detectors-dir', folderOf('taken', taken))
    expect(code).toBe(2)
    expect(err).toContain('b.ts: its id night-export is taken by a.ts; choose another')
    expect(err).toContain('c.ts: its id secret-harvest is taken by a detector that comes with Catenary')
    const none = await run('detectors', 'list', '--detectors-dir', join(root, 'nowhere'))
    expect(none).toMatchObject({ code: 2, err: expect.stringContaining('cannot be read (ENOENT)') as string })
  })
})

/** Folds that break a law on what nobody expects, and what is told of it. */
const LAWLESS: Readonly<Record<string, readonly [string, RegExp]>> = {
  'own-throws': ['if (tool) throw new Error("boom")', /hands back a verdict[^\n]*\n[^\n]*boom/],
  'own-dice': ["const dice: any = Math\n    if (dice['ran' + 'dom']() > 2) return quiet(state)", /is not a function/],
  'own-memory': [
    'seen.push(1)\n    if (seen.length % 2 === 0) return quiet({ sent: 9 })',
    /gives the same for the same[^\n]*\n[^\n]*second fold/,
  ],
  'own-changes': ["Object.assign(event, { outcome: 'denied' })", /read only/],
  'own-grows': [
    'if (tool) return quiet({ sent: 1, all: [...((state as any).all ?? []), event.id + "x".repeat(200)] } as State)',
    /its bound[^\n]*\n[^\n]*grew to/,
  ],
  'own-loops': ["while (tool !== '') {}", /too many turns/],
  'own-invents': [
    "if (tool) return sighted(state, { key: 'k', summary: 's', severity: 'low', confidence: 1, terms: {}, evidence: [{ ...cite(refTo(step), 'x'), eventId: 'gone' }] })",
    /cites steps[^\n]*\n[^\n]*gone/,
  ],
}

describe('one that breaks a law', PATIENT, () => {
  it('is set aside, told once and counted, while the others go on', async () => {
    const lawless = Object.entries(LAWLESS).map(([id, [body]]) => [
      `${id}.ts`,
      folding(id, body).replace('const hourOf', 'const seen: number[] = []\nconst hourOf'),
    ])
    const folder = folderOf('lawless', { ...Object.fromEntries(lawless), 'night.ts': EXAMPLE })
    const events = eventsOf('lawless.ndjson', call('l1', 0, 'files.upload'))
    const { code, out, err } = await run('analyze', '--json', '--detectors-dir', folder, events)
    expect(code).toBe(0)
    for (const id of Object.keys(LAWLESS)) expect(err.split(`detector ${id} is set aside`)).toHaveLength(2)
    const lines = objectsOf<{ type: string; detectors?: string[]; coverage?: { fault?: number } }>({ out })
    expect(lines.find(({ type }) => type === 'alert')?.detectors).toEqual(['night-export'])
    expect(lines.at(-1)?.coverage?.fault).toBe(lawless.length)
    const test = await run('detectors', 'test', '--detectors-dir', folder)
    expect(test.code).toBe(1)
    for (const [, told] of Object.values(LAWLESS)) expect(test.out).toMatch(told)
  })

  it('on a rare step only, is found out while it runs', async () => {
    const folder = folderOf('rare', {
      'loops.ts': folding('own-loops', "while (tool === 'files.rare') {}"),
      'pattern.ts': folding('own-pattern', 'if (/^(?:a+)+$/.test(tool)) return quiet(state)'),
      'throws.ts': folding('own-throws', "if (tool === 'files.rare') throw new Error('rare')"),
    })
    const rare = Array.from({ length: 12 }, (_, i) => call(`r${i}`, i, 'files.rare'))
    const slow = call('slow', 20, `${'a'.repeat(60)}!`)
    const { code, err, out } = await run(
      'analyze',
      '--json',
      '--detectors-dir',
      folder,
      eventsOf('rare.ndjson', ...rare, slow),
    )
    expect(code).toBe(0)
    expect(err).toMatch(/own-loops is set aside: it threw 10 times, last: it took too many turns/)
    expect(err).toMatch(/own-throws is set aside: it threw 10 times, last: rare/)
    expect(err).not.toContain('own-pattern')
    const [alert] = objectsOf<{ detectors: string[] }>({ out })
    expect(alert?.detectors).toContain('own-pattern')
  })
})
