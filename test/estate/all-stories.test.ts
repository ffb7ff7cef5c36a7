import { beforeAll, describe, expect, it } from 'vitest'
import { detectors } from '../../detectors/index.ts'
import {
  createEstate,
  DEMO_ESTATE,
  type EstateEvent,
  type EstateLabels,
  type EstateOptions,
  labelsOf,
  STORIES,
} from '../../src/estate/index.ts'
import { ALL_DETECTORS, figuresOf } from '../../src/lab/judge.ts'
import { watch } from '../../src/lab/watch.ts'
import { engineParts } from '../../src/main.ts'
import { type EstateResult, estateResult } from '../quality/estates.ts'
import { arrivalsOfEvents } from '../quality/records.ts'

/** One day shows no baseline of weeks: its story is told in longer estates. */
const WEEKLY = { story: 21, detector: 'rare-path' }
/** An estate is what producers tell; a containment is a responder's own word, and its detector has cases alone. */
const NO_STORY = 'use-after-containment'
const SEEDS = [31, 32, 33]
const optionsOf = (seed: number): EstateOptions => ({ ...DEMO_ESTATE, seed, stories: 'all' })

/** What a story's events share: every id of an episode begins with its stem. */
const stemOf = (id: unknown): string => String(id).split('-')[0] ?? ''

type Fields = Readonly<Record<string, unknown>>
const at = (value: unknown, ...path: readonly string[]): unknown =>
  path.reduce<unknown>(
    (here, part) => (typeof here === 'object' && here !== null ? (here as Fields)[part] : undefined),
    value,
  )

/** Each thing an event says in words that come again: names, kinds, zones, scopes, outcomes; no ids, no free text. */
function saidBy(event: EstateEvent): readonly string[] {
  const kind = String(event['kind'])
  const body = event[kind]
  const said: (readonly [string, unknown])[] = [
    ['outcome', event['outcome']],
    ['source', event['source']],
    ['error', event['error']],
    ['principal', at(event, 'principal', 'type')],
    ['proof', at(event, 'agent', 'attestation', 'type')],
    ['role', String(at(event, 'agent', 'id')).replace(/-r\d+$/, '')],
    ['resource type', at(body, 'resource', 'type')],
    ['zone', at(body, 'resource', 'zone')],
    ['sensitivity', at(body, 'resource', 'sensitivity')],
    ['destination', at(body, 'destination', 'type')],
    ['outside', at(body, 'destination', 'external')],
    ['approver', at(body, 'approver', 'type')],
    ['client', at(body, 'client', 'user_agent')],
    ['arguments', Object.keys((at(body, 'arguments') ?? {}) as Fields).join('+')],
    [
      'fields',
      Object.keys((body ?? {}) as Fields)
        .sort()
        .join('+'),
    ],
    ...[
      'name',
      'operation',
      'action',
      'type',
      'mode',
      'consent_type',
      'publisher',
      'publisher_verified',
      'task',
      'trigger',
    ].map((name): readonly [string, unknown] => [name, at(body, name)]),
    ...((at(body, 'scopes') ?? []) as readonly string[]).map((scope): readonly [string, unknown] => ['scope', scope]),
  ]
  return said.flatMap(([name, value]) => (value === undefined || value === null ? [] : [`${kind} ${name}: ${value}`]))
}

describe('an estate of all stories', () => {
  it('has one for every detector, and at least two look-alikes for each', () => {
    const labels = labelsOf(optionsOf(31))
    const daily = Object.keys(STORIES)
      .map(Number)
      .filter((story) => story !== WEEKLY.story)
    expect(labels.attacks.map(({ story }) => story).sort((a, b) => a - b)).toEqual(daily)
    const seen = new Set(labels.attacks.flatMap((attack) => attack.detectors))
    expect(detectors.map(({ id }) => id).filter((id) => !seen.has(id))).toEqual([WEEKLY.detector, NO_STORY])
    for (const story of daily)
      expect(new Set(labels.twins.filter((twin) => twin.story === story).map(({ name }) => name)).size).toBeGreaterThan(
        1,
      )
  })

  it('gives no attack away by a field: whatever an attack says, something harmless says too', () => {
    const [guilty, harmless] = [new Map<string, unknown>(), new Set<string>()]
    for (const options of SEEDS.map(optionsOf)) {
      const stems = new Set(labelsOf(options).attacks.map(({ harm }) => stemOf(harm)))
      for (const event of createEstate(options))
        for (const said of saidBy(event))
          if (stems.has(stemOf(event['id']))) guilty.set(said, event['id'])
          else harmless.add(said)
    }
    expect([...guilty].filter(([said]) => !harmless.has(said))).toEqual([])
  }, 120_000)
})

describe('an estate of a week', () => {
  const options: EstateOptions = { ...DEMO_ESTATE, seed: 31, stories: 'all', hours: 144, events: 18_000 }

  it('has an agent do what it never did, which is told as low, and of hardly anything else', async () => {
    const { attacks, twins } = labelsOf(options)
    const [attack] = attacks.filter(({ story }) => story === WEEKLY.story)
    expect(twins.filter(({ story }) => story === WEEKLY.story).length).toBeGreaterThan(1)
    const seen = await watch(arrivalsOfEvents(createEstate(options), 'estate'), engineParts())
    const rare = seen.findings.filter(({ finding }) => finding.detector === WEEKLY.detector)
    expect(rare.filter(({ finding }) => finding.workflowId === attack?.workflowIds[0])).toMatchObject([
      { finding: { severity: 'low' } },
    ])
    const guilty = new Set(attacks.flatMap(({ workflowIds }) => workflowIds))
    const harmless = rare.filter(({ finding }) => !guilty.has(finding.workflowId))
    expect(harmless.length / seen.chains.size).toBeLessThan(0.01)
  }, 300_000)
})

describe('analysed', () => {
  let results: readonly EstateResult[]
  let labels: readonly EstateLabels[]
  beforeAll(async () => {
    const found: EstateResult[] = []
    for (const seed of SEEDS) found.push(await estateResult(optionsOf(seed), String))
    results = found
    labels = SEEDS.map((seed) => labelsOf(optionsOf(seed)))
  }, 300_000)

  it('every attack is found in time, by the detectors of its story', () => {
    expect(results.map(({ attacks }) => attacks.length)).toEqual(labels.map(({ attacks }) => attacks.length))
    const missed = results.flatMap(({ attacks }) =>
      attacks.filter(
        ({ detectors: own, unit }) =>
          !own.every((id) => unit.hits.some((hit) => hit.by === id && hit.cites === true && (hit.delay ?? 9) <= 1)),
      ),
    )
    expect(missed.map(({ unit }) => unit.name)).toEqual([])
  })

  it('no more than one benign chain in a hundred is alerted', () => {
    const { benign } = figuresOf(
      ALL_DETECTORS,
      results.flatMap(({ units }) => units),
    )
    expect(benign.of).toBeGreaterThan(1_000)
    expect(benign.hits / benign.of).toBeLessThan(0.01)
  })
})
