import type { EventKind } from '../core/index.ts'
import { conditionOf, type Test } from './condition.ts'
import { type FieldBook, fieldMistake, valuesOf } from './fields.ts'
import type { Tell } from './mistake.ts'
import { matchesOf } from './values.ts'

type Fields = Readonly<Record<string, unknown>>

/** The detection of a base rule, as one test; null where something in it was told to be wrong. */
export function detectionOf(
  detection: Fields,
  kinds: readonly EventKind[],
  book: FieldBook,
  tell: Tell,
): { readonly test: Test; readonly fields: readonly string[] } | null {
  const fields = new Set<string>()
  let isSound = true
  const wrong: Tell = (path, message) => {
    isSound = false
    tell(['detection', ...path], message)
  }
  const selections = new Map<string, Test>()
  for (const [name, given] of Object.entries(detection)) {
    if (name === 'condition' || name === 'timeframe') continue
    selections.set(name, selectionOf(given, [name], { kinds, book, wrong, fields }))
  }
  if (Object.hasOwn(detection, 'timeframe'))
    wrong(['timeframe'], 'is obsolete; write a correlation rule with a timespan')
  const { condition } = detection
  const conditions = Array.isArray(condition) ? (condition as readonly unknown[]) : [condition]
  const tests = conditions.map((one) => {
    const test = typeof one === 'string' ? conditionOf(one, selections) : 'must be text, as selection and not filter'
    if (typeof test === 'string') wrong(['condition'], test)
    return test
  })
  if (!isSound) return null
  return { test: (event) => tests.some((test) => typeof test !== 'string' && test(event)), fields: [...fields] }
}

interface Around {
  readonly kinds: readonly EventKind[]
  readonly book: FieldBook
  readonly wrong: Tell
  readonly fields: Set<string>
}

/** A map: all of it; a list of maps: one of them. */
function selectionOf(given: unknown, path: readonly (string | number)[], around: Around): Test {
  if (Array.isArray(given)) {
    const tests = given.map((one: unknown, i) => selectionOf(one, [...path, i], around))
    return (event) => tests.some((test) => test(event))
  }
  if (typeof given !== 'object' || given === null) {
    around.wrong(path, 'keywords over the whole event are not supported; write field: value')
    return () => false
  }
  const tests = Object.entries(given).map(([key, value]) => itemOf(key, value, path, around))
  if (tests.length === 0) around.wrong(path, 'is empty; write field: value')
  return (event) => tests.every((test) => test(event))
}

function itemOf(key: string, value: unknown, path: readonly (string | number)[], around: Around): Test {
  const [field = '', ...modifiers] = key.split('|')
  const mistake = fieldMistake(field, around.kinds, around.book)
  if (mistake !== null)
    around.wrong([...path, key], field === '' ? 'keywords are not supported; name a field' : mistake)
  around.fields.add(field)
  const matches = matchesOf(modifiers, value)
  if (typeof matches === 'string') {
    around.wrong([...path, key], matches)
    return () => false
  }
  const parts = field.split('.')
  return (event) => matches(valuesOf(event, parts))
}
