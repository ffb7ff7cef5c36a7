import type { z } from 'zod'
import type { Rejection, RejectReason } from '../src/ports/index.ts'

/** A refusal as the door gives it. */
export type Refused = { readonly ok: false } & Rejection

/** Refuses a record: what is wrong, where, and how to mend it. The message never quotes content. */
export function refuse(reason: RejectReason, path: string, message: string): Refused {
  return { ok: false, reason, path, message }
}

type Issue = z.core.$ZodIssue

/** The refusal that the first issue of a failed parse amounts to. */
export function refusalOf(issues: readonly Issue[], value: unknown): Refused {
  const issue = issues[0]
  if (issue === undefined) return refuse('bad_value', '', 'the record does not fit the contract; see docs/events.md')
  const path = pathOf(issue.path)
  const found = valueAt(value, issue.path)
  if (found === undefined || found === null) {
    return refuse('missing_field', path, `"${path}" is missing; give ${wanted(issue)}`)
  }
  if (isTypeIssue(issue, found)) {
    return refuse('wrong_type', path, `"${path}" is ${typeName(found)}; give ${wanted(issue)}`)
  }
  return refuse('bad_value', path, `"${path}" has a value that is not allowed; give ${wanted(issue)}`)
}

/** The value at a path of an issue; undefined where it leads nowhere. */
export function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let at = value
  for (const step of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, step)) return undefined
    at = (at as Record<PropertyKey, unknown>)[step]
  }
  return at
}

/** `delegation[0].via`. */
export function pathOf(path: readonly PropertyKey[]): string {
  let written = ''
  for (const step of path) {
    if (typeof step === 'number') written += `[${step}]`
    else written += written === '' ? String(step) : `.${String(step)}`
  }
  return written
}

const isTypeIssue = (issue: Issue, found: unknown): boolean =>
  issue.code === 'invalid_type' ||
  issue.code === 'invalid_union' ||
  (issue.code === 'invalid_value' && typeof found !== 'string')

function wanted(issue: Issue): string {
  if (issue.code === 'invalid_value') return `one of: ${issue.values.map(String).join(', ')}`
  if (issue.code === 'invalid_union') return 'a string or a number'
  if (issue.code === 'too_small' && issue.origin === 'string')
    return 'a string that is not empty, or leave the field out'
  if (issue.code === 'too_small') return `a number of ${issue.minimum} or more`
  if (issue.code === 'too_big' && issue.origin === 'string') return `at most ${issue.maximum} characters`
  if (issue.code === 'invalid_type') return ARTICLES[issue.expected] ?? 'a value of the type that the contract names'
  return 'a value that the contract allows'
}

const ARTICLES: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  boolean: 'true or false',
  array: 'an array',
  object: 'an object',
  record: 'an object',
}

function typeName(value: unknown): string {
  if (Array.isArray(value)) return 'an array'
  return ARTICLES[typeof value] === undefined || typeof value === 'boolean'
    ? `a ${typeof value}`
    : (ARTICLES[typeof value] ?? '')
}
