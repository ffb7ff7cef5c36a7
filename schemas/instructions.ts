import { actsIn, barelyOrdered, MAX_BARE } from './deeds.ts'
import { SIGNS, type Sign } from './order-signs.ts'
import { asRead, recordsOf } from './records.ts'

/** Text in data that is shaped like an instruction to whoever reads it. */
export interface Instructions {
  /** The stretches of text that instruct, with what stands around them. */
  readonly segments: readonly string[]
  /** What stands outside of them. */
  readonly rest: readonly string[]
  readonly signals: readonly string[]
}

const NEEDED = 3
const SPAN = 1_200
const MAX_SEGMENTS = 64
const SHORTEST = 20

/** Sentences that order a deed, in text that is no instruction as a whole: to be held against what the user asked for. */
function bareOrders(blocks: readonly string[]): Instructions | null {
  const segments = blocks.flatMap(barelyOrdered).slice(0, MAX_BARE)
  const rest = segments.length === 0 ? [] : blocks.map((block) => without(block, segments))
  return segments.length === 0 ? null : { segments, rest, signals: ['order', ...actsIn(segments.join('\n'), 'orders')] }
}

const without = (block: string, segments: readonly string[]): string =>
  segments.reduce((left, segment) => left.replace(segment, () => '\n'), block)

/** Looks for instruction-shaped text; null where there is none. */
export function instructionsIn(text: string): Instructions | null {
  const found = shapedIn([text])
  return found.segments.length === 0 ? null : found
}

/** What texts order: instruction-shaped text, else bare orders; null where nothing is ordered. */
export function ordersIn(texts: readonly string[]): Instructions | null {
  const found = shapedIn(texts)
  return found.segments.length === 0 ? bareOrders(found.rest) : found
}

/** A stretch needs several independent signs to be an instruction; one alone is everyday prose. */
function shapedIn(texts: readonly string[]): Instructions {
  const segments: string[] = []
  const rest: string[] = []
  const signals = new Set<string>()
  const left = texts.flatMap((text) => (text.length < SHORTEST ? [] : blocksOf(asRead(text)))).reverse()
  for (let block = left.pop(); block !== undefined; block = left.pop()) {
    const one = block
    const hit = segments.length >= MAX_SEGMENTS ? [] : SIGNS.filter(({ pattern }) => pattern.test(one))
    if (hit.reduce((sum, { weight }) => sum + weight, 0) < NEEDED) {
      rest.push(one)
      continue
    }
    const [start, end] = spanOf(one, hit)
    segments.push(one.slice(start, end))
    for (const { signal } of hit) signals.add(signal)
    left.push(...[one.slice(0, start), one.slice(end)].filter((part) => part.length > 0 && part.length < one.length))
  }
  const orders = segments.length === 0 ? [] : actsIn(segments.join('\n'), 'orders')
  return { segments, rest, signals: ['instruction', ...signals, ...orders] }
}

/**
 * From where the instruction starts to the end of the paragraph that holds its last sign: what stands elsewhere in the
 * block is data, unless it instructs by itself: what is left on either side is looked at again. With a plain sign (weight 2)
 * it starts in that sign's paragraph, and a tag that is closed ends there.
 */
function spanOf(block: string, hit: readonly Sign[]): readonly [number, number] {
  const strong = hit.filter(({ weight }) => weight >= 2)
  const first = Math.min(...(strong.length > 0 ? strong : hit).map(({ pattern }) => block.search(pattern)))
  const start = strong.length > 0 ? startAt(block, paragraphAt(block, first), hit) : first
  const fence = block.slice(first).match(/^\s*<([A-Za-z]\w*)[^>]*>[\s\S]*?<\/\1\s*>/)
  if (fence !== null) return [start, first + fence[0].length]
  const end = Math.max(...hit.map(({ pattern }) => lastEnd(block, pattern)))
  const after = block.slice(end).search(/\n[ \t\r]*\n|<\/\w+>/)
  return [start, after < 0 ? block.length : end + after]
}

/** Where the sentence starts that holds the first sign of a paragraph. */
function startAt(block: string, paragraph: number, hit: readonly Sign[]): number {
  const text = block.slice(paragraph)
  const first = Math.min(...hit.map(({ pattern }) => text.search(pattern)).filter((at) => at >= 0))
  const before = [...text.slice(0, first).matchAll(/[.!?][ \t"']+|\n/g)].at(-1)
  return paragraph + (before === undefined ? 0 : before.index + before[0].length)
}

/** Where the paragraph that holds an index starts. */
function paragraphAt(block: string, index: number): number {
  const breaks = [...block.slice(0, index).matchAll(/\n[ \t\r]*\n/g)]
  const last = breaks.at(-1)
  return last === undefined ? 0 : last.index + last[0].length
}

function lastEnd(block: string, pattern: RegExp): number {
  const every = new RegExp(pattern.source, pattern.flags.includes('g') ? pattern.flags : `${pattern.flags}g`)
  return Math.max(0, ...[...block.matchAll(every)].map((match) => match.index + match[0].length))
}

/** The records of a text, and of long ones overlapping windows, so that an instruction split by blank lines is still seen whole. */
function blocksOf(text: string): readonly string[] {
  return recordsOf(text).flatMap((record) => (record.length <= SPAN ? [record] : windowsOf(record)))
}

function windowsOf(text: string): readonly string[] {
  const blocks: string[] = []
  let block = ''
  for (const line of text.split(/\n/)) {
    if (block.length + line.length > SPAN && block !== '') {
      blocks.push(block)
      block = block.slice(-SPAN / 3)
    }
    block += `${line}\n`
  }
  blocks.push(block)
  return blocks.flatMap((one) => (one.length <= SPAN * 2 ? [one] : (one.match(/[\s\S]{1,1200}/g) ?? [])))
}
