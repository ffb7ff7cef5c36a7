import type { ContentFacts, Severity, Step, StepRef, ToolCallEvent } from '../src/core/index.ts'
import { digest, refOf } from './evidence.ts'
import { isLook, type Reading, readsSecret } from './reading.ts'

const MAX_SOURCES = 8
const MAX_VALUES = 48
const MAX_HOPS = 2
/** So many of the values of a text are the text, and half of them where it has fewer. A date alone is four. */
const ENOUGH = 5
/** More values than this are a list of many, not the record of one. */
const MANY = 40
/** Of a fingerprint, so many digits are enough to know it again within one chain. */
const DIGITS = 10

/** Sensitive data that came into a chain, and what it was made into since. */
export interface Source {
  readonly ref: StepRef
  readonly level: 'confidential' | 'restricted' | 'secret'
  /** Short names of what it was read from. */
  readonly resource: string | null
  /** What it said: shortened fingerprints. */
  readonly values: readonly string[]
  /** What it was asked for by. */
  readonly handles: readonly string[]
  readonly isMany: boolean
  /** Of what it said, what went out before: small pieces add up. */
  readonly sent: readonly string[]
  /** Steps that made something else of it: packed, encoded, written down. */
  readonly hops: readonly StepRef[]
}

/** How what is sent is known to be what was read. */
export interface Flow {
  readonly source: Source
  readonly how: 'content' | 'trace' | 'reference' | 'order'
  readonly shared: number
}

const short = (prints: readonly string[] | undefined): readonly string[] =>
  (prints ?? []).map((print) => print.slice(0, DIGITS))

/** Takes in sensitive data that a step brought. */
export function withSource(sources: readonly Source[], step: Step, reading: Reading): readonly Source[] {
  const level = levelOf(step, reading)
  if (level === null) return sources
  const { event } = step
  const call = event.kind === 'tool_call' ? event.tool_call : null
  const handles = short(call?.arguments?.values).slice(0, MAX_VALUES / 4)
  const found = contentOf(call?.result)
  const resource = reading.resource === null ? null : digest(reading.resource)
  const same = sources.find((one) => one.resource === resource && resource !== null && one.level === level)
  const values = found.filter((value) => !handles.includes(value))
  if (same !== undefined) {
    const all = [...new Set([...same.values, ...values])].slice(0, MAX_VALUES)
    const isMany = same.isMany || values.length > MANY
    if (all.length === same.values.length && isMany === same.isMany) return sources
    return sources.map((one) => (one === same ? { ...one, values: all, isMany } : one))
  }
  const source: Source = {
    ref: refOf(step),
    level,
    resource,
    values: values.slice(0, MAX_VALUES),
    handles,
    isMany: values.length > MANY,
    sent: [],
    hops: [],
  }
  return put(sources, source)
}

const contentOf = (content: ContentFacts | undefined): readonly string[] =>
  content === undefined ? [] : [...new Set(short([content.fingerprint, ...content.values]))]

function levelOf(step: Step, reading: Reading): Source['level'] | null {
  if (step.event.outcome !== 'success') return null
  if (readsSecret(step, reading)) return 'secret'
  if (step.event.kind !== 'tool_call') return null
  const { sensitivity, operation } = reading
  if (sensitivity !== 'restricted' && sensitivity !== 'confidential') return null
  return operation === null || operation === 'execute' || isLook(reading) ? sensitivity : null
}

/** What a call's arguments have of each source, the plainest first. */
export function flowsInto(sources: readonly Source[], { tool_call: call }: ToolCallEvent): readonly Flow[] {
  if (sources.length === 0) return []
  const sent = new Set(contentOf(call.arguments))
  if (sent.size === 0) return []
  const flows = sources.flatMap((source): readonly Flow[] => {
    const shared = source.values.filter((value) => sent.has(value))
    if (shared.length > 0) return [{ source, shared: shared.length, how: howMuch(source, shared) }]
    return source.handles.some((value) => sent.has(value)) ? [{ source, shared: 0, how: 'reference' }] : []
  })
  const order = ['content', 'trace', 'reference']
  return flows.toSorted((a, b) => order.indexOf(a.how) - order.indexOf(b.how) || b.shared - a.shared)
}

/** One date or number says little; a secret is one value, and the whole of a text is the text. */
function howMuch({ level, values, sent }: Source, shared: readonly string[]): Flow['how'] {
  if (level === 'secret' || shared.includes(values[0] ?? '')) return 'content'
  const all = new Set([...sent, ...shared]).size
  return all >= Math.min(ENOUGH, Math.ceil((values.length + 1) / 2)) ? 'content' : 'trace'
}

/** Notes what of a source went out. */
export function sentOut(sources: readonly Source[], { source }: Flow, { tool_call: call }: ToolCallEvent) {
  const sent = new Set(contentOf(call.arguments))
  const out = [...new Set([...source.sent, ...source.values.filter((value) => sent.has(value))])].slice(0, ENOUGH)
  if (out.length === source.sent.length) return sources
  return sources.map((one) => (one === source ? { ...one, sent: out } : one))
}

/** A call that took what was read and made something of it: what it gave back is the same data in another coat. */
export function carryOn(sources: readonly Source[], step: Step, event: ToolCallEvent, flows: readonly Flow[]) {
  const [flow] = flows
  const [whole, ...made] = contentOf(event.tool_call.result)
  if (whole === undefined || event.outcome !== 'success' || flow?.how !== 'content') return sources
  const { source } = flow
  if (source.hops.length >= MAX_HOPS || sources.some(({ values }) => values[0] === whole)) return sources
  const values = [whole, ...made.filter((value) => !source.values.includes(value))].slice(0, MAX_VALUES / 2)
  return put(sources, { ...source, resource: null, values, handles: [], sent: [], hops: [...source.hops, refOf(step)] })
}

/** At 8 the oldest of the least sensitive gives way. */
function put(sources: readonly Source[], source: Source): readonly Source[] {
  if (sources.length < MAX_SOURCES) return [...sources, source]
  const least = sources.findIndex((one) => one.level === 'confidential')
  return [...sources.toSpliced(Math.max(least, 0), 1), source]
}

/** How much it worries that a source goes out, by how it is known. Order alone proves nothing. */
export function weightOf({ source: { level }, how }: Flow): Severity {
  if (how === 'order') return 'low'
  if (how === 'content') return 'high'
  if (level === 'confidential') return 'low'
  return 'medium'
}

/** Whether the recipient is who the record is about: its own words name the address, and none of them is an order to use it. */
export function isAbout({ source }: Flow, recipients: readonly string[], instructed: readonly string[]): boolean {
  if (source.level === 'secret' || source.isMany) return false
  return short(recipients).some((one) => source.values.includes(one) && !instructed.includes(one))
}

/** Shortened fingerprints of what stood in orders of a result. */
export const ordersIn = (content: ContentFacts | undefined): readonly string[] =>
  content?.signals.includes('instruction') === true ? short(content.instructed) : []
