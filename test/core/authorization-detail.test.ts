import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type AuthorizationDetail,
  detailsAllow,
  detailsCover,
  isReadOnlyDetail,
  labelOfDetail,
} from '../../src/core/index.ts'

/** Few words, so that one often holds another. */
const WORDS = {
  locations: [
    'https://bank.example',
    'https://bank.example/',
    'https://bank.example/v1',
    'https://bank.example/*',
    'a/../b',
    '*',
  ],
  actions: ['read', 'list', 'write', 'Admin', 'admin.all', 'initiate', 'initiate.batch', 'initiate.*', '*'],
  datatypes: ['balances', 'balances.eur', 'balances.eur:today', 'balances/*', 'names'],
  privileges: ['view', 'Owner', 'owner/all', '*'],
}
const words = (some: readonly string[]) => fc.subarray([...some], { minLength: 1, maxLength: 2 })
const detail: fc.Arbitrary<AuthorizationDetail> = fc.record(
  {
    type: fc.constantFrom('payment', 'account'),
    locations: words(WORDS.locations),
    actions: words(WORDS.actions),
    datatypes: words(WORDS.datatypes),
    identifier: fc.constantFrom('acc', 'acc/1', 'acc/*', 'acc/../2'),
    privileges: words(WORDS.privileges),
  },
  { requiredKeys: ['type'] },
)
const details = fc.array(detail, { minLength: 1, maxLength: 3 })
const coverAll = (a: readonly AuthorizationDetail[], b: readonly AuthorizationDetail[]): boolean =>
  b.every((one) => detailsCover(a, one))

describe('what one set of permissions holds of another', () => {
  it('is all of itself', () => {
    fc.assert(fc.property(details, (some) => coverAll(some, some)))
  })

  it('is passed on: what holds a holder holds what that one holds', () => {
    for (const [field, some] of Object.entries(WORDS)) {
      const one = (word: string): AuthorizationDetail => ({ type: 'x', [field]: [word] })
      for (const a of some)
        for (const b of some.filter((word) => detailsCover([one(a)], one(word))))
          for (const c of some.filter((word) => detailsCover([one(b)], one(word))))
            expect([field, a, b, c, detailsCover([one(a)], one(c))]).toEqual([field, a, b, c, true])
    }
    fc.assert(
      fc.property(details, details, details, (a, b, c) => !coverAll(a, b) || !coverAll(b, c) || coverAll(a, c)),
      { numRuns: 2_000 },
    )
    // Narrowed step by step, so that the premise holds often.
    fc.assert(
      fc.property(detail, fc.nat(5), fc.nat(5), (one, first, second) => {
        const b = without(one, first)
        const a = without(b, second)
        expect([detailsCover([a], b), detailsCover([b], one), detailsCover([a], one)]).toEqual([true, true, true])
      }),
    )
  })

  it('is found to be too little whenever the other says one word more, or leaves a limit out', () => {
    fc.assert(
      fc.property(detail, fc.constantFrom('locations', 'actions', 'datatypes', 'privileges'), (one, field) => {
        const list = one[field]
        fc.pre(list !== undefined && !list.includes('*'))
        expect(detailsCover([one], { ...one, [field]: [...(list ?? []), 'never-granted'] })).toBe(false)
        expect(detailsCover([one], { ...one, [field]: undefined })).toBe(false)
      }),
    )
  })

  it('grows by more permissions and never shrinks', () => {
    fc.assert(
      fc.property(
        details,
        detail,
        detail,
        (some, more, wanted) => !detailsCover(some, wanted) || detailsCover([...some, more], wanted),
      ),
    )
  })

  it('may be put together of several, combination by combination', () => {
    const granted = [
      { type: 'payment', actions: ['read'], locations: ['https://a.example'] },
      { type: 'payment', actions: ['write'], locations: ['https://b.example'] },
    ]
    expect(detailsCover(granted, { type: 'payment', actions: ['read'], locations: ['https://a.example/x'] })).toBe(true)
    expect(
      detailsCover([...granted, { type: 'payment', actions: ['read'], locations: ['https://b.example'] }], {
        type: 'payment',
        actions: ['read'],
        locations: ['https://a.example', 'https://b.example'],
      }),
    ).toBe(true)
    // Writing at the first place is in neither.
    expect(
      detailsCover(granted, {
        type: 'payment',
        actions: ['write'],
        locations: ['https://a.example', 'https://b.example'],
      }),
    ).toBe(false)
  })

  it.each([
    [{ type: 'account' }, { type: 'payment' }],
    [
      { type: 'x', locations: ['https://bank.example'] },
      { type: 'x', locations: ['https://bank.example.evil.example'] },
    ],
    [
      { type: 'x', locations: ['https://bank.example/a'] },
      { type: 'x', locations: ['https://bank.example/a/../b'] },
    ],
    [
      { type: 'x', actions: ['read'] },
      { type: 'x', actions: ['write'] },
    ],
    [
      { type: 'x', identifier: 'acc-1' },
      { type: 'x', identifier: 'acc-10' },
    ],
    [
      { type: 'x', actions: ['read'] },
      { type: 'x', actions: [] },
    ],
  ])('%j does not hold %j', (granted, wanted) => {
    expect(detailsCover([granted], wanted)).toBe(false)
  })
})

describe('a use', () => {
  const granted = [{ type: 'account', actions: ['read'], locations: ['https://bank.example'] }]

  it('goes past nothing by what it does not say', () => {
    expect(detailsAllow(granted, { type: 'account', actions: ['list'] })).toBe(true)
    expect(detailsCover(granted, { type: 'account', actions: ['list'] })).toBe(false)
  })

  it('goes past what was granted by what it says', () => {
    expect(detailsAllow(granted, { type: 'account', actions: ['write'] })).toBe(false)
    expect(detailsAllow(granted, { type: 'payment' })).toBe(false)
  })
})

it('a permission is read-only when all its words are', () => {
  expect(isReadOnlyDetail({ type: 'x', actions: ['read', 'List'], privileges: ['view'] })).toBe(true)
  expect(isReadOnlyDetail({ type: 'x', actions: ['read'], privileges: ['admin'] })).toBe(false)
  expect(isReadOnlyDetail({ type: 'x' })).toBe(false)
})

it('a permission is named in one line, its words in order', () => {
  expect(labelOfDetail({ type: 'payment', actions: ['status', 'initiate'], identifier: 'acc/1' })).toBe(
    'payment actions=initiate,status identifier=acc/1',
  )
})

function without(one: AuthorizationDetail, nth: number): AuthorizationDetail {
  const { type, ...fields } = one
  return { type, ...Object.fromEntries(Object.entries(fields).filter((_, i) => i !== nth)) }
}
