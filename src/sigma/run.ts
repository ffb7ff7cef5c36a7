import { cite as citeRef, digestOf, type Evidence, type Millis, refTo, type Step } from '../core/index.ts'
import { valuesOf } from './fields.ts'
import { emptyGroup, type Group, type Groups, MAX_EVIDENCE, type Prefix, touched, withMatch } from './groups.ts'
import { type CorrelationPlan, correlationsOf, holds, isOpen, type Plan } from './plan.ts'

/** The groups of every correlation of a rule, in the order of `correlationsOf`; and whether a bound was hit. */
export interface State {
  readonly groups: readonly Groups[]
  readonly isBounded: boolean
}

/** A rule that matched: which steps it stands on, and what it counted. */
export interface Hit {
  readonly group: Group
  readonly count: number
  readonly evidence: readonly Evidence[]
  /** The event with which it began: tells one time that it matched from the next. */
  readonly since: string
  /** It did not hold before this step. */
  readonly isNew: boolean
}

export const initialOf = (plan: Plan): State => ({
  groups: correlationsOf(plan).map(() => []),
  isBounded: false,
})

/** Runs a rule over one step. The state is the same object where nothing in it changed. */
export function runStep(plan: Plan, state: State, step: Step): { readonly state: State; readonly hit: Hit | null } {
  const run = new Run(plan, state, step)
  const hit = run.of(plan)
  return { state: run.state, hit }
}

const MAX_LABEL = 160

const evidenceOf = (step: Step, role: string): Evidence => {
  const ref = refTo(step)
  const label = ref.label.length > MAX_LABEL ? `${ref.label.slice(0, MAX_LABEL - 1)}…` : ref.label
  return citeRef({ ...ref, label }, role)
}

class Run {
  readonly #plans: readonly CorrelationPlan[]
  readonly #step: Step
  state: State

  constructor(plan: Plan, state: State, step: Step) {
    this.#plans = correlationsOf(plan)
    this.#step = step
    this.state = state
  }

