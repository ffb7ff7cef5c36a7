import { barelyOrdered } from './deeds.ts'
import { normalise } from './salient.ts'

/** So many words in a row are not there by chance. */
const PHRASE = 5
const MAX_PHRASES = 192
/** The most words of one term, and the most terms of one content. */
const TERM = 3
const MAX_TERMS = 128

/** Words that name nothing, or that any value may be. */
const EMPTY: ReadonlySet<string> = new Set(
  `a an the and or of to in on at by for from with as is are be it its this that these those your you my our their his her him them
  they he she we us me i no not yes true false none null all any each every also then now please kindly once first next last off
  open closed done new old high low medium public private read write admin user users file files email mail message event account
  name id number page text subject title body link item items value values record data system`.split(/\s+/),
)

export const wordsIn = (text: string): readonly string[] => normalise(text).match(/[\p{L}\p{N}]+/gu) ?? []

const phrase = (words: readonly string[], from: number): string => `~${words.slice(from, from + PHRASE).join(' ')}`

/** Every run of five words of some texts. */
export function phrasesIn(texts: readonly string[]): readonly string[] {
  const phrases = texts.flatMap((text) => {
    const words = wordsIn(text)
    return words.slice(PHRASE - 1).map((_, from) => phrase(words, from))
  })
  return phrases.slice(0, MAX_PHRASES)
}

/** The first and the last words of a text: what is copied from an order starts or ends as the order has it. */
export function phraseEnds(text: string): readonly string[] {
  if (text.length < PHRASE * 3 || !text.includes(' ')) return []
  const words = wordsIn(text.length > 600 ? `${text.slice(0, 300)} ${text.slice(-300)}` : text)
  return words.length < PHRASE ? [] : [...new Set([phrase(words, 0), phrase(words, words.length - PHRASE)])]
}

/** Words, and runs of up to three, of the sentences that order a deed: one of them may be the whole of an argument. */
export function termsIn(segments: readonly string[]): readonly string[] {
  const terms = new Set<string>()
  for (const sentence of segments.flatMap(barelyOrdered)) {
    const words = sentence.split(/\s+/).map(normalise).slice(1, 48)
    for (const [from, word] of words.entries()) {
      if (EMPTY.has(word)) continue
      for (let to = from + 1; to <= from + TERM && to <= words.length; to += 1) {
        const last = words[to - 1] ?? ''
        const run = words.slice(from, to).join(' ')
        if (!EMPTY.has(last) && run.length >= 3) terms.add(run)
        if (terms.size >= MAX_TERMS) return [...terms]
      }
    }
  }
  return [...terms]
}
