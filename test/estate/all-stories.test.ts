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
import { type EstateResult, estateResult } from '../quality/estates.ts'

/** One day shows no baseline of weeks; speed against what was usual needs one too. */
const WITHOUT = new Set(['rare-path', 'machine-speed-spread'])
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
  it('has one for every detector but those that need weeks', () => {
    const labels = labelsOf(optionsOf(31))
    expect(labels.attacks.map(({ story }) => story).sort((a, b) => a - b)).toEqual(Object.keys(STORIES).map(Number))
    const seen = new Set(labels.attacks.flatMap((attack) => attack.detectors))
    expect(detectors.map(({ id }) => id).filter((id) => !seen.has(id) && !WITHOUT.has(id))).toEqual([])
    for (const story of Object.keys(STORIES).map(Number))
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
  })
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
