import type { AgentEvent, Json, Millis, Step, StepRef } from '../src/core/index.ts'
import { refOf } from './evidence.ts'

const MAX_COUNTERS = 8
const MAX_GAPS = 4
const MAX_RUN = 64
const MAX_TEXT = 96

/** A run of numbers: of a producer over all its steps, or of one workflow where it numbers each anew. */
interface Counter {
  readonly source: string
  readonly workflowId: string
  readonly last: number
  /** How many numbers followed without a gap; halved by each gap. */
  readonly run: number
  /** Null until it is known which. */
  readonly isByWorkflow: boolean | null
  readonly ref: StepRef
}

/** Numbers that were left out, and may still come. */
export interface Gap {
  readonly source: string
  readonly from: number
  readonly to: number
  readonly missing: number
  readonly before: StepRef
  readonly after: StepRef
  /** What the agent did next, with a credential, that changed something. */
  readonly work: StepRef | null
  readonly dueAt: Millis
}

export interface Numbering {
  readonly counters: readonly Counter[]
  readonly gaps: readonly Gap[]
}

export const NO_NUMBERS: Numbering = { counters: [], gaps: [] }

/** The number that a producer gave an event: `sequence`, its own or that of its CloudEvents envelope; null for none. */
export function sequenceOf({ attributes }: AgentEvent): number | null {
  const own =
    attributes['sequence'] ?? (attributes['cloudevent'] as { readonly [key: string]: Json } | undefined)?.['sequence']
  const value = typeof own === 'string' && /^\d{1,15}$/.test(own) ? Number(own) : own
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null
}

/** Takes in the number of a step. The same when it has none. */
export function count(numbering: Numbering, step: Step, enough: number, waitMs: number): Numbering {
  const number = sequenceOf(step.event)
  if (number === null) return numbering
  const source = step.event.source.slice(0, MAX_TEXT)
  const late = numbering.gaps.find((gap) => gap.source === source && number >= gap.from && number <= gap.to)
  if (late !== undefined) return { ...numbering, gaps: filled(numbering.gaps, late) }
  const workflowId = step.attribution.workflowId
  const counters = numbering.counters.filter((one) => one.source === source)
  const before = counters.find((one) => one.workflowId === workflowId && one.isByWorkflow === true) ?? counters.at(-1)
  if (before === undefined) return put(numbering, null, fresh(step, source, number, null))
  const isOther = before.workflowId !== workflowId
  if (before.isByWorkflow === true && isOther) return put(numbering, null, fresh(step, source, number, true))
  // A new workflow that begins at its beginning: each is numbered by itself.
  if (isOther && before.isByWorkflow === null && number <= 1 && before.last !== number - 1)
    return put({ ...numbering, counters: mark(numbering.counters, source) }, null, fresh(step, source, number, true))
  const next = fresh(step, source, number, isOther ? false : before.isByWorkflow)
  if (number === before.last + 1) return put(numbering, before, { ...next, run: Math.min(MAX_RUN, before.run + 1) })
  // Again from the start: the producer was restarted. Numbers that were there before tell nothing.
  if (number <= before.last) return number <= 1 ? put(numbering, before, next) : numbering
  const isGap = before.run >= enough
  const run = isGap ? before.run >> 1 : 0
  const after = put(numbering, before, { ...next, run })
  if (!isGap) return after
  const gap: Gap = {
    source,
    from: before.last + 1,
    to: number - 1,
    missing: number - 1 - before.last,
    before: before.ref,
    after: refOf(step),
    work: null,
    dueAt: step.event.at + waitMs,
  }
  return { ...after, gaps: [...after.gaps, gap].slice(-MAX_GAPS) }
}

const fresh = (step: Step, source: string, last: number, isByWorkflow: boolean | null): Counter => ({
  source,
  workflowId: step.attribution.workflowId,
  last,
  run: 0,
  isByWorkflow,
  ref: refOf(step),
})

const mark = (counters: readonly Counter[], source: string): readonly Counter[] =>
  counters.map((one) => (one.source === source ? { ...one, isByWorkflow: true } : one))

const put = (numbering: Numbering, before: Counter | null, next: Counter): Numbering => ({
  ...numbering,
  counters: [...numbering.counters.filter((one) => one !== before), next].slice(-MAX_COUNTERS),
})

const filled = (gaps: readonly Gap[], late: Gap): readonly Gap[] =>
  late.missing <= 1
    ? gaps.filter((gap) => gap !== late)
    : gaps.map((gap) => (gap === late ? { ...gap, missing: gap.missing - 1 } : gap))
