/**
 * Words that hold sentences together and name nothing, in English, German, French, Spanish, Italian, Portuguese and Dutch: a
 * closed class, so no list of what one may talk about.
 */
const FUNCTION_WORDS: ReadonlySet<string> = new Set(
  `a an the and or but nor of to in on at by for from with as into onto over under up down out off about than then so if when while who
  whom whose which what where how why because since until before after again is are be was were been being am do does did done will would
  shall should can could may might must have has had having it its this that these those you your yours my mine our ours his her hers him
  their theirs them they he she we us me i no not yes there here also too now please just only very more most other another same such both
  few own any all each every some one two true false none null once else still let get got per via
  der die das den dem des ein eine einen einem einer eines und oder zu im am an auf mit von vom zum zur ist sind bitte noch nicht als für bei
  le la les l du de un une et ou à au aux dans sur pour par avec est ce cette ces que qui ne pas s'il plaît
  el los las lo del al y o en con por para es se su sus este esta
  il gli e di da nel nella per che è non
  os um uma do da no na ao com
  het een van te op voor dat deze en`.split(/\s+/),
)

export const isFunctionWord = (word: string): boolean => FUNCTION_WORDS.has(word)

const ENDINGS = ['ing', 'ed', 'es', 's', 'e', 'd'] as const
const SHORTEST = 3
/** So many letters of a word tell what it is about, whatever its ending and in kindred tongues. */
const LETTERS = 5

/** What is left of a word without its ending: `archive`, `archived`, `archivar` and `archiviere` are one. */
export function stemOf(word: string): string {
  const end = ENDINGS.find((one) => word.endsWith(one) && word.length - one.length >= SHORTEST)
  return (end === undefined ? word : word.slice(0, -end.length)).slice(0, LETTERS)
}

const PART = /[^\s,;"'`()[\]{}<>|=“”„«»]+/g
const EDGES = /^[^\p{L}\p{N}@#]+|[^\p{L}\p{N}]+$/gu
/** A word that is no word of a language: numbers, addresses, ids, paths, links. */
const VALUE = /\d|[\p{L}\p{N}][@/:._#][\p{L}\p{N}]/u
const WORDS = /[\p{L}\p{N}]+/gu

const NOT_ASCII = /[^\0-\x7f]/

/** Whether a stem stands for a value rather than for a word. */
export const isValue = (stem: string): boolean => VALUE.test(stem)

/** What a text speaks of, in order: values as they are, words without endings, function words left out. */
export function stemsIn(text: string, most: number): readonly string[] {
  const stems = new Set<string>()
  const folded = (NOT_ASCII.test(text) ? text.normalize('NFKC') : text).toLowerCase()
  for (const [part] of folded.matchAll(PART)) {
    const bare = part.replace(EDGES, '')
    if (VALUE.test(bare)) stems.add(bare)
    else
      for (const [word] of bare.matchAll(WORDS))
        if (word.length >= SHORTEST && !FUNCTION_WORDS.has(word)) stems.add(stemOf(word))
    if (stems.size >= most) return [...stems].slice(0, most)
  }
  return [...stems]
}

const LETTERS_ONLY = /\p{L}{3,}/gu

/** The words that the values among some stems are made of: `oven-1` speaks of an oven as well. */
export function partsOf(stems: readonly string[]): readonly string[] {
  const parts: string[] = []
  for (const stem of stems) {
    if (!VALUE.test(stem)) continue
    for (const [word] of stem.matchAll(LETTERS_ONLY)) if (!FUNCTION_WORDS.has(word)) parts.push(stemOf(word))
  }
  return parts
}

/** The same of a tool's name: `github.create_deployKey` speaks of github, create, deploy and key. */
export const stemsOfName = (name: string): readonly string[] => [
  ...new Set(
    name
      .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
      .toLowerCase()
      .split(/[^a-z]+/)
      .filter((word) => word.length >= SHORTEST)
      .map(stemOf),
  ),
]
