import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeCertificate } from '../kit/certificates.ts'
import { startElastic, type TestElastic } from '../kit/elastic.ts'
import { freePorts } from '../kit/free-ports.ts'
import { commandsOf, entryFor, settingsOf } from '../kit/page.ts'
import { buildProgram } from '../kit/program.ts'
import { startSentinel, type TestSentinel } from '../kit/sentinel.ts'
import { type Shell, startShell } from '../kit/shell.ts'
import { startSplunk, type TestSplunk } from '../kit/splunk.ts'
import { startCollector, type TestCollector, whyNo } from '../kit/syslog-daemons.ts'

const PAGE = 'docs/siem.md'
const MINUTES = 60_000

const took = (name: string): RegExp => new RegExp(`^${name} took the alert sample-\\d+ `)

/** What each command of the page has to print, by how it begins. */
const PRINTS: Readonly<Record<string, RegExp>> = {
  export: /^$/,
  'catenary config': /destinations\s[\s\S]*splunk/,
  'catenary forward test splunk': took('splunk'),
  'catenary forward test elastic': took('elastic'),
  'catenary forward test sentinel': took('sentinel'),
  'catenary forward test collector': took('collector'),
  'catenary demo': /10 alerts/,
  'catenary serve': /^$/,
  until: /^$/,
  while: /^$/,
  'catenary forward list': /│ splunk +│ splunk +│ 0 [\s\S]*│ collector +│ syslog +│ 0 /,
  'catenary forward dead-letters list': /^no dead letters$/m,
  'catenary forward dead-letters retry': /0 dead letters/,
}

interface Receivers {
  readonly splunk: TestSplunk
  readonly elastic: TestElastic
  readonly sentinel: TestSentinel
  readonly collector: TestCollector
}

let folder = ''
let shell: Shell
let receivers: Receivers
const stops: { stop(): Promise<void> }[] = []

/** The page's settings, with the addresses of this test's receivers in place of the examples. */
function settingsFor({ splunk, elastic, sentinel, collector }: Receivers, caFile: string): object {
  const here: Readonly<Record<string, object>> = {
    splunk: { url: splunk.url, tls: { caFile } },
    elastic: { url: elastic.url },
    sentinel: { endpoint: sentinel.url, authority: sentinel.url },
    collector: { host: '127.0.0.1', port: collector.port, tls: { caFile } },
  }
  const { destinations } = settingsOf(PAGE) as { destinations: { name: string }[] }
  return { destinations: destinations.map((one) => ({ ...one, ...here[one.name] })) }
}

beforeAll(async () => {
  await buildProgram()
  folder = mkdtempSync(join(tmpdir(), 'catenary-siem-'))
  const [port = 0, collectorPort = 0] = await freePorts(2)
  const certificate = makeCertificate(folder)
  const daemon = whyNo('rsyslog') === null ? 'rsyslog' : 'syslog-ng'
  expect(whyNo(daemon), 'one of the collectors has to be had').toBeNull()
  receivers = {
    splunk: await startSplunk(
      { token: '00000000-0000-0000-0000-000000000000', ack: true, indexes: ['security'] },
      certificate,
    ),
    elastic: await startElastic({ authorization: 'ApiKey aWQ6a2V5', index: 'catenary-alerts' }),
    sentinel: await startSentinel({
      tenantId: '00000000-0000-0000-0000-000000000000',
      clientId: '11111111-1111-1111-1111-111111111111',
      clientSecret: 'change-me',
      ruleId: 'dcr-00000000000000000000000000000000',
    }),
    collector: await startCollector({ name: daemon, folder, port: collectorPort, tls: certificate }),
  }
  stops.push(...Object.values(receivers))
  writeFileSync(join(folder, 'catenary.json'), JSON.stringify(settingsFor(receivers, certificate.certFile)))
  shell = startShell(folder, { CATENARY_API__PORT: String(port) })
  stops.push(shell)
}, 5 * MINUTES)

afterAll(async () => {
  for (const one of stops.reverse()) await one.stop()
  rmSync(folder, { recursive: true, force: true })
})

/** Of what arrived, each alert revision once, without the samples. */
const keysOf = (keys: readonly unknown[]): readonly string[] =>
  [...new Set(keys.map(String))].filter((key) => !key.startsWith('sample-')).sort()

describe('docs/siem.md', () => {
  it('can be followed command by command, and every receiver has every alert', { timeout: 15 * MINUTES }, async () => {
    for (const command of commandsOf(PAGE)) {
      const said = await shell.run(command)
      expect(said, command).toEqual({ code: 0, out: expect.stringMatching(entryFor(PRINTS, command)) })
    }
    const { splunk, elastic, sentinel, collector } = receivers
    const sent = keysOf(splunk.events.map(({ event }) => event['idempotency_key']))
    expect(new Set(sent.map((key) => key.split('-')[0])).size).toBe(10)
    expect(keysOf(sentinel.rows.map(({ IdempotencyKey }) => IdempotencyKey))).toEqual(sent)
    expect(keysOf(collector.lines().map((line) => /cs6=(\S+)/.exec(line)?.[1]))).toEqual(sent)
    const high = splunk.events.filter(({ fields }) => ['high', 'critical'].includes(String(fields?.['severity'])))
    expect(keysOf([...elastic.documents.keys()])).toEqual(keysOf(high.map(({ fields }) => fields?.['alert_id'])))
  })
})
