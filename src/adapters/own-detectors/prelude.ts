/** What tells the time, rolls dice, depends on the machine's place, or lets code wait, talk or watch the collector. */
const TAKEN = ['console', 'SharedArrayBuffer', 'Atomics', 'WebAssembly', 'WeakRef', 'FinalizationRegistry', 'Intl']

/**
 * The first script of a realm, run once, before anything foreign. It takes away what is not a function of its arguments,
 * counts turns (`metered` puts them into every loop and function of a detector), and freezes all that can be reached, so that no
 * fold can leave something behind for the next. Where a frozen prototype would keep an own property of the same name from
 * being set (an error's `name`), setting makes that own property.
 */
export const PRELUDE = `'use strict';
(() => {
  const { defineProperty, freeze, getOwnPropertyDescriptor, getPrototypeOf } = Object
  const { ownKeys, construct } = Reflect
  const world = globalThis
  let left = 0
  const define = (name, value) => defineProperty(world, name, { value, configurable: true })

  for (const name of ${JSON.stringify(TAKEN)}) delete world[name]
  delete Error.captureStackTrace
  delete Math.random
  for (const { prototype } of [String, Number, Array, BigInt, Date])
    for (const key of ownKeys(prototype)) if (/locale/i.test(String(key))) delete prototype[key]

  const Clock = Date
  for (const key of ownKeys(Clock.prototype))
    if (/^[gs]et(?!UTC|Time$)|^to(?!ISO|JSON|UTC)/.test(String(key))) delete Clock.prototype[key]
  const Timeless = function Date(...given) {
    if (new.target === undefined || given.length === 0)
      throw new TypeError('there is no clock: take the time from step.event.at')
    if (given.length > 1) throw new TypeError('new Date(year, month, …) depends on the time zone: use Date.UTC(…)')
    return construct(Clock, given, new.target)
  }
  Timeless.prototype = Clock.prototype
  Timeless.parse = Clock.parse
  Timeless.UTC = Clock.UTC
  Clock.prototype.constructor = Timeless
  define('Date', Timeless)

  const turn = () => {
    if ((left -= 1) < 0) throw new RangeError('it took too many turns of its loops and calls')
  }
  // What the kit's packages take for the global object.
  define('__world', {})
  const modules = new Map()
  const loaded = (run) => {
    const module = { exports: {} }
    run(module, module.exports, (name) => modules.get(name), turn)
    return module.exports
  }
  define('__load', loaded)
  define('__kit', (run) => modules.set('catenary/detector', loaded(run)))

  const allow = (prototype) => {
    for (const key of ownKeys(prototype)) {
      const { value, writable, configurable, enumerable } = getOwnPropertyDescriptor(prototype, key)
      if (writable !== true || configurable !== true) continue
      const set = function (own) {
        if (this === prototype) throw new TypeError('what the language brings cannot be changed')
        defineProperty(this, key, { value: own, writable: true, enumerable: true, configurable: true })
      }
      defineProperty(prototype, key, { get: () => value, set, enumerable, configurable: false })
    }
  }
  const seen = new Set()
  const still = (start) => {
    const queue = [start]
    while (queue.length > 0) {
      const thing = queue.pop()
      if (thing === null || (typeof thing !== 'object' && typeof thing !== 'function') || seen.has(thing)) continue
      seen.add(thing)
      queue.push(getPrototypeOf(thing))
      for (const key of ownKeys(thing)) {
        const { value, get, set } = getOwnPropertyDescriptor(thing, key)
        queue.push(value, get, set)
      }
      // The global object of a realm cannot be frozen; its properties can, and nothing names it any more.
      if (thing !== world) freeze(thing)
    }
  }
  define('__seal', () => {
    delete world.__seal
    delete world.__kit
    delete world.globalThis
    for (const one of [Object, Function, Error, TypeError, RangeError, SyntaxError]) allow(one.prototype)
    const hidden = [function* () {}, async function () {}, async function* () {}, [].values(), new Map().values()]
    hidden.push(new Set().values(), ''[Symbol.iterator](), ''.matchAll(/x/g), Uint8Array)
    const kit = modules.get('catenary/detector')
    for (const one of [world, kit, ...Object.values(kit), ...hidden]) still(one)
    for (const key of ownKeys(world)) {
      const property = getOwnPropertyDescriptor(world, key)
      if (property?.configurable === true && 'value' in property)
        defineProperty(world, key, { value: property.value, writable: false, configurable: false })
    }
  })
  return { refill: (turns) => { left = turns }, isSpent: () => left < 0 }
})()`
