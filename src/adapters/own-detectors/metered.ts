import { type Node, parse } from 'acorn'
import { full } from 'acorn-walk'

/** What a detector cannot be a function of, and the word to use instead. */
const CLOCK = 'take the time from step.event.at'
const WORLD = 'a detector sees its state and the step, and nothing else'
const FOREIGN: Readonly<Record<string, string>> = {
  process: WORLD,
  globalThis: 'what one fold leaves behind, the next must not find',
  console: WORLD,
  fetch: WORLD,
  Buffer: WORLD,
  crypto: WORLD,
  performance: CLOCK,
  Intl: 'it depends on the machine',
  setTimeout: 'absence is judged by `due` and `elapse`',
  setInterval: 'absence is judged by `due` and `elapse`',
  setImmediate: 'a fold never waits',
  queueMicrotask: 'a fold never waits',
  eval: WORLD,
  WeakRef: WORLD,
  FinalizationRegistry: WORLD,
  SharedArrayBuffer: WORLD,
  Atomics: 'a fold never waits',
  WebAssembly: WORLD,
}

/** Something in a module that no pure function has. */
export interface Impurity {
  /** `Date.now` */
  readonly what: string
  readonly instead: string
  /** Where in the code it stands: 1-based line, 0-based column. */
  readonly line: number
  readonly column: number
}

interface Loose extends Node {
  readonly [key: string]: unknown
}

/**
 * The same code with a call of `__turn()` at the start of every function and of every turn of a loop, so that nothing runs on
 * for ever; lines stay lines. Code must be one script, as `bundleOf` makes it.
 */
export function metered(code: string): string {
  const inserts: [at: number, text: string][] = []
  const before = (body: Loose): void => {
    if (body.type === 'BlockStatement') inserts.push([body.start + 1, '__turn();'])
    else inserts.push([body.start, '{__turn();'], [body.end, '}'])
  }
  full(parsed(code), (node) => {
    const { type, body } = node as Loose
    if (/^(?:For|ForIn|ForOf|While|DoWhile)Statement$/.test(type)) before(body as Loose)
    else if (/Function/.test(type) && (body as Loose).type === 'BlockStatement') before(body as Loose)
    else if (type === 'ArrowFunctionExpression') {
      const { start, end } = body as Loose
      inserts.push([start, '(__turn(),'], [end, ')'])
    }
  })
  // Where two stand at one place, what closes an inner body goes before what opens or closes an outer one.
  const sorted = inserts.map((one, order) => ({ one, order })).sort((a, b) => a.one[0] - b.one[0] || rank(a, b))
  let [text, from] = ['', 0]
  for (const { one } of sorted) {
    text += code.slice(from, one[0]) + one[1]
    from = one[0]
  }
  return text + code.slice(from)
}

type Ranked = { readonly one: readonly [number, string]; readonly order: number }

/** `full` tells inner nodes first: closers keep that order, openers at the same place are outer first. */
function rank(a: Ranked, b: Ranked): number {
  const [aCloses, bCloses] = [a, b].map(({ one }) => one[1] === ')' || one[1] === '}')
  if (aCloses !== bCloses) return aCloses === true ? -1 : 1
  return aCloses === true ? a.order - b.order : b.order - a.order
}

/** Uses of the clock, of chance and of the world that can be told from the text; the rest fails where it runs. */
export function impuritiesOf(code: string): readonly Impurity[] {
  const found: { what: string; instead: string; node: Loose }[] = []
  const declared = new Set<string>()
  const used: Loose[] = []
  full(parsed(code), (node, _, as) => {
    const { type, name, object, property, callee, computed } = node as Loose
    const told = (what: string, instead: string): void => void found.push({ what, instead, node: node as Loose })
    if (as === 'VariablePattern') declared.add(String(name))
    else if (type === 'Identifier') used.push(node as Loose)
    else if (type === 'ImportExpression') told('import()', 'import at the top of the file')
    else if (type === 'NewExpression' && nameOf(callee) === 'Date' && ((node as Loose)['arguments'] as []).length === 0)
      told('new Date()', CLOCK)
    else if (type === 'MemberExpression' && computed !== true) {
      const path = `${nameOf(object)}.${nameOf(property)}`
      if (path === 'Date.now') told(path, CLOCK)
      if (path === 'Math.random') told(path, 'equal events must give equal findings')
      if (nameOf(property) === 'constructor' || nameOf(property) === '__proto__')
        told(`.${nameOf(property)}`, 'it leads out of the frozen world that a detector runs in')
    }
  })
  for (const node of used) {
    const name = nameOf(node)
    const instead = Object.hasOwn(FOREIGN, name) ? FOREIGN[name] : undefined
    if (instead !== undefined && !declared.has(name)) found.push({ what: name, instead, node })
  }
  return found.map(({ what, instead, node }) => {
    const { line, column } = node.loc?.start ?? { line: 1, column: 0 }
    return { what, instead, line, column }
  })
}

const nameOf = (node: unknown): string => {
  const { type, name } = node as Loose
  return type === 'Identifier' ? String(name) : ''
}

const parsed = (code: string): Node =>
  parse(code, { ecmaVersion: 2023, sourceType: 'script', locations: true, allowReturnOutsideFunction: true })
