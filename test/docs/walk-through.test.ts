import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { commandsOf, entryFor } from '../kit/page.ts'
import { buildProgram } from '../kit/program.ts'
import { type Shell, startShell } from '../kit/shell.ts'

const MINUTES = 60_000
let folder = ''
let shell: Shell

beforeAll(async () => {
  await buildProgram()
  folder = mkdtempSync(join(tmpdir(), 'catenary-walk-'))
  shell = startShell(folder)
}, 3 * MINUTES)
afterAll(async () => {
  await shell.stop()
  rmSync(folder, { recursive: true, force: true })
})

/** What each command of the page has to print, by how it begins. */
const PRINTS: Readonly<Record<string, RegExp>> = {
  'catenary demo --data': /database\.dump/,
  'catenary explain 893fee': /what would have kept it quiet/,
  'catenary replay wf-89256426-1 --data incident': /vault\.read vault\/prod\/deploy-root/,
  'catenary replay wf-89256426-1 --data incident --without': /^(?![\s\S]*vault\.read)[\s\S]*database\.dump/,
  'catenary blast-radius --workflow': /still in its hands[\s\S]*key-89256426-deploy-root/,
  'catenary blast-radius --agent': /agent code-assistant: \d+ steps/,
  'catenary blast-radius --credential': /database\.dump/,
  'catenary contain --workflow':
    /1\. stop-agent agent code-assistant[\s\S]*revoke-credential credential key-89256426-deploy-root/,
  'catenary report --workflow': /^$/,
  'catenary evidence export': /^$/,
  'catenary evidence key': /SHA256:/,
  'catenary evidence verify': /holds\. workflow wf-89256426-1/,
}

describe('docs/incident.md', () => {
  it('can be followed command by command', { timeout: 10 * MINUTES }, async () => {
    const commands = commandsOf('docs/incident.md')
    expect(commands.length).toBeGreaterThan(10)
    for (const command of commands) {
      const said = await shell.run(command)
      expect(said, command).toEqual({ code: 0, out: expect.stringMatching(entryFor(PRINTS, command)) })
    }
    expect(readFileSync(join(folder, 'incident.html'), 'utf8')).toContain('key-89256426-deploy-root')
    expect(readFileSync(join(folder, 'incident.stix.json'), 'utf8')).toContain('"grouping"')
  })
})
