import { EVENT_KINDS, type EventKind } from '../core/index.ts'
import { detectionOf } from './detection.ts'
import { type FieldBook, fieldMistake } from './fields.ts'
import { MAX_COUNT } from './groups.ts'
import type { Mistake, Tell } from './mistake.ts'
import { basesOf, type Condition, type CorrelationPlan, correlationsOf, isOpen, type Plan } from './plan.ts'
import { BaseRule, CorrelationRule, isCorrelation, type SomeRule } from './rule-shape.ts'

/** A rule that is run, and the documents it is made of: its own first. */
export interface Compiled {
  readonly rule: SomeRule
  readonly plan: Plan
  readonly parts: readonly SomeRule[]
}

const MAX_CORRELATIONS = 4

/**
 * Makes the rules of one file ready to run: correlations that no other names, base rules that no correlation names, and those
 * with `generate: true`. Gives every mistake where there is one.
 */
export function compile(documents: readonly unknown[], book: FieldBook): readonly Compiled[] | readonly Mistake[] {
  const compiler = new Compiler(book)
  const rules = documents.map((document, i) => compiler.read(document, i))
  if (compiler.mistakes.length > 0) return compiler.mistakes
  const all = rules.flatMap((rule, document) => (rule === null ? [] : [{ rule, document }]))
  const compiled = compiler.compileAll(all)
  return compiler.mistakes.length > 0 ? compiler.mistakes : compiled
}

export const isMistaken = (given: readonly Compiled[] | readonly Mistake[]): given is readonly Mistake[] =>
  given.some((one) => 'message' in one)

interface Placed {
  readonly rule: SomeRule
  readonly document: number
}

class Compiler {
  readonly #book: FieldBook
  readonly mistakes: Mistake[] = []
  readonly #plans = new Map<Placed, Plan | null>()

  constructor(book: FieldBook) {
    this.#book = book
  }

  read(document: unknown, at: number): SomeRule | null {
    const isFields = typeof document === 'object' && document !== null && !Array.isArray(document)
    if (!isFields) {
      this.mistakes.push({ document: at, path: [], message: 'must be a map: a Sigma rule or correlation' })
      return null
    }
    const schema = 'correlation' in document ? CorrelationRule : BaseRule
    const result = schema.safeParse(document)
    if (result.success) return result.data
    for (const { path, message } of result.error.issues)
      this.mistakes.push({
        document: at,
        path: path.map((one) => (typeof one === 'number' ? one : String(one))),
        message,
      })
    return null
  }

  compileAll(all: readonly Placed[]): readonly Compiled[] {
    const named = new Set(
      all.flatMap(({ rule }) => (isCorrelation(rule) ? rule.correlation.rules : [])).map((one) => one),
    )
    const isNamed = ({ rule }: Placed): boolean =>
      [rule.name, rule.id].some((one) => one !== undefined && named.has(one))
    const roots = all.filter((one) => !isNamed(one) || one.rule['generate'] === true)
    if (roots.length === 0 && all.length > 0)
      this.#tell(all[0] as Placed)(
        ['correlation', 'rules'],
        'the rules name each other in a circle; none is left to run',
      )
    return roots.flatMap((one) => {
      const plan = this.#planOf(one, all, [])
      return plan === null ? [] : [{ rule: one.rule, plan, parts: this.#partsOf(one, all) }]
    })
  }

  #tell({ document }: Placed): Tell {
    return (path, message) => void this.mistakes.push({ document, path, message })
  }

  #partsOf(one: Placed, all: readonly Placed[]): readonly SomeRule[] {
    const inputs = isCorrelation(one.rule) ? one.rule.correlation.rules : []
    return [
      one.rule,
      ...inputs.flatMap((name) =>
        all.filter(({ rule }) => answers(rule, name)).flatMap((next) => this.#partsOf(next, all)),
      ),
    ]
  }

