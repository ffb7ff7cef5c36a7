import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { type Config, readConfig } from '../../src/config/index.ts'

const folder = mkdtempSync(join(tmpdir(), 'catenary-destinations-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function read(destinations: unknown, env: Record<string, string> = {}): Config {
  writeFileSync(join(folder, 'catenary.json'), JSON.stringify({ destinations }))
  return readConfig({ env, folder, detectors: [] }).config
}

function told(destinations: unknown, env: Record<string, string> = {}): string {
  try {
    read(destinations, env)
    return 'none'
  } catch (error) {
    return (error as Error).message
  }
}

const HOOK = { name: 'siem', type: 'webhook', url: 'https://siem.example/hook' }

describe('destinations', () => {
  it('are none where nothing is said, and have every default filled in', () => {
    expect(readConfig({ env: {}, folder: '/nowhere', detectors: [] }).config.destinations).toEqual([])
    expect(read([HOOK]).destinations).toEqual([
      {
        ...HOOK,
        filter: {},
        batch: { max: 100, waitMs: 500 },
        retry: { firstMs: 1_000, mostMs: 60_000, forMs: 86_400_000 },
        tls: { verify: true },
        timeoutMs: 15_000,
        format: 'catenary',
        headers: {},
      },
    ])
  })

  it('have secrets in variables and files, without the line end of these', () => {
    writeFileSync(join(folder, 'token'), 'hunter2\n')
    const config = read([{ ...HOOK, secret: { env: 'CATENARY_HOOK' } }], { CATENARY_HOOK: 'a' })
    expect(config.secretOf({ env: 'CATENARY_HOOK' })).toBe('a')
    expect(config.secretOf({ file: join(folder, 'token') })).toBe('hunter2')
    writeFileSync(join(folder, 'token'), '')
    expect(() => config.secretOf({ file: join(folder, 'token') })).toThrow(/token: is empty/)
  })

  it.each([
    ['no list', {}, /destinations: must be a list/],
    ['nothing', [null], /destinations\[0\]: type: must be one of webhook/],
    ['another type', [{ ...HOOK, type: 'webhok' }], /\[0\] \(siem\): type: .* did you mean webhook\?/],
    ['no name', [{ ...HOOK, name: undefined }], /\[0\]: name: must be text/],
    ['a name with spaces', [{ ...HOOK, name: 'my siem' }], /name: must be small letters/],
    ['a name twice', [HOOK, HOOK], /two are called siem/],
    ['no address', [{ ...HOOK, url: 'siem' }], /\(siem\): url: must be an http or https address/],
    [
      'a password in the address',
      [{ ...HOOK, url: 'https://a:hunter2@siem.example' }],
      /url: must not hold a password/,
    ],
    ['a secret in the file', [{ ...HOOK, secret: 'hunter2' }], /secret: must be \{"env": "NAME"\}/],
    ['another setting', [{ ...HOOK, tokn: {} }], /tokn: there is no such setting; did you mean token\?/],
    ['another filter', [{ ...HOOK, filter: { severity: 'high' } }], /filter.severity: there is no such setting/],
    [
      'another severity',
      [{ ...HOOK, filter: { minSeverity: 'hihg' } }],
      /filter.minSeverity: must be one of info, low/,
    ],
    ['no retry', [{ ...HOOK, retry: { forMs: -1 } }], /retry.forMs: must be at least 0/],
  ])('are refused with %s', (_, destinations, said) => {
    expect(told(destinations)).toMatch(said)
    expect(told(destinations)).not.toContain('hunter2')
  })

  it('tell every mistake at once', () => {
    expect(told([{ ...HOOK, url: 1 }, { type: 'file' }])).toMatch(/3 settings are wrong/)
  })
})
