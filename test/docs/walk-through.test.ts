import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildProgram } from '../kit/program.ts'

const PROGRAM = resolve('bin/catenary.js')
const MINUTES = 60_000
const runFile = promisify(execFile)
let folder = ''

beforeAll(async () => {
  await buildProgram()
  folder = mkdtempSync(join(tmpdir(), 'catenary-walk-'))
}, 3 * MINUTES)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** The commands of a page, in order, each with its words. */
const commandsOf = (page: string): readonly (readonly string[])[] =>
  [...readFileSync(page, 'utf8').matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block = '']) =>
    block
      .trim()
      .split('\n')
      .map((line) => line.replace(/ +#.*$/, '').split(' ')),
  )

/** What each command of the page has to print, by how it begins. */
const PRINTS: Readonly<Record<string, RegExp>> = {
  'demo --data': /database\.dump/,
  'explain 893fee': /what would have kept it quiet/,
  'replay wf-89256426-1 --data incident': /vault\.read vault\/prod\/deploy-root/,
  'replay wf-89256426-1 --data incident --without': /^(?![\s\S]*vault\.read)[\s\S]*database\.dump/,
  'blast-radius --workflow': /still in its hands[\s\S]*key-89256426-deploy-root/,
  'blast-radius --agent': /agent code-assistant: \d+ steps/,
  'blast-radius --credential': /database\.dump/,
  'contain --workflow':
    /1\. stop-agent agent code-assistant[\s\S]*revoke-credential credential key-89256426-deploy-root/,
  'report --workflow': /^$/,
  'evidence export': /^$/,
  'evidence key': /SHA256:/,
  'evidence verify': /holds\. workflow wf-89256426-1/,
}

describe('docs/incident.md', () => {
  it('can be followed command by command', { timeout: 10 * MINUTES }, async () => {
    const commands = commandsOf('docs/incident.md')
    expect(commands.length).toBeGreaterThan(10)
    for (const [program, ...words] of commands) {
      expect(program).toBe('catenary')
      const line = words.join(' ')
      const { stdout } = await runFile(process.execPath, [PROGRAM, ...words], {
        cwd: folder,
        maxBuffer: 64 * 1_048_576,
      })
      const [begin] = Object.keys(PRINTS)
        .filter((start) => line.startsWith(start))
        .sort((a, b) => b.length - a.length)
      expect(begin, `nothing says what ${line} prints`).toBeDefined()
      expect(stdout, line).toMatch(PRINTS[begin ?? ''] ?? /$^/)
    }
    expect(readFileSync(join(folder, 'incident.html'), 'utf8')).toContain('key-89256426-deploy-root')
    expect(readFileSync(join(folder, 'incident.stix.json'), 'utf8')).toContain('"grouping"')
  })
})
