/** Text in data that is shaped like an instruction to whoever reads it. */
export interface Instructions {
  /** The stretches of text that instruct, with what stands around them. */
  readonly segments: readonly string[]
  readonly signals: readonly string[]
}

interface Sign {
  readonly signal: string
  readonly weight: number
  readonly pattern: RegExp
}

/** Each is a way in which text turns from telling about something to telling its reader what to do. */
const SIGNS: readonly Sign[] = [
  {
    signal: 'override',
    weight: 2,
    pattern:
      /\b(?:ignore|disregard|forget|override)\b[^.\n]{0,40}\b(?:previous|prior|above|earlier|all|any|other|your)\b/i,
  },
  {
    signal: 'impersonation',
    weight: 2,
    pattern: /^[ \t]*(?:system|assistant|user|developer|human|ai)\s*:/im,
  },
  {
    signal: 'impersonation',
    weight: 2,
    pattern:
      /\b(?:this is|it'?s me|i am|i'm|message from)\b[^.\n]{0,30}\b(?:your (?:user|owner|creator|developer|boss|admin)|the (?:user|admin|system|developer))/i,
  },
  {
    signal: 'markup',
    weight: 2,
    pattern:
      /<\/?\s*(?:important|instructions?|system|admin|prompt|task|user|assistant)\s*\/?>|\[(?:system|inst|instructions?|important)\]|={3,}\s*\w+[^=\n]{0,40}={3,}/i,
  },
  // A tag in capitals is a fence for a reader, not markup of a document.
  { signal: 'markup', weight: 2, pattern: /<[A-Z][A-Z_]{3,}>/ },
  {
    signal: 'addresses-reader',
    weight: 1,
    pattern:
      /\b(?:you (?:must|should|need to|have to|are required|can(?:not)?)|make sure (?:that )?you|your (?:task|job|goal|next step)|can you|could you|please)\b/i,
  },
  {
    signal: 'sequence',
    weight: 1,
    pattern:
      /\b(?:before (?:you|doing|continuing|proceeding)|after(?:wards?| that| you)|first,? (?:do|complete|perform|send|make)|next,? (?:do|send|call|use)|then (?:call|use|send))\b/i,
  },
  {
    signal: 'task',
    weight: 1,
    pattern:
      /\b(?:todo|to-do|task|instructions?|steps?)\s*:|\b(?:do|perform|execute|complete|follow) (?:the )?(?:following|this|these)\b/i,
  },
  {
    signal: 'urgency',
    weight: 1,
    pattern:
      /\b(?:important|urgent|immediately|asap|crucial|attention|mandatory|emergency|do not (?:tell|mention|inform|ask))\b/i,
  },
  {
    signal: 'tool-talk',
    weight: 1,
    pattern: /\b(?:call|invoke|use|run) (?:the |your )?[`'"]?\w+[`'"]? (?:tool|function|command)\b/i,
  },
  {
    signal: 'imperative',
    weight: 1,
    pattern:
      /(?:^|[.!?:;\n][ \t]*|\b(?:and|then|please)[ \t]+)(?:please[ \t]+)?(?:send|transfer|forward|post|email|e-mail|delete|remove|create|make|book|reserve|buy|purchase|pay|invite|add|update|change|set|share|upload|download|visit|open|click|execute|install|grant|reveal|say|tell|reply|recommend|write|schedule)\b\s+\w+/im,
  },
]

const NEEDED = 3
const SPAN = 1_200
const MAX_SEGMENTS = 64

/** Looks for instruction-shaped paragraphs. A paragraph needs several independent signs; one alone is everyday prose. */
export function instructionsIn(text: string): Instructions | null {
  if (text.length < 20) return null
  const segments: string[] = []
  const signals = new Set<string>()
  const rest = [...blocksOf(unescaped(text))]
  for (let block = rest.pop(); block !== undefined && segments.length < MAX_SEGMENTS; block = rest.pop()) {
    const one = block
    const hit = SIGNS.filter(({ pattern }) => pattern.test(one))
    if (hit.reduce((sum, { weight }) => sum + weight, 0) < NEEDED) continue
    const [start, end] = spanOf(one, hit)
    segments.push(one.slice(start, end))
    for (const { signal } of hit) signals.add(signal)
    rest.push(...[one.slice(0, start), one.slice(end)].filter((left) => left.length >= 20 && left.length < one.length))
  }
  return segments.length === 0 ? null : { segments, signals: ['instruction', ...signals] }
}

/**
 * From where the instruction starts to the end of the paragraph that holds its last sign: what stands elsewhere in the
 * block is data, unless it instructs by itself: what is left on either side is looked at again. A plain sign (weight 2)
 * starts its paragraph, and a tag that is closed ends there.
 */
function spanOf(block: string, hit: readonly Sign[]): readonly [number, number] {
  const plain = hit.filter(({ weight }) => weight >= 2)
  const first = Math.min(...(plain.length > 0 ? plain : hit).map(({ pattern }) => block.search(pattern)))
  const start = plain.length > 0 ? paragraphAt(block, first) : first
  const fence = block.slice(first).match(/^\s*<([A-Za-z]\w*)[^>]*>[\s\S]*?<\/\1\s*>/)
  if (fence !== null) return [start, first + fence[0].length]
  const end = Math.max(...hit.map(({ pattern }) => lastEnd(block, pattern)))
  const after = block.slice(end).search(/\n[ \t\r]*\n|<\/\w+>/)
  return [start, after < 0 ? block.length : end + after]
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

/** Line breaks that serialising wrote as escapes (`\\n` in JSON or a printed object) are breaks again. */
const unescaped = (text: string): string => (text.includes('\\') ? text.replace(/(?:\\r)?\\n/g, '\n') : text)

/** Overlapping windows over paragraphs, so that an instruction split by blank lines is still seen whole. */
function blocksOf(text: string): readonly string[] {
  const lines = text.split(/\n/)
  const blocks: string[] = []
  let block = ''
  for (const line of lines) {
    if (block.length + line.length > SPAN && block !== '') {
      blocks.push(block)
      block = block.slice(-SPAN / 3)
    }
    block += `${line}\n`
  }
  blocks.push(block)
  return blocks.flatMap((one) => (one.length <= SPAN * 2 ? [one] : (one.match(/[\s\S]{1,1200}/g) ?? [])))
}
