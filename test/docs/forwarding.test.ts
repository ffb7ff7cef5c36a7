import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { formatsOf } from '../../schemas/forward/formats.ts'
import { SENTINEL_COLUMNS } from '../../schemas/forward/sentinel.ts'
import { readConfig } from '../../src/config/index.ts'

const guide = readFileSync('docs/forwarding.md', 'utf8')
const folder = mkdtempSync(join(tmpdir(), 'catenary-forwarding-docs-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const excerpts = [...guide.matchAll(/^```json\n([\s\S]*?)^```/gm)].map(([, text = '']) => text)

describe('docs/forwarding.md', () => {
  it.each(excerpts)('shows settings that are taken: %s', (text) => {
    const file = join(folder, 'catenary.json')
    writeFileSync(file, text)
    const { destinations } = readConfig({ env: {}, file, detectors: [] }).config
    expect(destinations.length).toBeGreaterThan(0)
  })

  it('shows every type of destination and every format', () => {
    const types = new Set([...excerpts.join().matchAll(/"type": "(\w+)"/g)].map(([, type]) => type))
    expect([...types].sort()).toEqual(['elastic', 'file', 'kafka', 'sentinel', 'slack', 'splunk', 'syslog', 'webhook'])
    const formats = [...(guide.split('## Formats')[1] ?? '').matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name)
    expect(formats).toEqual([...Object.keys(formatsOf({ frameworkOf: () => null, version: '' }))])
  })

  it('tells the columns of Sentinel', () => {
    const told = [...(guide.split('## Microsoft Sentinel')[1] ?? '').matchAll(/^\| `([A-Z]\w+)` \| (\w+) \|$/gm)]
    expect(Object.fromEntries(told.map(([, name, type]) => [name, type]))).toEqual(SENTINEL_COLUMNS)
  })
})