  #planOf(one: Placed, all: readonly Placed[], within: readonly Placed[]): Plan | null {
    const known = this.#plans.get(one)
    if (known !== undefined) return known
    const plan = isCorrelation(one.rule)
      ? this.#correlation(one.rule, one, all, within)
      : this.#base(one.rule, this.#tell(one))
    this.#plans.set(one, plan)
    return plan
  }

  #base(rule: BaseRule, tell: Tell): Plan | null {
    const kinds = kindsOf(rule, tell)
    if (rule.status === 'unsupported') tell(['status'], 'is unsupported; take the rule out or set another')
    if (kinds === null) return null
    const found = detectionOf(rule.detection, kinds, this.#book, tell)
    return found === null ? null : { what: 'base', name: nameOf(rule), kinds, ...found }
  }

  #correlation(rule: CorrelationRule, one: Placed, all: readonly Placed[], within: readonly Placed[]): Plan | null {
    const tell = this.#tell(one)
    const inside: Tell = (path, message) => tell(['correlation', ...path], message)
    const { correlation } = rule
    const before = this.mistakes.length
    const inputs = correlation.rules.map((name, i) => this.#input(name, i, { one, all, within, inside }))
    if (new Set(correlation.rules).size < inputs.length) inside(['rules'], 'names a rule twice')
    const condition = conditionOf(rule, inside)
    const found = inputs.filter((plan) => plan !== null)
    const groupBy = found.map((plan, i) => this.#groupBy(rule, plan, correlation.rules[i] ?? '', inside))
    const field = this.#field(rule, found, inside)
    if (this.mistakes.length > before || condition === null) return null
    const plan: CorrelationPlan = {
      what: 'correlation',
      name: nameOf(rule),
      type: correlation.type,
      inputs: found,
      groupBy,
      groupNames: correlation['group-by'] ?? [],
      field,
      timespan: correlation.timespan,
      timespanMs: millisOf(correlation.timespan),
      condition,
    }
    if (correlationsOf(plan).length > MAX_CORRELATIONS)
      inside(['rules'], `stands on more than ${MAX_CORRELATIONS} correlations; split it`)
    return plan
  }

  #input(
    name: string,
    i: number,
    { one, all, within, inside }: { one: Placed; all: readonly Placed[]; within: readonly Placed[]; inside: Tell },
  ): Plan | null {
    const found = all.filter(({ rule }) => answers(rule, name))
    const [next] = found
    const path = ['rules', i]
    if (next === undefined) {
      const names = all.flatMap(({ rule }) => (rule === one.rule ? [] : [rule.name ?? rule.id ?? []])).flat()
      inside(
        path,
        `there is no rule ${name} in this file; ${names.length === 0 ? 'give its base rules a name' : `there are ${names.join(', ')}`}`,
      )
      return null
    }
    if (found.length > 1) inside(path, `${name} is the name or id of ${found.length} rules; names must differ`)
    if (next === one || within.includes(next)) {
      inside(path, `${name} stands on this rule itself; a correlation cannot go in a circle`)
      return null
    }
    const plan = this.#planOf(next, all, [...within, one])
    if (plan?.what === 'correlation' && !isOpen(plan.condition))
      inside(
        path,
        `${name} is judged when its time is over (lt, lte or eq), so nothing can build on it; use gt or gte there`,
      )
    return plan
  }

  /** The path of each field that one of the rules is grouped by. */
  #groupBy({ correlation }: CorrelationRule, plan: Plan, name: string, inside: Tell): readonly (readonly string[])[] {
    const kinds = kindsIn(plan)
    const { aliases = {} } = correlation
    return (correlation['group-by'] ?? []).map((field, i) => {
      const alias = Object.hasOwn(aliases, field) ? aliases[field] : undefined
      const real = alias === undefined ? field : alias[name]
      if (real === undefined) {
        inside(['aliases', field], `has no field for ${name}`)
        return []
      }
      const mistake = fieldMistake(real, kinds, this.#book)
      if (mistake !== null) inside(alias === undefined ? ['group-by', i] : ['aliases', field, name], mistake)
      return real.split('.')
    })
  }

  #field({ correlation }: CorrelationRule, inputs: readonly Plan[], inside: Tell): readonly string[] {
    const field = correlation.condition?.field
    const isCounted = correlation.type === 'value_count'
    if (isCounted && field === undefined) inside(['condition'], 'value_count needs the field whose values are counted')
    if (!isCounted && field !== undefined)
      inside(['condition', 'field'], `is for value_count, not for ${correlation.type}`)
    if (field === undefined) return []
    const mistake = fieldMistake(field, inputs.flatMap(kindsIn), this.#book)
    if (mistake !== null) inside(['condition', 'field'], mistake)
    return field.split('.')
  }
}

const answers = ({ name, id }: SomeRule, word: string): boolean => name === word || id === word

const nameOf = ({ name, title }: SomeRule): string => name ?? title

const kindsIn = (plan: Plan): readonly EventKind[] => [...new Set(basesOf(plan).flatMap(({ kinds }) => kinds))]

function kindsOf({ logsource }: BaseRule, tell: Tell): readonly EventKind[] | null {
  const { product, category, service } = logsource
  if (product !== 'catenary') {
    tell(['logsource', 'product'], `${product ?? 'no product'} is not read here; write product: catenary`)
    return null
  }
  if (service !== undefined) tell(['logsource', 'service'], 'is not read here; test the field source in the detection')
  if (category === undefined) return EVENT_KINDS
  const kind = EVENT_KINDS.find((one) => one === category)
  if (kind !== undefined) return [kind]
  tell(['logsource', 'category'], `there is no category ${category}; there are ${EVENT_KINDS.join(', ')}`)
  return null
}

/** The bounds of a count; for temporal correlations all rules where nothing is said. */
function conditionOf({ correlation }: CorrelationRule, inside: Tell): Condition | null {
  const { type, rules, condition } = correlation
  if (type === 'temporal_ordered' && condition !== undefined) {
    inside(['condition'], 'temporal_ordered asks for all rules in order; leave it out')
    return null
  }
  if (condition === undefined) {
    if (type === 'temporal' || type === 'temporal_ordered') return { min: rules.length, max: Number.POSITIVE_INFINITY }
    inside([], `${type} needs a condition, as gte: 5`)
    return null
  }
  const { gt, gte, lt, lte, eq } = condition
  const min = Math.max(gte ?? 1, gt === undefined ? 1 : gt + 1, eq ?? 1, 1)
  const max = Math.min(
    ...[lte, lt === undefined ? undefined : lt - 1, eq].map((one) => one ?? Number.POSITIVE_INFINITY),
  )
  if (min > max) {
    inside(['condition'], 'no count is both; a group that nothing matched is not counted at all')
    return null
  }
  const largest = max === Number.POSITIVE_INFINITY ? min : max
  if (largest <= MAX_COUNT) return { min, max }
  inside(['condition'], `counts to ${MAX_COUNT} at most here, not to ${largest}`)
  return null
}

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

const millisOf = (timespan: string): number => Number(timespan.slice(0, -1)) * (UNITS[timespan.slice(-1)] ?? 0)
