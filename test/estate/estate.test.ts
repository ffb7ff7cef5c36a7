import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { decodeEvent } from '../../schemas/event.ts'
import type { Alert } from '../../src/core/index.ts'
import { createEstate, DEMO_ESTATE, type EstateLabels, type EstateOptions, labelsOf } from '../../src/estate/index.ts'
import { type AnalyzeResult, analyzeFiles, decodeOptions } from '../../src/main.ts'

const LOUD = ['medium', 'high', 'critical']
const SMALL: EstateOptions = { ...DEMO_ESTATE, workflows: 40 }

const textOf = (options: EstateOptions): string =>
  Array.from(createEstate(options), (event) => `${JSON.stringify(event)}\n`).join('')

const cites = (alert: Alert, eventId: string): boolean => alert.evidence.some((one) => one.eventId === eventId)

let folder = ''

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'catenary-estate-'))
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function analysed(name: string, options: EstateOptions): Promise<AnalyzeResult> {
  const path = join(folder, name)
  writeFileSync(path, textOf(options))
  return analyzeFiles({ files: [path] })
}

describe('an estate', () => {
  it('is the same for the same seed, byte for byte', () => {
    const [once, again] = [textOf(SMALL), textOf(SMALL)]
    expect(once === again).toBe(true)
    expect(labelsOf(SMALL)).toEqual(labelsOf(SMALL))
  })

  it('is another for another seed', () => {
    expect(textOf({ ...SMALL, seed: 1 }) === textOf(SMALL)).toBe(false)
  })

  it('holds only events of the contract, and names every tool it uses', () => {
    const options = decodeOptions({})
    const events = [...createEstate(DEMO_ESTATE)]
    const refused = events.flatMap((event) => {
      const decoded = decodeEvent(event, options)
      return decoded.ok ? [] : [decoded]
    })
    expect(refused).toEqual([])
    expect(JSON.stringify(events).includes('unlisted')).toBe(false)
  })

  it('gives every event an id of its own; a second arrival is the same event', () => {
    const seen = new Map<string, string>()
    let twice = 0
    for (const event of createEstate(DEMO_ESTATE)) {
      const [id, text] = [String(event['id']), JSON.stringify(event)]
      const there = seen.get(id)
      if (there !== undefined) twice += 1
      expect(there ?? text).toBe(text)
      seen.set(id, text)
    }
    expect(twice).toBeGreaterThan(0)
  })

  it('arrives about in the order of event time, and not quite', () => {
    const times = Array.from(createEstate(DEMO_ESTATE), (event) => Date.parse(String(event['time'])))
    let latest = 0
    let late = 0
    let latest5Minutes = 0
    for (const time of times) {
      if (time < latest) late += 1
      if (time < latest - 300_000) latest5Minutes += 1
      latest = Math.max(latest, time)
    }
    expect(late).toBeGreaterThan(times.length / 100)
    expect(latest5Minutes).toBe(0)
  })

  it('names nobody real: reserved domains and addresses only', () => {
    const text = textOf(DEMO_ESTATE)
    const domains = [...text.matchAll(/@([\w.-]+)|https?:\/\/([\w.-]+)/g)].map((match) =>
      (match[1] ?? match[2] ?? '').replace(/\.+$/, ''),
    )
    expect(domains.filter((domain) => !domain.endsWith('.example'))).toEqual([])
    const addresses = [...text.matchAll(/\b\d{1,3}(?:\.\d{1,3}){3}\b/g)].map(([address]) => address)
    expect(addresses.filter((address) => !/^(?:192\.0\.2|198\.51\.100|203\.0\.113)\./.test(address))).toEqual([])
  })

  it('refuses a size that is none', () => {
    expect(() => [...createEstate({ ...SMALL, hours: 0 })]).toThrow(/hours/)
  })
})

describe('the labels', () => {
  it('tell each of the seven stories, with at least two look-alikes, each more than once', () => {
    const { attacks, twins } = labelsOf(DEMO_ESTATE)
    expect(attacks.map(({ story }) => story).sort()).toEqual([1, 2, 3, 4, 5, 6, 7])
    for (const story of [1, 2, 3, 4, 5, 6, 7]) {
      const names = twins.filter((twin) => twin.story === story).map(({ name }) => name)
      expect(new Set(names).size).toBeGreaterThanOrEqual(2)
      for (const name of names) expect(names.filter((one) => one === name).length).toBeGreaterThan(1)
    }
  })

  it('name events and workflows of the estate, and stand in none of them', () => {
    const { attacks, twins } = labelsOf(DEMO_ESTATE)
    const events = [...createEstate(DEMO_ESTATE)]
    const ids = new Set(events.map((event) => event['id']))
    const workflows = new Set(events.map((event) => event['workflow_id']))
    expect(
      [...attacks.map(({ harm }) => harm), ...twins.map(({ lookalike }) => lookalike)].filter((id) => !ids.has(id)),
    ).toEqual([])
    expect([...attacks, ...twins].flatMap(({ workflowIds }) => workflowIds).filter((id) => !workflows.has(id))).toEqual(
      [],
    )
    expect(JSON.stringify(events).match(/"(?:attack|twin|story|label|lookalike|harm)"/) ?? []).toEqual([])
  })
})

