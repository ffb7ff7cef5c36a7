import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { JSONWebKeySet } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePorts } from '../kit/free-ports.ts'
import { commandsOf, entryFor, settingsOf } from '../kit/page.ts'
import { buildProgram } from '../kit/program.ts'
import { type Shell, startShell } from '../kit/shell.ts'
import { startSsf, type TestSsf } from '../kit/ssf.ts'

const PAGE = 'docs/incident.md'
const MINUTES = 60_000
let folder = ''
let shell: Shell
let ssf: TestSsf
let jwks: JSONWebKeySet = { keys: [] }

beforeAll(async () => {
  await buildProgram()
  folder = mkdtempSync(join(tmpdir(), 'catenary-walk-'))
  const [port = 0] = await freePorts(1)
  shell = startShell(folder, { CATENARY_API__PORT: String(port) })
  ssf = await startSsf({
    issuer: 'https://catenary.example',
    audience: 'https://idp.example',
    token: 'change-me',
    keys: () => jwks,
  })
}, 3 * MINUTES)
afterAll(async () => {
  await shell.stop()
  await ssf.stop()
  rmSync(folder, { recursive: true, force: true })
})

/** What each command of the page has to print, by how it begins. */
const PRINTS: Readonly<Record<string, RegExp>> = {
  'catenary demo --data': /database\.dump/,
  'catenary explain 893fee': /what would have kept it quiet/,
  'catenary replay wf-89256426-1 --data incident': /vault\.read vault\/prod\/deploy-root/,
  'catenary replay wf-89256426-1 --data incident --without': /^(?![\s\S]*vault\.read vault\/)[\s\S]*database\.dump/,
  'catenary replay wf-89256426-1 --data incident --from-harm': /^ +\d+ [\s\S]*●[\s\S]*database\.dump/,
  'catenary replay --credential': /^in wf-89256426-1\n[\s\S]*database\.dump/,
  'catenary compare': /they part at line \d+[\s\S]*< only tools: .*database\.dump/,
  'catenary blast-radius --workflow': /still in its hands[\s\S]*key-89256426-deploy-root/,
  'catenary blast-radius --agent': /agent code-assistant: \d+ steps/,
  'catenary blast-radius --credential': /database\.dump/,
  openssl: /^/,
  export: /^$/,
  'catenary jwks': /"EdDSA"/,
  'catenary forward test ssf/idp': /^ssf\/idp took the event/,
  'catenary serve': /^$/,
  until: /^$/,
  'catenary contain --workflow wf-89256426-1 --reason': /would push[\s\S]*a dry run: nothing was done/,
  "catenary contain --workflow wf-89256426-1 --reason 'dumped production when asked to mend a bug' --execute":
    /session-revoked to idp: delivered[\s\S]*credential-change to idp: delivered[\s\S]*is given/,
  'catenary containments list': /contain +agent code-assistant, .* delivered +dumped production/,
  'url=': /^$/,
  sleep: /^$/,
  'now=': /^$/,
  'curl -s "$url/v1/events"': /"accepted":1/,
  'curl -s "$url/v1/alerts?detector=use-after-containment"': /"severity":"critical"/,
  'catenary contain --release': /release agent code-assistant[\s\S]*is given/,
  kill: /^/,
  'catenary contain --workflow wf-89256426-1 --data':
    /1\. stop-agent agent code-assistant[\s\S]*revoke-credential credential key-89256426-deploy-root/,
  'catenary report --workflow': /^$/,
  'catenary evidence export': /^$/,
  'catenary evidence key': /SHA256:/,
  'catenary evidence verify': /holds\. workflow wf-89256426-1/,
}

/** Writes the page's settings, with the address of this test's receiver in place of the example. */
function wire(): void {
  const { ssfReceivers } = settingsOf(PAGE) as { ssfReceivers: object[] }
  const here = ssfReceivers.map((one) => ({ ...one, url: ssf.url }))
  writeFileSync(join(folder, 'catenary.json'), JSON.stringify({ ssfReceivers: here }))
}

describe(PAGE, () => {
  it('can be followed command by command', { timeout: 10 * MINUTES }, async () => {
    const commands = commandsOf(PAGE)
    expect(commands.length).toBeGreaterThan(10)
    for (const command of commands) {
      if (command.startsWith('openssl')) wire()
      const said = await shell.run(command)
      expect(said, command).toEqual({ code: 0, out: expect.stringMatching(entryFor(PRINTS, command)) })
      if (command === 'catenary jwks') jwks = JSON.parse(said.out) as JSONWebKeySet
    }
    expect(ssf.sets.map((set) => (set['sub_id'] as { id: string }).id)).toEqual([
      'idp',
      'code-assistant',
      'key-89256426-deploy-root',
    ])
    expect(readFileSync(join(folder, 'incident.html'), 'utf8')).toContain('key-89256426-deploy-root')
    expect(readFileSync(join(folder, 'incident.stix.json'), 'utf8')).toContain('"grouping"')
  })
})
