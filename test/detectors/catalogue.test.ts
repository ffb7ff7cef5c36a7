import { describe, expect, it } from 'vitest'
import { casesOf } from '../../detectors/cases/index.ts'
import { evasionsOf } from '../../detectors/evasions/index.ts'
import { frameworkOf } from '../../detectors/frameworks.ts'
import { detectors } from '../../detectors/index.ts'
import { runCases, runEvasions } from '../../src/cli/run-cases.ts'

describe.each(detectors.map((detector) => [detector.id, detector] as const))('%s', (id, { about }) => {
  const cases = casesOf(id)
  const evasions = evasionsOf(id)
  const results = [
    ...(cases === null ? [] : runCases(cases, { detectors })),
    ...(evasions === null ? [] : runEvasions(evasions, { detectors })),
  ]

  it('has at least five attacks and five twins', () => {
    expect(cases?.attacks.length ?? 0).toBeGreaterThanOrEqual(5)
    expect(cases?.twins.length ?? 0).toBeGreaterThanOrEqual(5)
  })

  it.each(results.map((result) => [`${result.half}: ${result.name}`, result.problem] as const))('%s', (_, problem) => {
    expect(problem).toBeNull()
  })

  it('owns up to every way round it that works', () => {
    const unowned = evasions?.unseen.filter(({ miss }) => !about.misses.includes(miss)).map(({ name }) => name)
    expect(unowned ?? []).toEqual([])
  })

  it('owns up to what it misses, says what to do, and names frameworks that exist', () => {
    expect(about.misses.length).toBeGreaterThan(0)
    expect(about.respond.length).toBeGreaterThan(0)
    expect(about.frameworks.filter((one) => frameworkOf(one) === null)).toEqual([])
  })
})

describe('the list of detectors', () => {
  it('is sorted and holds each id once', () => {
    const ids = detectors.map(({ id }) => id)
    expect(ids).toEqual([...new Set(ids)].sort())
  })
})