  of(plan: Plan): Hit | null {
    const { event } = this.#step
    if (plan.what === 'correlation') return this.#correlation(plan)
    if (!plan.kinds.includes(event.kind) || !plan.test(event)) return null
    const evidence = [evidenceOf(this.#step, plan.name)]
    return { group: emptyGroup('', ''), count: 1, evidence, since: event.id, isNew: true }
  }

  #correlation(plan: CorrelationPlan): Hit | null {
    // Longest prefix first, so that one step is not two in a row.
    const inputs = plan.type === 'temporal_ordered' ? [...plan.inputs.keys()].reverse() : [...plan.inputs.keys()]
    let last: Hit | null = null
    for (const input of inputs) {
      const found = this.of(plan.inputs[input] as Plan)
      if (found === null || !found.isNew) continue
      const hit = this.#match(plan, input)
      if (hit !== null) last = last === null ? hit : { ...hit, isNew: hit.isNew || last.isNew }
    }
    return last
  }

  #match(plan: CorrelationPlan, input: number): Hit | null {
    const { event } = this.#step
    const named = (plan.groupBy[input] ?? []).map((path) => valuesOf(event, path).map(String).sort())
    if (named.some((values) => values.length === 0)) return null
    const key = digestOf(JSON.stringify(named))
    const index = this.#plans.indexOf(plan)
    const groups = this.state.groups[index] ?? []
    const before = groups.find((group) => group.key === key) ?? emptyGroup(key, labelOf(plan, named))
    const after =
      plan.type === 'temporal_ordered' ? this.#ordered(plan, before, input) : this.#counted(plan, before, input)
    if (after === null) return null
    const { groups: next, dropped } = touched(groups, after.group, { parts: this.#plans.length })
    this.state = {
      groups: this.state.groups.with(index, next),
      isBounded: this.state.isBounded || dropped > 0,
    }
    return after.hit
  }

  #counted(plan: CorrelationPlan, before: Group, input: number): { group: Group; hit: Hit | null } | null {
    const { event } = this.#step
    const value = this.#valueOf(plan, input)
    if (value === null) return null
    const { condition, timespanMs } = plan
    const cited = evidenceOf(this.#step, (plan.inputs[input] as Plan).name)
    const recent = isOpen(condition) ? before.matches.filter(({ at }) => event.at - at <= timespanMs) : before.matches
    // Beyond what the condition asks for, as many are kept as can be cited.
    const most = isOpen(condition) ? Math.max(condition.min, MAX_EVIDENCE) : condition.max + 1
    const matches = withMatch(recent, { at: event.at, value, cited }, most)
    if (!isOpen(condition)) return { group: { ...before, matches, openedAt: before.openedAt ?? event.at }, hit: null }
    const isMet = holds(condition, matches.length)
    const since = isMet ? (before.since ?? event.id) : null
    const group = { ...before, matches, since }
    if (since === null) return { group, hit: null }
    return { group, hit: hitOf(group, since, before.since === null) }
  }

  /** What a match counts as; null where the field that is counted is not there. */
  #valueOf({ type, field }: CorrelationPlan, input: number): string | null {
    if (type === 'event_count') return ''
    if (type === 'temporal') return String(input)
    const values = valuesOf(this.#step.event, field).map(String).sort()
    return values.length === 0 ? null : digestOf(JSON.stringify(values))
  }

  #ordered(plan: CorrelationPlan, before: Group, input: number): { group: Group; hit: Hit | null } | null {
    const { event } = this.#step
    const cited = evidenceOf(this.#step, (plan.inputs[input] as Plan).name)
    const shorter = input === 0 ? { since: event.at, cited: [] } : (before.prefixes[input - 1] ?? null)
    if (shorter === null || event.at - shorter.since > plan.timespanMs) return null
    const prefix: Prefix = { since: shorter.since, cited: [...shorter.cited, cited] }
    const length = plan.inputs.length
    if (input < length - 1) {
      const prefixes = Array.from({ length: length - 1 }, (_, i) =>
        i === input ? prefix : (before.prefixes[i] ?? null),
      )
      return { group: { ...before, prefixes }, hit: null }
    }
    const first = prefix.cited[0]?.eventId ?? event.id
    const hit: Hit = {
      group: before,
      count: length,
      evidence: prefix.cited,
      since: first,
      isNew: before.since !== first,
    }
    return { group: { ...before, since: first }, hit }
  }
}

const hitOf = (group: Group, since: string, isNew: boolean): Hit => ({
  group,
  count: group.matches.length,
  evidence: citedIn(group),
  since,
  isNew,
})

const citedIn = ({ matches }: Group): readonly Evidence[] =>
  matches.flatMap(({ cited }) => (cited === null ? [] : [cited])).slice(-MAX_EVIDENCE)

/** When the next count that must not be too large is judged, or null. */
export function dueOf(plan: Plan, state: State): Millis | null {
  let due: Millis | null = null
  if (plan.what === 'base' || isOpen(plan.condition)) return null
  for (const { openedAt } of state.groups[0] ?? [])
    if (openedAt !== null && (due === null || openedAt + plan.timespanMs < due)) due = openedAt + plan.timespanMs
  return due
}

/** Judges the counts whose time is over, and begins anew with them. */
export function runDue(
  plan: CorrelationPlan,
  state: State,
  at: Millis,
): { readonly state: State; readonly hits: readonly Hit[] } {
  const [groups = [], ...rest] = state.groups
  const isOver = ({ openedAt }: Group): boolean => openedAt !== null && openedAt + plan.timespanMs <= at
  const hits = groups
    .filter((group) => isOver(group) && holds(plan.condition, group.matches.length))
    .map((group) => hitOf(group, citedIn(group)[0]?.eventId ?? group.key, true))
  return { state: { ...state, groups: [groups.filter((group) => !isOver(group)), ...rest] }, hits }
}

const labelOf = ({ groupNames }: CorrelationPlan, named: readonly (readonly string[])[]): string =>
  groupNames
    .map((name, i) => `${name}=${(named[i] ?? []).join('+')}`)
    .join(', ')
    .slice(0, MAX_LABEL)
