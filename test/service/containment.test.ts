import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { detectors } from '../../detectors/index.ts'
import { type Config, readConfig } from '../../src/config/index.ts'
import { startService } from '../../src/service.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'catenary-containment-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function configured(ssfReceivers: readonly object[] = []): Config {
  const file = join(folder, 'catenary.json')
  writeFileSync(file, JSON.stringify({ ssfReceivers }))
  const env = { CATENARY_DATA__PATH: join(folder, 'data'), CATENARY_API__PORT: '0', SSF_KEY: 'not a key' }
  return readConfig({ env, file, folder, detectors }).config
}

const started = (config: Config, clock: () => number) =>
  startService(config, { version: 'test', logger: pino({ level: 'silent' }), clock })

const NOW = Date.parse('2026-11-20T09:30:00Z')
const call = (id: string, minute: number): string =>
  JSON.stringify({
    id,
    time: new Date(NOW + minute * 60_000).toISOString(),
    kind: 'tool_call',
    source: 'test',
    workflow_id: `wf-${id}`,
    agent: { id: 'bot-1' },
    outcome: 'success',
    tool_call: { name: 'crm.read', credential_id: 'tok-1' },
  })

const posted = async (url: string, path: string, body: string): Promise<Record<string, unknown>> => {
  const headers = { 'content-type': 'application/json' }
  return (await (await fetch(`${url}${path}`, { method: 'POST', headers, body })).json()) as Record<string, unknown>
}

describe('a containment', () => {
  it('is followed by who starts after it was ordered', { timeout: 240_000 }, async () => {
    const config = configured()
    const first = await started(config, () => NOW)
    const order = {
      targets: [
        { kind: 'agent', id: 'bot-1' },
        { kind: 'credential', id: 'tok-1' },
      ],
      reason: 'stolen',
      dry_run: false,
    }
    await posted(first.url, '/v1/events', call('before', -5))
    expect(await posted(first.url, '/v1/containments', JSON.stringify(order))).toMatchObject({ dry_run: false })
    await first.close()
    const second = await started(config, () => NOW + 3_600_000)
    expect(await posted(second.url, '/v1/events', call('after', 50))).toMatchObject({ accepted: 1 })
    const alerts = await (await fetch(`${second.url}/v1/alerts?detector=use-after-containment`)).json()
    await second.close()
    expect(alerts).toMatchObject({ items: [{ severity: 'critical', workflow_id: 'wf-after' }] })
  })
})

describe('a receiver', () => {
  const receiver = { name: 'idp', url: 'https://idp.example', issuer: 'i', audience: 'a', key: { env: 'SSF_KEY' } }

  it('whose key cannot sign is told at start, and the key is not', async () => {
    const starting = started(configured([receiver]), () => NOW)
    await expect(starting).rejects.toMatchObject({
      code: 'CAT_CONFIG',
      message: expect.stringMatching(/^ssfReceivers \(idp\): key: it is no private key; (?!.*not a key)/),
    })
  })

  it.each<[string, object, RegExp]>([
    ['without an audience', { ...receiver, audience: undefined }, /ssfReceivers\[0\]: audience/],
    ['with a key in the file', { ...receiver, key: '-----BEGIN' }, /key: must be \{"env": "NAME"\}/],
    ['with a misspelt setting', { ...receiver, isuer: 'x' }, /isuer: there is no such setting; did you mean issuer/],
    ['at no address', { ...receiver, url: 'ftp://idp' }, /must be an http or https address/],
    ['with a password in its address', { ...receiver, url: 'https://a:b@idp.example' }, /must not hold a password/],
  ])('is refused %s', (_, one, why) => {
    expect(() => configured([one])).toThrow(why)
  })

  it('is refused under the name of another', () => {
    expect(() => configured([receiver, receiver])).toThrow(/two are called idp/)
  })
})
