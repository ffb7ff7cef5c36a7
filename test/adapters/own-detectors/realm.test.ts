import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bundleOfKit, endBundling } from '../../../src/adapters/own-detectors/bundle.ts'
import { impuritiesOf, metered } from '../../../src/adapters/own-detectors/metered.ts'
import { createRealm, type Realm } from '../../../src/adapters/own-detectors/realm.ts'

let kit = ''
let realm: Realm

beforeAll(async () => {
  kit = await bundleOfKit()
  realm = createRealm(kit)
})

afterAll(endBundling)

/** What an expression is in the frozen world. */
const valueIn = (expression: string): unknown =>
  realm.load(metered(`exports.value = (() => { ${expression} })()`), 'x.js')['value']

describe('the world of a detector', () => {
  it.each([
    ['the clock', 'return Date.now()'],
    ['today', 'return new Date()'],
    ['a date in words', 'return Date()'],
    ['a place on earth', 'return new Date(0).getHours()'],
    ['a date of the time zone', 'return new Date(2026, 1, 1)'],
    ['chance', 'return Math.random()'],
    ['the process', 'return process.env'],
    ['the network', 'return fetch("http://example.com")'],
    ['timers', 'return setTimeout(() => 1, 1)'],
    ['a console', 'return console.log(1)'],
    ['code made of text', 'return Function("return this")()'],
    ['text run as code', 'return (0, eval)("1")'],
    ['the global object', 'return globalThis'],
    ['memory shared with other threads', 'return new SharedArrayBuffer(8)'],
    ['words of the machine’s language', 'return "a".localeCompare("b")'],
  ])('has no %s', (_, code) => {
    expect(() => valueIn(code)).toThrow()
  })

  it.each([
    ['a global', 'leftBehind = 1'],
    ['a built-in function', 'Array.prototype.map = () => 1'],
    ['a built-in object', 'Math.answer = 42'],
    ['the kit', 'require("catenary/detector").quiet.calls = 1'],
    ['the meter', '__turn = () => undefined'],
    ['a method of the kit’s schemas', 'Object.getPrototypeOf(require("catenary/detector").z).string = 1'],
  ])('lets nobody change %s', (_, code) => {
    expect(() => valueIn(`${code}; return 1`)).toThrow()
  })

  it('has what a pure function needs', () => {
    const code = `
      const { z, quiet, globMatches } = require("catenary/detector")
      class Own extends Error { constructor() { super("own"); this.name = "Own" } }
      const own = new Own()
      return JSON.stringify([
        new Date("2026-11-20T23:00:00Z").getUTCHours(), own.name, own instanceof Error,
        z.strictObject({ most: z.int().default(3) }).parse({}), quiet({ n: 1 }).state, globMatches("a.*", "a.b"),
        [3, 1, 2].sort(), new Map([["a", 1]]).get("a"), /^(a+)+$/.test("aab"), Date.UTC(2026, 0, 1),
      ])`
    expect(JSON.parse(valueIn(code) as string)).toEqual([
      23,
      'Own',
      true,
      { most: 3 },
      { n: 1 },
      true,
      [1, 2, 3],
      1,
      false,
      1_767_225_600_000,
    ])
  })

  it.each([
    ['for (;;) {}'],
    ['while (true) 1'],
    ['do {} while (true)'],
    ['const f = (n) => (n === 0 ? 0 : f(n - 1)); while (true) { try { f(50) } catch {} }'],
    ['for (const x of (function* () { while (true) yield 1 })()) ;'],
    ['[...Array(2e6).keys()].map((x) => x + 1)'],
  ])('stops %s', (code) => {
    expect(() => valueIn(code)).toThrow()
    expect(realm.isSpent()).toBe(true)
  })

  it('counts turns so that what is run keeps its meaning', () => {
    const code = `
      const twice = (f) => (x) => f(f(x)); let n = 0
      for (let i = 0; i < 3; i++) for (const j of [1, 2]) if (j === 2) n += i; else n -= 1
      const o = { get a() { return () => ({ b: n }) }, m() { do n++; while (n < 5); return n } }
      outer: while (true) { for (;;) { break outer } }
      return [twice((x) => x * 2)(3), n, o.m(), o.a().b, (async () => 1)() instanceof Promise].join()`
    expect(valueIn(code)).toBe('12,0,5,5,true')
  })
})

describe('impurity that can be told from the text', () => {
  it('is told with its line, unless the name is the file’s own', () => {
    const code = 'const process = 1\nuse(process)\nconst at = Date.now()\nuse(fetch, at.process, { fetch: 1 })'
    expect(impuritiesOf(code).map(({ what, line }) => `${line} ${what}`)).toEqual(['3 Date.now', '4 fetch'])
  })
})
