/** A share with its 95 % confidence interval, all from 0 to 1. */
export interface Share {
  readonly hits: number
  readonly of: number
  /** `hits / of`; null where there is nothing to take a share of. */
  readonly value: number | null
  readonly low: number
  readonly high: number
}

/** The 97.5th percentile of the normal distribution: both tails leave 95 %. */
const Z = 1.959_963_984_540_054

/**
 * The Wilson score interval of a binomial proportion (Wilson, JASA 1927): honest for small counts and for shares near 0
 * and 1, where the normal interval shrinks to nothing.
 */
export function shareOf(hits: number, of: number): Share {
  if (of === 0) return { hits, of, value: null, low: 0, high: 1 }
  const value = hits / of
  const square = (Z * Z) / of
  const middle = (value + square / 2) / (1 + square)
  const half = (Z * Math.sqrt((value * (1 - value) + square / 4) / of)) / (1 + square)
  return {
    hits,
    of,
    value,
    low: hits === 0 ? 0 : Math.max(0, middle - half),
    high: hits === of ? 1 : Math.min(1, middle + half),
  }
}
