import { describe, expect, it } from 'vitest'
import type { RunAlert, RunResult } from '../../src/lab/run-result.ts'
import { measure, type Verdict } from '../../src/lab/verdicts.ts'

const alert = (id: string, more: Partial<RunAlert> = {}): RunAlert => ({
  id,
  detector: 'approval-drift',
  detectors: ['approval-drift'],
  severity: 'high',
  score: 60,
  workflowId: `wf-${id}`,
  summary: 'more than was approved',
  events: ['e1'],
  ...more,
})
const result = (...alerts: readonly RunAlert[]): RunResult => ({ name: 'v', events: 10, chains: 9, alerts })
const said = (alertId: string | null, verdict: Verdict['verdict'], more: Partial<Verdict> = {}): Verdict => ({
  alertId,
  workflowId: null,
  detector: null,
  verdict,
  reason: null,
  ...more,
})

describe('what analysts said', () => {
  it('is the share of true alerts among those that were judged, with its interval', () => {
    const { all } = measure(result(alert('a'), alert('b'), alert('c'), alert('d')), [
      said('a', 'true'),
      said('b', 'false'),
      said('c', 'benign-true', { reason: 'a planned test' }),
    ])
    expect(all.precision).toMatchObject({ hits: 1, of: 3 })
    expect(all.correct).toMatchObject({ hits: 2, of: 3 })
    expect(all.notJudged).toBe(1)
    expect(all.precision.low).toBeCloseTo(0.0615, 3)
    expect(all.precision.high).toBeCloseTo(0.7923, 3)
    expect(all.reasons).toEqual([['a planned test', 1]])
  })

  it('by an alert’s id is said of each of its detectors, by workflow and detector of that one alone', () => {
    const both = alert('a', { detectors: ['approval-drift', 'scope-expansion'] })
    const byDetector = (verdict: Verdict) =>
      measure(result(both), [verdict]).detectors.map(({ detector, counts }) => [detector, counts.false])
    expect(byDetector(said('a', 'false'))).toEqual([
      ['approval-drift', 1],
      ['scope-expansion', 1],
    ])
    expect(byDetector(said(null, 'false', { workflowId: 'wf-a', detector: 'scope-expansion' }))).toEqual([
      ['approval-drift', 0],
      ['scope-expansion', 1],
    ])
  })

  it('counts the last word on an alert, and tells of what is no longer alerted on', () => {
    const { all, gone } = measure(result(alert('a'), alert('low', { severity: 'low' })), [
      said('a', 'true'),
      said('a', 'false'),
      said('low', 'false'),
      said('no-more', 'true'),
    ])
    expect(all.counts).toEqual({ true: 0, false: 1, 'benign-true': 0 })
    expect(gone).toEqual({ true: 1, false: 1, 'benign-true': 0 })
  })
})
