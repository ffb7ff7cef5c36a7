import type { AgentEvent } from '../core/index.ts'

/** Whether an event is what a selection, or a condition over selections, asks for. */
export type Test = (event: AgentEvent) => boolean

/**
 * Reads a condition of the Sigma Rules Specification 2.0.0: `and`, `or`, `not`, brackets, `1 of` and `all of` with `them` or a
 * pattern. Gives what is wrong with it as text. Selections that begin with `_` are not of `them`.
 */
export function conditionOf(text: string, selections: ReadonlyMap<string, Test>): Test | string {
  const words = text.match(/\(|\)|[^\s()]+/g) ?? []
  const parser = new Parser(words, selections)
  try {
    return parser.whole()
  } catch (error) {
    if (error instanceof ConditionError) return error.message
    throw error
  }
}

class ConditionError extends Error {}

class Parser {
  readonly #words: readonly string[]
  readonly #selections: ReadonlyMap<string, Test>
  #at = 0

  constructor(words: readonly string[], selections: ReadonlyMap<string, Test>) {
    this.#words = words
    this.#selections = selections
  }

  whole(): Test {
    const test = this.#or()
    const rest = this.#words[this.#at]
    if (rest === '|') throw new ConditionError('aggregation in a condition is obsolete; write a correlation rule')
    if (rest !== undefined) throw new ConditionError(`"${rest}" is one word too many; join selections by and, or`)
    return test
  }

  /** Takes a word when it is the next one; case does not matter. */
  #takes(word: string): boolean {
    if (this.#words[this.#at]?.toLowerCase() !== word) return false
    this.#at += 1
    return true
  }

  #or(): Test {
    const tests = [this.#and()]
    while (this.#takes('or')) tests.push(this.#and())
    return any(tests)
  }

  #and(): Test {
    const tests = [this.#not()]
    while (this.#takes('and')) tests.push(this.#not())
    return all(tests)
  }

  #not(): Test {
    if (!this.#takes('not')) return this.#one()
    const test = this.#not()
    return (event) => !test(event)
  }

  #one(): Test {
    const word = this.#words[this.#at]
    if (word === undefined) throw new ConditionError('it ends where a selection must stand')
    this.#at += 1
    if (word === '(') {
      const test = this.#or()
      if (!this.#takes(')')) throw new ConditionError('a bracket is not closed')
      return test
    }
    if (/^(?:\d+|all|any)$/i.test(word) && this.#takes('of')) return this.#of(word.toLowerCase())
    const found = this.#selections.get(word)
    if (found === undefined)
      throw new ConditionError(`there is no selection ${word}; there are ${[...this.#selections.keys()].join(', ')}`)
    return found
  }

  #of(count: string): Test {
    const pattern = this.#words[this.#at]
    if (pattern === undefined) throw new ConditionError(`"${count} of" must say of what: them, or selection*`)
    this.#at += 1
    if (count !== '1' && count !== 'all')
      throw new ConditionError(`"${count} of" is not supported; there are 1 of, all of`)
    const tests = [...this.#selections].flatMap(([name, test]) => (named(name, pattern) ? [test] : []))
    if (tests.length === 0) throw new ConditionError(`no selection is named like ${pattern}`)
    return count === '1' ? any(tests) : all(tests)
  }
}

function named(name: string, pattern: string): boolean {
  if (pattern.toLowerCase() === 'them') return !name.startsWith('_')
  const [first = '', ...rest] = pattern.split('*')
  if (rest.length === 0) return name === pattern
  let from = first.length
  if (!name.startsWith(first)) return false
  for (const [i, part] of rest.entries()) {
    const at = i === rest.length - 1 && part !== '' ? name.length - part.length : name.indexOf(part, from)
    if (at < from || name.slice(at, at + part.length) !== part) return false
    from = at + part.length
  }
  return true
}

const any = (tests: readonly Test[]): Test =>
  tests.length === 1 ? (tests[0] as Test) : (event) => tests.some((test) => test(event))

const all = (tests: readonly Test[]): Test =>
  tests.length === 1 ? (tests[0] as Test) : (event) => tests.every((test) => test(event))