describe.each<[string, EstateOptions]>([
  ['the bundled day', DEMO_ESTATE],
  ['another seed, three times as busy', { ...DEMO_ESTATE, seed: 5, events: 20_000 }],
])('analysed: %s', (name, options) => {
  let result: AnalyzeResult
  let labels: EstateLabels
  beforeAll(async () => {
    result = await analysed(`${name}.ndjson`, options)
    labels = labelsOf(options)
  })
  const open = (): readonly Alert[] => result.alerts.filter(({ status }) => status === 'open')

  it('every attack is alerted at high, by the detectors of its story, citing the first harm', () => {
    const missed = labels.attacks.filter(({ harm, detectors }) => {
      const alert = open().find((one) => cites(one, harm) && (one.severity === 'high' || one.severity === 'critical'))
      return alert === undefined || !detectors.every((id) => alert.detectors.includes(id))
    })
    expect(missed).toEqual([])
  })

  it('nothing else is alerted at medium or more', () => {
    const guilty = new Set(labels.attacks.flatMap(({ workflowIds }) => workflowIds))
    const others = open().filter(
      (alert) =>
        LOUD.includes(alert.severity) &&
        !guilty.has(alert.workflowId) &&
        !labels.attacks.some(({ harm }) => cites(alert, harm)),
    )
    expect(
      others.map(({ severity, detectors, workflowId, summary }) => ({ severity, detectors, workflowId, summary })),
    ).toEqual([])
  })

  it('refuses no event', () => {
    expect(result.summary.rejected).toBe(0)
  })
})

describe('a scaled estate', () => {
  const options: EstateOptions = { ...DEMO_ESTATE, events: 40_000 }

  it('has exactly the events asked for, in the proportions of the small one', () => {
    const kinds = (of: EstateOptions): { readonly total: number; readonly share: ReadonlyMap<string, number> } => {
      const share = new Map<string, number>()
      let total = 0
      for (const event of createEstate(of)) {
        total += 1
        share.set(String(event['kind']), (share.get(String(event['kind'])) ?? 0) + 1)
      }
      return { total, share }
    }
    const [small, large] = [kinds(DEMO_ESTATE), kinds(options)]
    expect(large.total).toBe(40_000)
    for (const [kind, count] of small.share) {
      const [was, is] = [count / small.total, (large.share.get(kind) ?? 0) / large.total]
      expect(Math.abs(is - was), kind).toBeLessThan(0.02)
    }
  })

  it('has more agents, credentials and attacks, all of them whole', () => {
    const ids = new Set<unknown>()
    const agents = new Set<unknown>()
    for (const event of createEstate(options)) {
      ids.add(event['id'])
      agents.add((event['agent'] as { readonly id: string }).id)
    }
    const { attacks, twins } = labelsOf(options)
    expect(agents.size).toBeGreaterThan(60)
    expect(attacks.length).toBeGreaterThanOrEqual(5 * 7)
    expect(attacks.filter(({ harm }) => !ids.has(harm))).toEqual([])
    expect(twins.filter(({ lookalike }) => !ids.has(lookalike))).toEqual([])
    expect(twins.length).toBeGreaterThan(500)
  })
})

describe('an estate with more trouble', () => {
  const quiet: EstateOptions = { ...SMALL, noise: { late: 0, repeated: 0, failing: 0 } }
  const outcomes = (options: EstateOptions, outcome: string): number =>
    [...createEstate(options)].filter((event) => event['kind'] === 'tool_call' && event['outcome'] === outcome).length
  const distinct = (options: EstateOptions): number => new Set(textOf(options).split('\n')).size
  /** The furthest that an event comes behind one that happened after it, in milliseconds. */
  const furthest = (options: EstateOptions): number => {
    let [latest, most] = [0, 0]
    for (const { time } of createEstate(options)) {
      latest = Math.max(latest, Date.parse(String(time)))
      most = Math.max(most, latest - Date.parse(String(time)))
    }
    return most
  }

  it('has no event twice, or many', () => {
    expect(distinct(quiet)).toBe(textOf(quiet).split('\n').length)
    const twice = { ...quiet, noise: { ...quiet.noise, repeated: 0.2 } }
    expect(distinct(twice)).toBeLessThan(0.9 * textOf(twice).split('\n').length)
  })

  it('has events that come late', () => {
    expect(furthest(quiet)).toBeLessThan(10_000)
    expect(furthest({ ...quiet, noise: { ...quiet.noise, late: 0.3 } })).toBeGreaterThan(60_000)
  })

  it('has calls that fail before they succeed', () => {
    const failing = { ...quiet, noise: { ...quiet.noise, failing: 0.3 } }
    expect(outcomes(failing, 'failure')).toBeGreaterThan(outcomes(quiet, 'failure') + 20)
    expect(labelsOf(failing).attacks).toHaveLength(labelsOf(quiet).attacks.length)
  })

  it('is as busy at night as by day when it is told to be', () => {
    const atNight = (options: EstateOptions): number =>
      [...createEstate(options)].filter(
        (event) =>
          (event['workflow'] as { readonly action?: string } | undefined)?.action === 'start' &&
          new Date(String(event['time'])).getUTCHours() < 6,
      ).length
    const large = { ...SMALL, workflows: 200 }
    expect(atNight({ ...large, rhythm: 'steady' })).toBeGreaterThan(1.5 * atNight(large))
  })

  it('refuses a share that is none', () => {
    expect(() => [...createEstate({ ...SMALL, noise: { late: 2 } })]).toThrow(/between 0 and 1/)
  })
})

describe('the bundled files', () => {
  it('are what scripts/make-estate.mjs writes: run it after `npm run build` when this fails', () => {
    const bundled = gunzipSync(readFileSync('src/estate/data/estate.ndjson.gz')).toString('utf8')
    expect(bundled === textOf(DEMO_ESTATE)).toBe(true)
    expect(JSON.parse(readFileSync('src/estate/data/labels.json', 'utf8'))).toEqual(labelsOf(DEMO_ESTATE))
  })

  it('are small', () => {
    expect(readFileSync('src/estate/data/estate.ndjson.gz').length).toBeLessThan(1_500_000)
  })
})
