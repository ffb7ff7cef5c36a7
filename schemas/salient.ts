/** The most values that are read from one text. */
export const MAX_VALUES = 512

/** What a text has in it, as bits. Most texts lack what most patterns need, and those patterns are not tried. */
const DIGIT = 1
const UPPER = 2
const AT = 4
const DOT = 8
const QUOTE = 16
/** What every URL has: `://`, or the point of `www.` */
const LINK = 32

const MARKS = new Uint8Array(128)
for (const [characters, bits] of [
  ['0123456789', DIGIT],
  ['ABCDEFGHIJKLMNOPQRSTUVWXYZ', UPPER],
  ['@', AT],
  ['.', DOT | LINK],
  [':', LINK],
  ['"\'`', QUOTE],
] as const) {
  for (const character of characters) MARKS[character.charCodeAt(0)] = bits
}

function marksOf(text: string): number {
  let marks = 0
  for (let at = 0; at < text.length; at += 1) marks |= MARKS[text.charCodeAt(at)] ?? 0
  return marks
}

/**
 * Things that name something: addresses, URLs, numbers, dates, paths, identifiers, quoted and capitalised names. Each with
 * the marks without all of which it cannot match.
 */
const SALIENT: readonly (readonly [number, RegExp])[] = [
  [AT | DOT, /(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}/g],
  [LINK, /\bhttps?:\/\/[^\s"'<>)\]}]+|\bwww\.[^\s"'<>)\]}]+/gi],
  [DIGIT | UPPER, /\b[A-Z]{2}\d{2}[A-Z0-9]{8,30}\b/g],
  [DIGIT, /\+?\d[\d ().-]{7,18}\d/g],
  [DIGIT, /\b\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2})?\b/g],
  [DIGIT, /\b\d+(?:[.,]\d+)?\b/g],
  [DOT, /(?<![\w-])(?:[\w-]{1,64}\/){0,12}[\w-]{1,64}\.[a-z]{2,5}\b/gi],
  [QUOTE, /"([^"\n]{2,80})"|'([^'\n]{2,80})'|`([^`\n]{2,80})`/g],
  [UPPER, /\b[A-Z][\w&.-]*(?:\s+(?:[A-Z][\w&.-]*|of|the|de|la|le|du|and|&)){1,5}\b/g],
  [DIGIT, /(?<![\w-])(?=[\w-]{0,39}\d)(?=[\w-]{0,39}[a-z])[\w-]{6,40}\b/gi],
]

/** The salient values of a text, normalised: the whole text when it is short, and what `SALIENT` finds in it. */
export function valuesOf(text: string): ReadonlySet<string> {
  const values = new Set<string>()
  addValues(values, text)
  for (const decoded of decodingsOf(text)) addValues(values, decoded)
  return values
}

function addValues(values: Set<string>, text: string): void {
  if (values.size >= MAX_VALUES) return
  if (text.length <= 200) add(values, text)
  const marks = marksOf(text)
  for (const [needed, pattern] of SALIENT) {
    if ((marks & needed) !== needed) continue
    pattern.lastIndex = 0
    for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
      const value = match[1] ?? match[2] ?? match[3] ?? match[0]
      add(values, value)
      if (LINK_START.test(value)) addLink(values, value)
      if (values.size >= MAX_VALUES) return
    }
  }
}

/** A link is the same without its scheme, and with other things told to the place it leads to. */
function addLink(values: Set<string>, link: string): void {
  const place = link.replace(/^https?:\/\//i, '').replace(/^www\./i, '')
  add(values, place)
  const end = place.search(/[?#]/)
  if (end > 0) add(values, place.slice(0, end))
}

const LINK_START = /^https?:|^www\./i

function add(values: Set<string>, value: string): void {
  const folded = normalise(value)
  if (folded.length >= 2) values.add(folded)
}

const NOT_ASCII = /[^\0-\x7f]/
/** White space that is not one plain space. */
const UNEVEN = /\s\s|[^\S ]/
const EDGES = ' .,;:!?"\'`()[]{}<>'

/** Folds case, white space and edge punctuation, so that a value matches itself wherever it stands. */
export function normalise(text: string): string {
  const folded = (NOT_ASCII.test(text) ? text.normalize('NFKC') : text).toLowerCase()
  const even = UNEVEN.test(folded) ? folded.replace(/\s+/g, ' ') : folded
  let start = 0
  let end = even.length
  while (start < end && EDGES.includes(even.charAt(start))) start += 1
  while (end > start && EDGES.includes(even.charAt(end - 1))) end -= 1
  return even.slice(start, end)
}

/** What a text says under base64, URL or HTML encoding, where it plainly is so encoded. */
export function decodingsOf(text: string): readonly string[] {
  const out: string[] = []
  if (/%[0-9a-f]{2}/i.test(text)) {
    try {
      out.push(decodeURIComponent(text))
    } catch {
      // Not URL encoding after all: a lone percent sign.
    }
  }
  if (/&(?:#\d+|#x[0-9a-f]+|amp|lt|gt|quot);/i.test(text))
    out.push(
      text
        .replace(/&#(\d{1,6});/g, (_, n: string) => String.fromCodePoint(Math.min(Number(n), 0x10ffff)))
        .replace(/&amp;/g, '&')
        .replace(/&lt;/g, '<')
        .replace(/&gt;/g, '>')
        .replace(/&quot;/g, '"'),
    )
  if (text.length < SHORTEST_BASE64) return out
  BASE64.lastIndex = 0
  for (let match = BASE64.exec(text); match !== null; match = BASE64.exec(text)) {
    const plain = Buffer.from(match[0], 'base64').toString('utf8')
    if (/^[\x20-\x7e\s]{12,}$/.test(plain)) out.push(plain)
  }
  return out
}

const SHORTEST_BASE64 = 24
const BASE64 = /\b[A-Za-z0-9+/]{24,4096}={0,2}/g
