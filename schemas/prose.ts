import { asRead, recordsOf } from './records.ts'
import { isFunctionWord, isValue, stemsIn } from './stems.ts'

/** Bounds: sentences of one content, and what one of them speaks of. */
const MAX_SENTENCES = 32
export const MAX_STEMS = 24
const MIN_WORDS = 3
const MOST_READ = 2_000
const LONGEST = 1_200

const SENTENCE_END = /(?<=[.?!])["')]*\s+|(?<=[。！？])|\n+/
const WORD = /\p{L}+/gu

/** The determiners behind which the thing stands that somebody is to do something with. */
const DETERMINERS =
  `the a an my our your his her its their this that these those all any every each another both it them der die das den dem
  ein eine einen le la les l un une el los las il lo gli het een`
    .split(/\s+/)
    .join('|')
/** A word at the start, or behind a word that asks, with a thing behind it: an order, whatever the word. */
const ORDER = new RegExp(
  `(?:^[^\\p{L}]*|[,;:>*"'\\])-]\\s*|\\b(?:to|please|kindly|must|should|shall|and|then|now|not|could|can|you|bitte)\\s+)\\p{L}{3,}\\s+(?:(?:${DETERMINERS})\\b|\\S*[\\d@])`,
  'iu',
)

/** Whether words are held together as in a sentence, and are no list of data. */
function isProse(sentence: string): boolean {
  let words = 0
  let isHeld = false
  for (const [word] of sentence.matchAll(WORD)) {
    words += 1
    if (word.length < 2) continue
    isHeld ||= isFunctionWord(word) || (word === word.toUpperCase() && isFunctionWord(word.toLowerCase()))
    if (isHeld && words >= MIN_WORDS) return true
  }
  return false
}

/** What one sentence speaks of; of one that asks for something, only what stands from there on. */
interface Sentence {
  readonly isOrder: boolean
  readonly stems: readonly string[]
}

function sentenceOf(text: string): Sentence {
  const order = text.search(ORDER)
  return { isOrder: order >= 0, stems: stemsIn(order > 0 ? text.slice(order) : text, MAX_STEMS) }
}

/** The sentences of some texts. Where there are more than 32, those that ask for something come first, then those with a value. */
export function proseIn(texts: readonly string[]): readonly Sentence[] {
  const orders: Sentence[] = []
  const telling: Sentence[] = []
  const others: Sentence[] = []
  let read = 0
  for (const text of texts) {
    for (const line of recordsOf(asRead(text)).flatMap((record) => record.split(SENTENCE_END))) {
      if (read >= MOST_READ || orders.length >= MAX_SENTENCES) break
      read += 1
      const short = line.length > LONGEST ? line.slice(0, LONGEST) : line
      if (!isProse(short)) continue
      const sentence = sentenceOf(short)
      if (sentence.stems.length < 2) continue
      const kind = sentence.isOrder ? orders : sentence.stems.some(isValue) ? telling : others
      if (kind.length < MAX_SENTENCES) kind.push(sentence)
    }
  }
  return [...orders, ...telling, ...others].slice(0, MAX_SENTENCES)
}

/** Words that a deed follows: what is asked for, after whatever starts the sentence. */
const ASKING =
  /(?:^|[.!?:;,\n(]\s*|\b(?:and|then|please|kindly|to|you|or|first|also|now|not|let's|bitte)\s+)(\p{L}{3,}(?:-\p{L}+)*)/giu

/** The words of a user that stand where a deed is asked for, without endings. */
export function deedsAsked(text: string, most: number): readonly string[] {
  const words = [...text.matchAll(ASKING)]
    .map((match) => match[1] ?? '')
    .filter((word) => !isFunctionWord(word.toLowerCase()))
  return stemsIn(words.join(' '), most)
}
