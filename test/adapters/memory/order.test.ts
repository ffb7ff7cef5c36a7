import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareText } from '../../../src/adapters/memory/order.ts'

describe('compareText', () => {
  it('orders as the bytes of UTF-8 do, which is how databases order', () => {
    const text = fc.string({ unit: 'binary' })
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(Math.sign(compareText(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)))
      }),
      {
        examples: [
          ['\uff5e', '😀'],
          ['a', 'ab'],
          ['', ''],
        ],
      },
    )
  })
})
