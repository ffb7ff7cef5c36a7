import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type SmallestSet, smallestSet } from '../../src/core/index.ts'

/** Runs the search against an alert that falls as soon as one of these sets is left out whole. */
function search(
  candidates: readonly string[],
  enough: readonly (readonly string[])[],
  most?: number,
): { readonly found: SmallestSet | null; readonly tries: number } {
  const looking = smallestSet(candidates, most)
  let tries = 0
  let next = looking.next()
  while (next.done !== true) {
    tries += 1
    const out = next.value
    next = looking.next(enough.some((set) => set.every((one) => out.includes(one))))
  }
  return { found: next.value, tries }
}

describe('the smallest set of events without which an alert falls', () => {
  it('is one event where one is enough', () => {
    expect(search(['a', 'b', 'c'], [['b'], ['a', 'c']]).found).toEqual({ eventIds: ['b'], isSmallest: true })
  })

  it('is two where each alone is not', () => {
    expect(search(['a', 'b', 'c'], [['a', 'c']]).found).toEqual({ eventIds: ['a', 'c'], isSmallest: true })
  })

  it('is none where the alert stands on something else', () => {
    expect(search(['a', 'b'], []).found).toBeNull()
    expect(search([], [['a']]).found).toBeNull()
  })

  it('always does it; nothing of it can be put back; few tries are enough', () => {
    const letters = [...'abcdefghijkl']
    fc.assert(
      fc.property(
        fc.array(fc.subarray(letters, { minLength: 1 }), { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 1, max: 80 }),
        (enough, most) => {
          const { found, tries } = search(letters, enough, most)
          const falls = (out: readonly string[]): boolean => enough.some((set) => set.every((one) => out.includes(one)))
          const ids = found?.eventIds ?? []
          expect(falls(ids)).toBe(true)
          for (const id of ids) expect(falls(ids.filter((one) => one !== id))).toBe(false)
          if (found?.isSmallest === true) expect(ids.length).toBe(Math.min(...enough.map((set) => set.length)))
          expect(tries).toBeLessThanOrEqual(Math.max(most, 1) + letters.length)
        },
      ),
    )
  })
})
