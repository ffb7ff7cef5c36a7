import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePorts } from '../kit/free-ports.ts'
import { commandsOf, entryFor } from '../kit/page.ts'
import { buildProgram } from '../kit/program.ts'
import { type Shell, startShell } from '../kit/shell.ts'

const PAGE = 'docs/analyst.md'
const MINUTES = 60_000
let folder = ''
let shell: Shell

beforeAll(async () => {
  await buildProgram()
  folder = mkdtempSync(join(tmpdir(), 'catenary-analyst-'))
  const [port = 0] = await freePorts(1)
  shell = startShell(folder, { CATENARY_API__PORT: String(port) })
}, 5 * MINUTES)
afterAll(async () => {
  await shell.stop()
  rmSync(folder, { recursive: true, force: true })
})

/** What each command of the page has to print, by how it begins. */
const PRINTS: Readonly<Record<string, RegExp>> = {
  'catenary demo': /10 alerts/,
  'catenary serve': /^$/,
  until: /^$/,
  'url=': /^$/,
  'id=': /^$/,
  'other=': /^$/,
  'match=': /^$/,
  'catenary alerts list --triage open --min-severity high': /scope-expansion[\s\S]*approval-drift/,
  'catenary incidents list': /inc-893feebf/,
  'curl -s "$url/v1/coverage': /"items":\[/,
  'catenary alerts ack': /acknowledged/,
  'catenary alerts show': /database\.dump/,
  'curl -s "$url/v1/alerts/$id/explain"': /database\.dump/,
  'curl -s "$url/v1/chains/wf-89256426-1/replay"': /vault\.read/,
  'catenary chains show': /wf-89256426-1/,
  'catenary alerts list --agent': /wf-89256426-1/,
  'catenary chains list --tool': /wf-89256426-1/,
  'catenary agents show': /code-assistant/,
  'catenary credentials show': /key-89256426-deploy-root/,
  'catenary authority list --use never': /never/,
  'catenary authority list --risk high': /high/,
  'catenary alerts start': /in_progress/,
  'catenary alerts note': /893feebf/,
  'catenary alerts close': /closed/,
  'curl -s "$url/v1/alerts/$other/history"': /the rotation was announced, CHG-1042/,
  'curl -s -X POST "$url/v1/silences/preview"': /"type":"silence_preview"/,
  'catenary alerts list --triage open --json': /^$/,
  'catenary alerts list --triage closed': /credential-replay/,
  kill: /^/,
}

describe(PAGE, () => {
  it('can be followed command by command', { timeout: 15 * MINUTES }, async () => {
    for (const command of commandsOf(PAGE)) {
      const said = await shell.run(command)
      expect(said, command).toEqual({ code: 0, out: expect.stringMatching(entryFor(PRINTS, command)) })
    }
    const open = readFileSync(join(folder, 'open.ndjson'), 'utf8').trimEnd().split('\n')
    expect(open.map((line) => (JSON.parse(line) as { detector: string }).detector)).not.toContain('credential-replay')
    expect(open).toHaveLength(8)
  })
})
