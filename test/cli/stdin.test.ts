import { execFileSync } from 'node:child_process'
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildProgram } from '../kit/program.ts'

const EXAMPLE = resolve('test/fixtures/example.ndjson')
const MINUTE = 60_000
let folder = ''

beforeAll(async () => {
  await buildProgram()
  folder = mkdtempSync(join(tmpdir(), 'catenary-stdin-'))
}, 3 * MINUTE)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** How many events `analyze --json` says it read. */
function eventsOf(file: string, data: string, stdin: { input: Buffer } | { stdio: [number, 'pipe', 'pipe'] }): unknown {
  const argv = [resolve('bin/catenary.js'), 'analyze', '--json', file, '--data', join(folder, data)]
  const out = execFileSync(process.execPath, argv, { encoding: 'utf8', maxBuffer: 1e8, ...stdin })
  const summary = JSON.parse(out.trim().split('\n').at(-1) ?? '{}') as Readonly<Record<string, unknown>>
  return summary['events']
}

/** The embedded engine would read descriptor 0 during its first INSERT. */
describe('standard input, beside the embedded store', () => {
  it(
    'is read as events, piped or from a file, and left alone where a file is named',
    () => {
      const expected = eventsOf(EXAMPLE, 'named', { input: Buffer.from('1\n2\n3\n') })
      expect(expected).toBeGreaterThan(0)
      expect(eventsOf('-', 'piped', { input: readFileSync(EXAMPLE) })).toBe(expected)
      expect(eventsOf('-', 'file', { stdio: [openSync(EXAMPLE, 'r'), 'pipe', 'pipe'] })).toBe(expected)
    },
    3 * MINUTE,
  )
})
