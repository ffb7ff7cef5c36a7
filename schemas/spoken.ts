import type { ContentFacts } from '../src/core/index.ts'
import { fingerprint } from './fingerprint.ts'
import { deedsAsked, MAX_STEMS, proseIn } from './prose.ts'
import { partsOf, stemsIn, stemsOfName } from './stems.ts'

/** What content speaks of, word by word, as runs of keyed fingerprints. */
type Spoken = Pick<ContentFacts, 'sentences' | 'deed'>

/** What is spoken of is compared within one chain: so many digits of a fingerprint are enough. */
const DIGITS = 8
/** The most words of a leaf that may name something; of how many leaves it is kept what they speak of. */
const NAME_WORDS = 3
const MAX_LEAVES = 24
/** Characters of the run of all that a call's arguments speak of. */
const MAX_ALL = 48 * DIGITS
/** Of what a user says: how much of it is read, and the most words. */
const MAX_READ = 16_384
const MAX_WORDS = 192

/** What a leaf speaks of, and the same with the words that its values are made of. */
interface Runs {
  readonly run: string
  readonly all: string
}

/** The runs of short texts are remembered: names of tools, ids and numbers come again. */
const LONGEST_KNOWN = 64
const MOST_KNOWN = 20_000
let leafRuns = new Map<string, Runs>()
let toolRuns = new Map<string, string>()
let knownKey: Uint8Array | null = null

/** Forgets what was remembered under another key, or when it is too much. */
function makeRoom(key: Uint8Array): void {
  if (knownKey === key && leafRuns.size < MOST_KNOWN && toolRuns.size < MOST_KNOWN) return
  leafRuns = new Map()
  toolRuns = new Map()
  knownKey = key
}

const joined = (stems: readonly string[], key: Uint8Array): string => {
  let run = ''
  for (const stem of stems) run += fingerprint(stem, key).slice(0, DIGITS)
  return run
}

function runsOfLeaf(leaf: string, key: Uint8Array): Runs {
  const there = leafRuns.get(leaf)
  if (there !== undefined) return there
  const stems = stemsIn(leaf, MAX_STEMS)
  const run = joined(stems, key)
  const runs = { run, all: run + joined(partsOf(stems), key) }
  if (leaf.length <= LONGEST_KNOWN) leafRuns.set(copyOf(leaf), runs)
  return runs
}

function runOfTool(tool: string, key: Uint8Array): string {
  const there = toolRuns.get(tool)
  if (there !== undefined) return there
  const run = joined(stemsOfName(tool), key)
  if (tool.length <= LONGEST_KNOWN) toolRuns.set(copyOf(tool), run)
  return run
}

/** A text may be a slice of the content it was found in, and would keep all of that content in memory with it. */
const copyOf = (text: string): string => Buffer.from(text).toString()

/** Of a result: each sentence of its prose, with `!` before one that asks for something. */
export function spokenInResult(texts: readonly string[], key: Uint8Array): Spoken {
  const sentences = proseIn(texts).map((one) => `${one.isOrder ? '!' : ''}${joined(one.stems, key)}`)
  return sentences.length > 0 ? { sentences } : {}
}

/** Of a call: each leaf of its arguments, with `=` before a text of more than three words; all of them behind `~`; the tool's name. */
export function spokenInCall(leaves: readonly string[], tool: string, key: Uint8Array): Spoken {
  makeRoom(key)
  const sentences: string[] = []
  let all = ''
  for (const leaf of leaves.slice(0, MAX_LEAVES)) {
    const runs = runsOfLeaf(leaf, key)
    if (runs.run === '') continue
    const isText = leaf.includes(' ') && leaf.trim().split(/\s+/).length > NAME_WORDS
    sentences.push(isText ? `=${runs.run}` : runs.run)
    if (all.length < MAX_ALL) all += runs.all
  }
  if (all !== '') sentences.push(`~${all.slice(0, MAX_ALL)}`)
  return { sentences, deed: runOfTool(tool, key) }
}

/** Of what a user says: all its words, and those that stand where a deed is asked for. */
export function spokenByUser(text: string, key: Uint8Array): Spoken {
  const said = text.slice(0, MAX_READ)
  return { sentences: [joined(stemsIn(said, MAX_WORDS), key)], deed: joined(deedsAsked(said, MAX_STEMS), key) }
}
