import { describe, expect, it } from 'vitest'
import { shareOf } from '../../src/lab/interval.ts'

describe('the interval of a share', () => {
  it('is Wilson’s: 15 of 148 is 6.2 % to 16.0 %, as in Newcombe (1998), table I', () => {
    // 81 of 263: 0.2553 to 0.3662; 15 of 148: 0.0624 to 0.1605; 0 of 20: 0 to 0.1611; 1 of 29: 0.0061 to 0.1718.
    for (const [hits, of, low, high] of [
      [81, 263, 0.2553, 0.3662],
      [15, 148, 0.0624, 0.1605],
      [0, 20, 0, 0.1611],
      [1, 29, 0.0061, 0.1718],
    ] as const) {
      const share = shareOf(hits, of)
      expect(share.low).toBeCloseTo(low, 4)
      expect(share.high).toBeCloseTo(high, 4)
    }
  })

  it('claims nothing where nothing was counted', () => {
    expect(shareOf(0, 0)).toMatchObject({ value: null, low: 0, high: 1 })
  })
})
