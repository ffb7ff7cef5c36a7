import { type Node, parse } from 'acorn'

/** A condition that is switched off: what always holds, or never does, in its place. */
export interface Mutant {
  readonly id: number
  /** Where it stands in the text it was found in: line from 1, column from 0. */
  readonly line: number
  readonly column: number
  readonly condition: string
  readonly becomes: boolean
}

export interface Instrumented {
  /** The text in which every mutant sleeps, woken by `globalThis.awakeMutant` being its id. */
  readonly code: string
  readonly mutants: readonly Mutant[]
}

interface Insertion {
  readonly at: number
  readonly text: string
  readonly isEnd: boolean
  readonly depth: number
}

/** Methods whose argument is a condition, when it is an arrow with an expression for a body. */
const PREDICATES = new Set(['filter', 'some', 'every', 'find', 'findLast', 'findIndex', 'findLastIndex'])

/**
 * Finds the conditions in a module: what `if` and `?:` ask, every operand of `&&` and `||` in them and elsewhere, and what
 * predicates given to `filter`, `some`, `every`, `find` say. An operand of `&&` is switched off by holding always, one of `||` by
 * never holding, a whole question both ways. Conditions of loops are left alone: without them a loop has no end.
 */
export function instrument(source: string, firstId = 0): Instrumented {
  const insertions: Insertion[] = []
  const mutants: Mutant[] = []
  const wrap = (node: Node, becomes: boolean, depth: number): void => {
    const id = firstId + mutants.length
    const before = source.slice(0, node.start).split('\n')
    mutants.push({
      id,
      line: before.length,
      column: before.at(-1)?.length ?? 0,
      condition: source.slice(node.start, node.end).replace(/\s+/g, ' '),
      becomes,
    })
    insertions.push(
      { at: node.start, text: `(globalThis.awakeMutant === ${id} ? ${becomes} : `, isEnd: false, depth },
      { at: node.end, text: ')', isEnd: true, depth },
    )
  }
  walk(parse(source, { ecmaVersion: 'latest', sourceType: 'module' }), 0, (node, depth) => {
    for (const { test, ways } of conditionsOf(node))
      for (const [i, way] of ways.entries()) wrap(test, way, depth + i / 4)
  })
  return { code: spliced(source, insertions), mutants }
}

interface Condition {
  readonly test: Node
  readonly ways: readonly boolean[]
}

function conditionsOf(node: Fields): readonly Condition[] {
  const { type } = node
  if (type === 'LogicalExpression') {
    const ways = node['operator'] === '&&' ? [true] : node['operator'] === '||' ? [false] : []
    // `name || 'nobody'` asks for a value, not whether something holds.
    if (isNode(node['right']) && node['right'].type === 'Literal') return []
    // An operand that is of this kind itself is taken apart on its own.
    return [node['left'], node['right']]
      .filter(isNode)
      .filter((one) => !(one.type === 'LogicalExpression' && (one as Fields)['operator'] === node['operator']))
      .map((test) => ({ test, ways }))
  }
  if (type === 'ConditionalExpression' && sparesACopy(node)) return [{ test: node['test'] as Node, ways: [true] }]
  if (type === 'IfStatement' || type === 'ConditionalExpression') return whole(node['test'])
  if (type === 'CallExpression' && isNode(node['callee'])) {
    const property = (node['callee'] as Fields)['property']
    const name = isNode(property) ? (property as Fields)['name'] : undefined
    const [predicate] = Array.isArray(node['arguments']) ? (node['arguments'] as unknown[]) : []
    if (!PREDICATES.has(String(name)) || !isNode(predicate) || predicate.type !== 'ArrowFunctionExpression') return []
    return whole((predicate as Fields)['body'])
  }
  return []
}

/** Both ways, unless it is made of parts or is no expression: then its parts are enough. */
const whole = (test: unknown): readonly Condition[] =>
  isNode(test) && test.type !== 'LogicalExpression' && test.type !== 'BlockStatement'
    ? [{ test, ways: [true, false] }]
    : []

/** `a === b.a ? b : { ...b, a }`: where it never held, an equal copy would come of it. */
function sparesACopy({ test, consequent, alternate }: Fields): boolean {
  if (!isNode(test) || test.type !== 'BinaryExpression' || !isNode(consequent) || !isNode(alternate)) return false
  const { operator, left, right } = test as Fields
  if (operator !== '===' || !isNode(right) || right.type !== 'MemberExpression') return false
  const [name, whole] = [nameOf(left), nameOf((right as Fields)['object'])]
  if (name === null || name !== nameOf((right as Fields)['property']) || whole !== nameOf(consequent)) return false
  const [spread, part, ...rest] = ((alternate as Fields)['properties'] as readonly Fields[] | undefined) ?? []
  return rest.length === 0 && nameOf(spread?.['argument']) === whole && nameOf(part?.['value']) === name
}

const nameOf = (node: unknown): string | null =>
  isNode(node) && node.type === 'Identifier' ? String((node as Fields)['name']) : null

type Fields = Node & Readonly<Record<string, unknown>>

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string'

function walk(node: Node, depth: number, visit: (node: Fields, depth: number) => void): void {
  visit(node as Fields, depth)
  for (const value of Object.values(node))
    for (const child of Array.isArray(value) ? value : [value]) if (isNode(child)) walk(child, depth + 1, visit)
}

/** Puts the insertions in: where several meet, what ends comes before what begins, inner ends first, outer beginnings first. */
function spliced(source: string, insertions: readonly Insertion[]): string {
  const sorted = [...insertions].sort(
    (a, b) => a.at - b.at || Number(b.isEnd) - Number(a.isEnd) || (a.isEnd ? b.depth - a.depth : a.depth - b.depth),
  )
  let [text, from] = ['', 0]
  for (const one of sorted) {
    text += source.slice(from, one.at) + one.text
    from = one.at
  }
  return text + source.slice(from)
}
