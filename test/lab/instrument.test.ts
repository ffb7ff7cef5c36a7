import { describe, expect, it } from 'vitest'
import { instrument } from '../mutate/instrument.ts'

const SOURCE = `export function judged(a, b, list) {
  if (a > 1 && (b || a === 7)) return 'both'
  return list.filter((one) => one > a).length > 0 ? 'some' : 'none'
}
export const kept = (a, state) => (a === state.a ? state : { ...state, a })
export const named = (name) => name || 'nobody'
`

interface Judged {
  judged(a: number, b: boolean, list: readonly number[]): string
}

const mutable = globalThis as unknown as { awakeMutant: number }

async function woken(id: number): Promise<Judged> {
  mutable.awakeMutant = id
  return (await import(`data:text/javascript,${encodeURIComponent(instrument(SOURCE).code)}`)) as unknown as Judged
}

describe('switching conditions off', () => {
  const { mutants } = instrument(SOURCE)
  const idOf = (condition: string, becomes: boolean): number =>
    mutants.find((one) => one.condition === condition && one.becomes === becomes)?.id ?? Number.NaN

  it('finds every condition once for each way to switch it off, and where it stands', () => {
    expect(mutants.map(({ condition, becomes, line }) => [condition, becomes, line])).toEqual([
      ['a > 1', true, 2],
      ['b || a === 7', true, 2],
      ['b', false, 2],
      ['a === 7', false, 2],
      ['list.filter((one) => one > a).length > 0', true, 3],
      ['list.filter((one) => one > a).length > 0', false, 3],
      ['one > a', true, 3],
      ['one > a', false, 3],
      ['a === state.a', true, 5],
    ])
  })

  it('changes nothing while all sleep', async () => {
    const { judged } = await woken(-1)
    expect([judged(2, true, []), judged(0, true, [1]), judged(0, true, [])]).toEqual(['both', 'some', 'none'])
  })

  it('switches off the one that is awake and no other', async () => {
    expect((await woken(idOf('a > 1', true))).judged(0, true, [])).toBe('both')
    expect((await woken(idOf('b', false))).judged(2, true, [])).toBe('none')
    expect((await woken(idOf('b', false))).judged(7, true, [])).toBe('both')
    expect((await woken(idOf('one > a', true))).judged(5, false, [1])).toBe('some')
  })
})
