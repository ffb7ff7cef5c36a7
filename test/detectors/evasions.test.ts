import { describe, expect, it } from 'vitest'
import { casesOf } from '../../detectors/cases/index.ts'
import { detectors } from '../../detectors/index.ts'
import type { AnyDetector, DetectorCases } from '../../src/core/index.ts'
import { EVASIONS, type Evasion, pastWith } from '../kit/evasions.ts'

const NAMES = Object.keys(EVASIONS) as readonly Evasion[]

const past = (detector: AnyDetector, cases: DetectorCases, evasion: Evasion): readonly string[] =>
  pastWith(evasion, cases, { detectors: [detector] })

const tried = detectors.flatMap((detector) => {
  const cases = casesOf(detector.id)
  return cases?.evades === undefined ? [] : [[detector.id, detector, cases, cases.evades] as const]
})

describe.each(tried)('%s', (_, detector, cases, evades) => {
  it.each(NAMES.filter((name) => evades[name] === undefined))('sees every attack %s', (name) => {
    expect(past(detector, cases, name)).toEqual([])
  })

  it.each(NAMES.filter((name) => evades[name] !== undefined))('owns up that some attack passes %s', (name) => {
    expect(past(detector, cases, name)).not.toEqual([])
    expect(detector.about.misses).toContain(evades[name])
  })

  it('names only evasions that there are', () => {
    expect(Object.keys(evades).filter((name) => !(name in EVASIONS))).toEqual([])
  })
})
