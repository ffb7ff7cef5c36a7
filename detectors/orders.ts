import { type Act, actsOfTool, type ContentFacts, type StepRef, type ToolCallEvent } from '../src/core/index.ts'

const MAX_SOURCES = 12
const MAX_VALUES = 64
const MAX_WORDING = 64
const MAX_TERMS = 96
/** Characters of the sentences of one source: what some 250 words speak of. */
const MAX_PROSE = 2_048
/** Of a fingerprint, so many digits are enough to know it again within one chain. */
const DIGITS = 10

/** A result that told its reader to act, and what stood in those words. */
export interface Source {
  readonly ref: StepRef
  /** Fingerprint of the whole result: the same words read again are no new source. */
  readonly print: string
  /** Values that stand in the orders alone, those that the data around them has too, and the orders' runs of words. */
  readonly instructed: readonly string[]
  readonly repeated: readonly string[]
  readonly wording: readonly string[]
  /** Single words and short runs of the orders, that stand nowhere else in the result. */
  readonly terms: readonly string[]
  /** What its prose speaks of, a run for each sentence; nothing where a deed of the agent's own brought it. */
  readonly prose: readonly string[]
  /** Acts that the orders speak of. */
  readonly orders: readonly string[]
  /** Whether the user pointed at this source: by a value that names it, or by a plain word. */
  readonly asked: 'named' | 'mentioned' | 'unasked'
  /**
   * `plain`: it breaks the frame, as by posing as somebody or by speaking to an agent; `shaped`: everyday signs of an
   * instruction that come together; `bare`: sentences that order a deed and no more; `prose`: it orders nothing that is known.
   */
  readonly shape: 'plain' | 'shaped' | 'bare' | 'prose'
}

const PLAIN: ReadonlySet<string> = new Set(['override', 'impersonation', 'markup', 'addresses-agent'])
const ORDERS = 'orders-'

export const short = (print: string): string => print.slice(0, DIGITS)

/** What a result orders or speaks of, or null where that is nothing. `isOwn`: it tells what became of the agent's own deed. */
export function sourceOf(
  ref: StepRef,
  result: ContentFacts | undefined,
  asked: Source['asked'],
  isOwn: boolean,
): Source | null {
  if (result === undefined) return null
  const { signals, instructed = [], repeated = [], wording = [], terms = [], sentences = [] } = result
  const prose = isOwn ? [] : within(sentences, MAX_PROSE)
  const shape = shapeOf(result)
  if (shape === 'prose' && prose.length === 0) return null
  return {
    ref,
    print: result.fingerprint,
    instructed: instructed
      .filter((value) => !repeated.includes(value))
      .slice(0, MAX_VALUES)
      .map(short),
    repeated: repeated.slice(0, MAX_VALUES / 4).map(short),
    wording: wording.slice(0, MAX_WORDING).map(short),
    terms: terms.slice(0, MAX_TERMS).map(short),
    prose,
    orders: signals.filter((one) => one.startsWith(ORDERS)).map((one) => one.slice(ORDERS.length)),
    asked,
    shape,
  }
}

/** The first of some runs that have room together. */
function within(runs: readonly string[], most: number): readonly string[] {
  let room = most
  return runs.filter((run) => {
    room -= run.length
    return room >= 0
  })
}

function shapeOf({ signals, instructed = [], wording = [], terms = [] }: ContentFacts): Source['shape'] {
  if (instructed.length + wording.length + terms.length === 0) return 'prose'
  if (!signals.includes('instruction')) return signals.includes('order') ? 'bare' : 'prose'
  return signals.some((signal) => PLAIN.has(signal)) ? 'plain' : 'shaped'
}

/** Adds a source; at 12 the oldest of the barest shape gives way. */
export function put(sources: readonly Source[], source: Source): readonly Source[] {
  if (sources.some(({ print }) => print === source.print)) return sources
  if (sources.length < MAX_SOURCES) return [...sources, source]
  const at = ['prose', 'bare', 'shaped', 'plain'].map((shape) => sources.findIndex((one) => one.shape === shape))
  return [...sources.toSpliced(at.find((one) => one >= 0) ?? 0, 1), source]
}

/** What a call does, in acts. */
export const actsOf = ({ tool_call: { name, operation } }: ToolCallEvent): readonly Act[] => actsOfTool(name, operation)
