import { createHmac } from 'node:crypto'
import type { ContentFacts, Json } from '../src/core/index.ts'
import { instructionsIn } from './instructions.ts'

/** How content is turned into facts. */
export interface ContentOptions {
  /** Key of the fingerprints, at least 16 bytes: equal content matches only under one key. */
  readonly key: Uint8Array
  /** Keep the content itself as well. */
  readonly retain: boolean
}

export type ContentRole = 'request' | 'content' | 'arguments' | 'result' | 'context'

const MAX_VALUES = 512
const MAX_TEXT = 262_144
const CACHE_SIZE = 20_000

/** Things that name something: addresses, URLs, numbers, dates, paths, identifiers, quoted and capitalised names. */
const SALIENT = [
  /(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}/g,
  /\bhttps?:\/\/[^\s"'<>)\]}]+|\bwww\.[^\s"'<>)\]}]+/gi,
  /\b[A-Z]{2}\d{2}[A-Z0-9]{8,30}\b/g,
  /\+?\d[\d ().-]{7,18}\d/g,
  /\b\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2})?\b/g,
  /\b\d+(?:[.,]\d+)?\b/g,
  /(?<![\w-])(?:[\w-]{1,64}\/){0,12}[\w-]{1,64}\.[a-z]{2,5}\b/gi,
  /"([^"\n]{2,80})"|'([^'\n]{2,80})'|`([^`\n]{2,80})`/g,
  /\b[A-Z][\w&.-]*(?:\s+(?:[A-Z][\w&.-]*|of|the|de|la|le|du|and|&)){1,5}\b/g,
  /(?<![\w-])(?=[\w-]{0,39}\d)(?=[\w-]{0,39}[a-z])[\w-]{6,40}\b/gi,
] as const

let cache = new Map<string, string>()
let cacheKey: Uint8Array | null = null

/** HMAC-SHA-256 of a text under a key, cut to 64 bits: 16 hex digits. */
export function fingerprint(text: string, key: Uint8Array): string {
  if (cacheKey !== key || cache.size > CACHE_SIZE) {
    cache = new Map()
    cacheKey = key
  }
  let print = cache.get(text)
  if (print === undefined) {
    print = createHmac('sha256', key).update(text).digest('hex').slice(0, 16)
    cache.set(text, print)
  }
  return print
}

/** Folds case, white space and edge punctuation, so that a value matches itself wherever it stands. */
export const normalise = (text: string): string =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/\s+/g, ' ')
    .replace(/^[\s.,;:!?"'`()[\]{}<>]+|[\s.,;:!?"'`()[\]{}<>]+$/g, '')

/** Turns content into keyed fingerprints and facts. The content itself is kept only when retention is on. */
export function factsOf(content: unknown, options: ContentOptions, role: ContentRole): ContentFacts {
  const text = (typeof content === 'string' ? content : JSON.stringify(content ?? null)).slice(0, MAX_TEXT)
  const print = (value: string): string => fingerprint(value, options.key)
  const leaves = typeof content === 'string' ? [content] : leavesOf(content)
  const values = new Set<string>()
  for (const leaf of leaves) for (const value of valuesOf(leaf)) if (values.size < MAX_VALUES) values.add(value)
  const read = role === 'result' || role === 'context'
  const instructions = read
    ? instructionsIn(
        leaves
          .flatMap((leaf) => [leaf, ...decodingsOf(leaf)])
          .join('\n')
          .slice(0, MAX_TEXT),
      )
    : null
  const instructed =
    instructions === null ? [] : [...new Set(instructions.segments.flatMap((segment) => [...valuesOf(segment)]))]
  return {
    fingerprint: print(normalise(text)),
    bytes: Buffer.byteLength(text),
    values: [...values].map(print),
    ...(role === 'arguments' && isRecord(content) ? { fields: fieldsOf(content, print) } : {}),
    ...(instructed.length === 0 ? {} : { instructed: instructed.slice(0, MAX_VALUES).map(print) }),
    signals: instructions?.signals ?? [],
    ...(options.retain ? { retained: content as Json } : {}),
  }
}

function fieldsOf(
  content: Record<string, unknown>,
  print: (value: string) => string,
): Readonly<Record<string, readonly string[]>> {
  const fields: Record<string, readonly string[]> = Object.create(null)
  for (const [name, value] of Object.entries(content).slice(0, 64)) {
    const values = new Set(leavesOf(value).flatMap((leaf) => [...valuesOf(leaf)]))
    fields[name] = [...values].slice(0, 64).map(print)
  }
  return { ...fields }
}

/** The salient values of a text, normalised: the whole text when it is short, and what `SALIENT` finds in it. */
function valuesOf(text: string): Set<string> {
  const values = new Set<string>()
  const add = (value: string): void => {
    const folded = normalise(value)
    if (folded.length >= 2) values.add(folded)
  }
  const decoded = [text, ...decodingsOf(text)]
  for (const one of decoded) {
    if (one.length <= 200) add(one)
    for (const pattern of SALIENT) {
      for (const match of one.matchAll(pattern)) {
        const value = match[1] ?? match[2] ?? match[3] ?? match[0]
        add(value)
        if (/^https?:|^www\./i.test(value)) add(value.replace(/^https?:\/\//i, '').replace(/^www\./i, ''))
        if (values.size >= MAX_VALUES) return values
      }
    }
  }
  return values
}

/** What a text says under base64, URL or HTML encoding, where it plainly is so encoded. */
function decodingsOf(text: string): readonly string[] {
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
  for (const [run] of text.matchAll(/\b[A-Za-z0-9+/]{24,4096}={0,2}/g)) {
    const plain = Buffer.from(run, 'base64').toString('utf8')
    if (/^[\x20-\x7e\s]{12,}$/.test(plain)) out.push(plain)
  }
  return out
}

/** Every string, number and boolean of a JSON value as text, without recursion, bounded. */
function leavesOf(content: unknown): string[] {
  const leaves: string[] = []
  const stack: unknown[] = [content]
  while (stack.length > 0 && leaves.length < 2_000) {
    const value = stack.pop()
    if (typeof value === 'string') leaves.push(value)
    else if (typeof value === 'number' || typeof value === 'bigint') leaves.push(String(value))
    else if (Array.isArray(value)) stack.push(...value.slice(0, 2_000).reverse())
    else if (isRecord(value)) stack.push(...Object.values(value).slice(0, 2_000).reverse())
  }
  return leaves
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
