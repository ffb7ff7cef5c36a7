import { BlockList, isIP } from 'node:net'
import { RE2JS } from 're2js'
import type { Scalar } from './fields.ts'

/** Whether what a field holds is what a rule asks for; a field that is not there holds nothing. */
export type Matches = (values: readonly Scalar[]) => boolean

/**
 * Modifiers of the Sigma Modifiers Appendix 2.1.0 that are read here. Encodings (`base64`, `wide`, …), `windash`, `expand`,
 * `fieldref` and the parts of a date are not.
 */
const MODIFIERS = [
  'contains',
  'startswith',
  'endswith',
  'all',
  'cased',
  're',
  'i',
  'm',
  's',
  'cidr',
  'exists',
  'neq',
] as const
const NUMERIC = ['lt', 'lte', 'gt', 'gte'] as const
const KNOWN: ReadonlySet<string> = new Set([...MODIFIERS, ...NUMERIC])

/** A reading of `field|modifier: value`, or what is wrong with it. */
export function matchesOf(modifiers: readonly string[], given: unknown): Matches | string {
  const unknown = modifiers.find((one) => !KNOWN.has(one))
  if (unknown !== undefined) return `modifier ${unknown} is not supported; there are ${[...KNOWN].join(', ')}`
  const list = Array.isArray(given) ? (given as readonly unknown[]) : [given]
  if (list.length === 0) return 'an empty list matches nothing; give a value'
  const isAll = modifiers.includes('all')
  if (isAll && list.length === 1) return 'modifier all needs a list of several values; leave it out'
  if (Array.isArray(given) && list.includes(null)) return 'null cannot stand in a list; give it a selection of its own'
  const each: Matches[] = []
  for (const value of list) {
    const one = matchOf(modifiers, value)
    if (typeof one === 'string') return one
    each.push(one)
  }
  return isAll ? (values) => each.every((one) => one(values)) : (values) => each.some((one) => one(values))
}

function matchOf(modifiers: readonly string[], value: unknown): Matches | string {
  const has = (one: string): boolean => modifiers.includes(one)
  if (has('exists'))
    return typeof value === 'boolean' ? (values) => values.length > 0 === value : 'exists takes true or false'
  if (value === null) return (values) => values.length === 0
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean')
    return 'a value is text, a number, true, false or null'
  const single = singleOf(modifiers, value)
  if (typeof single === 'string') return single
  return has('neq') ? (values) => !values.some(single) : (values) => values.some(single)
}

type Single = (value: Scalar) => boolean

function singleOf(modifiers: readonly string[], value: Scalar): Single | string {
  const has = (one: string): boolean => modifiers.includes(one)
  if (has('re')) return regexOf(modifiers, String(value))
  if (has('cidr')) return cidrOf(String(value))
  const numeric = NUMERIC.find(has)
  if (numeric !== undefined) return comparisonOf(numeric, value)
  if (typeof value !== 'string') return (one) => one === value || String(one) === String(value)
  const text = `${has('contains') || has('endswith') ? '*' : ''}${value}${has('contains') || has('startswith') ? '*' : ''}`
  return wildcardOf(text, has('cased'))
}

function comparisonOf(name: (typeof NUMERIC)[number], value: Scalar): Single | string {
  const limit = Number(value)
  if (typeof value === 'boolean' || value === '' || Number.isNaN(limit)) return `${name} takes a number`
  const compare = {
    lt: (a: number) => a < limit,
    lte: (a: number) => a <= limit,
    gt: (a: number) => a > limit,
    gte: (a: number) => a >= limit,
  }[name]
  return (one) => typeof one !== 'boolean' && one !== '' && compare(Number(one))
}

/** RE2 matches in linear time whatever the text: events are written by those whom a rule watches. */
function regexOf(modifiers: readonly string[], text: string): Single | string {
  const flags =
    (modifiers.includes('i') ? RE2JS.CASE_INSENSITIVE : 0) |
    (modifiers.includes('m') ? RE2JS.MULTILINE : 0) |
    (modifiers.includes('s') ? RE2JS.DOTALL : 0)
  try {
    const regex = RE2JS.compile(text, flags)
    return (one) => regex.matcher(String(one)).find()
  } catch (error) {
    return `the pattern cannot be read: ${error instanceof Error ? error.message : String(error)}; look-around and back-references are not supported`
  }
}

function cidrOf(text: string): Single | string {
  const [address = '', bits = ''] = text.split('/')
  const family = isIP(address)
  if (family === 0 || !/^\d{1,3}$/.test(bits) || Number(bits) > (family === 4 ? 32 : 128))
    return `${text} is no network; write it like 10.0.0.0/8`
  const list = new BlockList()
  list.addSubnet(address, Number(bits), family === 4 ? 'ipv4' : 'ipv6')
  return (one) => {
    const version = isIP(String(one))
    return version !== 0 && list.check(String(one), version === 4 ? 'ipv4' : 'ipv6')
  }
}

/** `*` and `?` as Sigma has them; a backslash before one, or before another backslash that stands before one, escapes it. */
function wildcardOf(text: string, isCased: boolean): Single {
  const parts = partsOf(isCased ? text : text.toLowerCase())
  const seen = (one: Scalar): string => (isCased ? String(one) : String(one).toLowerCase())
  const [first, second, third] = parts
  if (parts.length === 0) return (one) => seen(one) === ''
  if (parts.length === 1 && typeof first === 'string') return (one) => seen(one) === first
  if (parts.length === 2 && typeof first === 'string' && second === ANY) return (one) => seen(one).startsWith(first)
  if (parts.length === 2 && first === ANY && typeof second === 'string') return (one) => seen(one).endsWith(second)
  if (parts.length === 3 && first === ANY && typeof second === 'string' && third === ANY)
    return (one) => seen(one).includes(second)
  const pattern = parts.map((part) => (part === ANY ? '.*' : part === ONE ? '.' : RE2JS.quote(String(part)))).join('')
  const regex = RE2JS.compile(pattern, RE2JS.DOTALL)
  return (one) => regex.matches(seen(one))
}

const ANY = Symbol('*')
const ONE = Symbol('?')

function partsOf(text: string): readonly (string | symbol)[] {
  const parts: (string | symbol)[] = []
  const add = (part: string | symbol): void => {
    const last = parts.at(-1)
    if (typeof part === 'string' && typeof last === 'string') parts[parts.length - 1] = last + part
    else if (part !== ANY || last !== ANY) parts.push(part)
  }
  for (let i = 0; i < text.length; i += 1) {
    const [char, next] = [text[i] ?? '', text[i + 1] ?? '']
    if (char === '\\' && (next === '*' || next === '?' || next === '\\')) {
      add(next)
      i += 1
    } else if (char === '*') add(ANY)
    else if (char === '?') add(ONE)
    else add(char)
  }
  return parts
}
