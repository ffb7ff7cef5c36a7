import { describe, expect, it } from 'vitest'
import { compare } from '../../src/lab/compare.ts'
import { gateOf } from '../../src/lab/gates.ts'
import type { RunAlert, RunResult } from '../../src/lab/run-result.ts'

const alert = (id: string, more: Partial<RunAlert> = {}): RunAlert => ({
  id,
  detector: 'approval-drift',
  detectors: ['approval-drift'],
  severity: 'high',
  score: 60,
  workflowId: 'w',
  summary: 'more than was approved',
  events: ['e1', 'e2'],
  ...more,
})

const result = (...alerts: readonly RunAlert[]): RunResult => ({ name: 'v', events: 10, chains: 2, alerts })

describe('two versions side by side', () => {
  it('says what is gained and lost', () => {
    const { gained, lost, same } = compare(
      result(alert('a'), alert('b', { workflowId: 'v' })),
      result(alert('a'), alert('c', { workflowId: 'u' })),
    )
    expect([gained.map(({ id }) => id), lost.map(({ id }) => id), same]).toEqual([['c'], ['b'], 1])
  })

  it('knows an alert again by chain, detector and evidence when its id is another', () => {
    const { gained, lost, changed } = compare(
      result(alert('a')),
      result(alert('b', { events: ['e2', 'e3'], score: 70 })),
    )
    expect([gained, lost]).toEqual([[], []])
    expect(changed.map(({ what }) => what)).toEqual([['score 60 → 70', 'evidence +1 −1']])
  })

  it('counts an alert that falls below medium as lost, and one that rises above it as gained', () => {
    const [loud, low] = [alert('a'), alert('a', { severity: 'low' })]
    expect(compare(result(loud), result(low)).lost).toEqual([loud])
    expect(compare(result(low), result(loud)).gained).toEqual([loud])
  })

  it('only counts what is below medium on both sides', () => {
    const { gained, lost, low } = compare(result(), result(alert('a', { severity: 'low' })))
    expect([gained, lost, low]).toEqual([[], [], { gained: 1, lost: 0 }])
  })
})

describe('a condition', () => {
  it('holds or does not', () => {
    expect(gateOf('lost>0').isMet(1)).toBe(true)
    expect(gateOf('lost>0').isMet(0)).toBe(false)
    expect(gateOf(' precision < 0.9 ').isMet(0.89)).toBe(true)
    expect(gateOf('recall>=1').isMet(1)).toBe(true)
  })

  it('is refused with the ones there are', () => {
    expect(() => gateOf('missing>0')).toThrow(/CAT_USAGE|one of gained, lost/)
    expect(() => gateOf('lost>many')).toThrow(/then a number/)
  })
})
