import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Numbers, numberOf } from '../../src/runtime/numbers.ts'

describe('a set of numbers', () => {
  it('has the size, and lets go of the numbers, that a Set would', () => {
    const change = fc.record({ isOut: fc.boolean(), number: fc.integer({ min: 1, max: 3_000 }) })
    fc.assert(
      fc.property(fc.array(change, { maxLength: 5_000, size: 'max' }), (changes) => {
        const [numbers, set] = [new Numbers(), new Set<number>()]
        for (const { isOut, number } of changes) {
          if (isOut) expect(numbers.delete(number)).toBe(set.delete(number))
          else {
            numbers.add(number)
            set.add(number)
          }
          expect(numbers.size).toBe(set.size)
        }
      }),
      { numRuns: 30 },
    )
  })

  it('holds a hundred thousand texts, each once', () => {
    const numbers = new Numbers()
    for (let i = 0; i < 200_000; i += 1) numbers.add(numberOf(`default\u0000workflow-${i % 100_000}`))
    expect(numbers.size).toBe(100_000)
  })
})
