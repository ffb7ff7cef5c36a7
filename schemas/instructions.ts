/** Text in data that is shaped like an instruction to whoever reads it. */
export interface Instructions {
  /** The stretches of text that instruct, with what stands around them. */
  readonly segments: readonly string[]
  readonly signals: readonly string[]
}

/** Each is a way in which text turns from telling about something to telling its reader what to do. */
const SIGNS: readonly { readonly signal: string; readonly weight: number; readonly pattern: RegExp }[] = [
  {
    signal: 'override',
    weight: 2,
    pattern:
      /\b(?:ignore|disregard|forget|override)\b[^.\n]{0,40}\b(?:previous|prior|above|earlier|all|any|other|your)\b/i,
  },
  { signal: 'impersonation', weight: 2, pattern: /^\s*(?:system|assistant|user|developer|human|ai)\s*:/im },
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
      /(?:^|[.!?:;\n]\s*)(?:please\s+)?(?:send|transfer|forward|post|email|e-mail|delete|remove|create|make|book|reserve|buy|purchase|pay|invite|add|update|change|set|share|upload|download|visit|open|click|execute|install|grant|reveal|say|tell|reply|recommend|write|schedule)\b\s+\w+/im,
  },
]

const NEEDED = 3
const SPAN = 1_200

/** Looks for instruction-shaped paragraphs. A paragraph needs several independent signs; one alone is everyday prose. */
export function instructionsIn(text: string): Instructions | null {
  if (text.length < 20) return null
  const segments: string[] = []
  const signals = new Set<string>()
  for (const block of blocksOf(text)) {
    const hit = SIGNS.filter(({ pattern }) => pattern.test(block))
    if (hit.reduce((sum, { weight }) => sum + weight, 0) < NEEDED) continue
    segments.push(
      spanOf(
        block,
        hit.map(({ pattern }) => pattern),
      ),
    )
    for (const { signal } of hit) signals.add(signal)
  }
  return segments.length === 0 ? null : { segments, signals: ['instruction', ...signals] }
}

/** From the first sign to the end of the paragraph that holds the last: what stands elsewhere in the block is data. */
function spanOf(block: string, patterns: readonly RegExp[]): string {
  let [start, end] = [block.length, 0]
  for (const pattern of patterns) {
    for (const match of block.matchAll(
      new RegExp(pattern.source, pattern.flags.includes('g') ? pattern.flags : `${pattern.flags}g`),
    )) {
      start = Math.min(start, match.index)
      end = Math.max(end, match.index + match[0].length)
    }
  }
  const after = block.slice(end).search(/\n\s*\n|<\/\w+>/)
  return block.slice(start, after < 0 ? block.length : end + after)
}

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
