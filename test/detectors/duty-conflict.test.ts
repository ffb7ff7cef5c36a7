import { describe, expect, it } from 'vitest'
import { story } from '../../detectors/cases/story.ts'
import { dutyConflict } from '../../detectors/duty-conflict.ts'
import { findingsOf } from '../../src/cli/run-cases.ts'

const w = story('wf-1', 'clerk')
const both = {
  name: 'an agent that was given both tools uses both',
  events: [
    w.start('s', 0, { tools: ['forms.fill', 'forms.stamp'] }),
    w.calls('f', 1, 'forms.fill', { operation: 'update' }),
    w.calls('x', 2, 'forms.stamp', { operation: 'update' }),
  ],
}
const found = (options: unknown) =>
  findingsOf(both, { detectors: [dutyConflict], settings: { 'duty-conflict': options } }, 'duty-conflict')

describe('duties that an operator keeps apart', () => {
  const conflicts = [{ name: 'fill and stamp', first: ['*.fill'], second: ['*.stamp'] }]

  it('are told of even where the task was given both tools', () => {
    expect(found({ conflicts }).map(({ severity, terms }) => [severity, terms['conflict']])).toEqual([
      ['high', 'fill and stamp'],
    ])
  })

  it('are not known until the operator says so', () => {
    expect(found({})).toEqual([])
  })

  it('are refused when a list is empty', () => {
    expect(() => dutyConflict.options.parse({ conflicts: [{ name: 'none', first: [], second: ['a'] }] })).toThrow()
  })
})
