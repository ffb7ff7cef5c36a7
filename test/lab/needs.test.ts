import { describe, expect, it } from 'vitest'
import { detectors } from '../../detectors/index.ts'
import { needsOf } from '../../src/lab/backtest.ts'
import { Arrived, needOf } from '../../src/lab/needs.ts'
import { event } from '../kit/events.ts'

const arrived = (text: string, ...events: readonly Parameters<typeof event>[0][]): boolean => {
  const need = needOf(text)
  const seen = new Arrived([need])
  for (const one of events) seen.see(event(one))
  return seen.isMet(need)
}
const call = (more: object = {}, outcome: 'success' | 'denied' = 'success') => ({
  id: 'e1',
  at: 0,
  workflow: 'w',
  outcome,
  tool: { name: 'erp.read', ...more },
})

describe('what a detector needs', () => {
  it('is there or is not', () => {
    expect(arrived('tool_call.resource.zone', call())).toBe(false)
    expect(arrived('tool_call.resource.zone', call({ resource: { id: 'r', zone: 'prod' } }))).toBe(true)
  })

  it('is met by any alternative, and by all of one', () => {
    const text = 'tool_call.name and operation, credential.action issue, or parent_step_id'
    expect(arrived(text, call())).toBe(false)
    expect(arrived(text, call({ operation: 'read' }))).toBe(true)
    expect(arrived(text, { id: 'e', at: 0, credential: { id: 'c', action: 'issue' } })).toBe(true)
    expect(arrived(text, { id: 'e', at: 0, credential: { id: 'c', action: 'revoke' } })).toBe(false)
  })

  it('may be a value', () => {
    expect(arrived('outcome denied, or approval.action reject', call())).toBe(false)
    expect(arrived('outcome denied, or approval.action reject', call({}, 'denied'))).toBe(true)
  })

  it('can be read, whichever detector says so', () => {
    for (const detector of detectors)
      for (const { text, alternatives } of needsOf(detector))
        expect(alternatives.length, `${detector.id}: ${text}`).toBeGreaterThan(0)
  })
})
