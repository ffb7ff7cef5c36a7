import { setImmediate } from 'node:timers/promises'
import { expect, it, onTestFinished } from 'vitest'
import { hushPastTimers } from '../../../src/adapters/kafka/past-timers.ts'

it('of what the runtime warns of, timers for a time that is past are not told, and all else is', async () => {
  const told: string[] = []
  const hear = ({ name }: Error): unknown => told.push(name)
  process.on('warning', hear)
  onTestFinished(() => void process.off('warning', hear))
  process.emitWarning('-5 is a negative number.', 'TimeoutNegativeWarning')
  await setImmediate()
  hushPastTimers()
  hushPastTimers()
  process.emitWarning('-5 is a negative number.', 'TimeoutNegativeWarning')
  process.emitWarning('something else', 'DeprecationWarning', 'DEP0000')
  process.emitWarning('and more', { type: 'ExperimentalWarning' })
  await setImmediate()
  expect(told).toEqual(['TimeoutNegativeWarning', 'DeprecationWarning', 'ExperimentalWarning'])
})
