import type { ContentFacts, Json } from '../src/core/index.ts'
import { wishesIn } from './deeds.ts'
import { fingerprint } from './fingerprint.ts'
import { type Instructions, ordersIn } from './instructions.ts'
import { put } from './leftovers.ts'
import { phraseEnds, phrasesIn, termsIn, wordsIn } from './phrases.ts'
import { decodingsOf, MAX_VALUES, normalise, valuesOf } from './salient.ts'
import { spokenByUser, spokenInCall, spokenInResult } from './spoken.ts'

export { fingerprint, normalise }

/** How content is turned into facts. */
export interface ContentOptions {
  /** Key of the fingerprints, at least 16 bytes: equal content matches only under one key. */
  readonly key: Uint8Array
  /** Keep the content itself as well. */
  readonly retain: boolean
}

export type ContentRole = 'request' | 'content' | 'arguments' | 'result' | 'context'

const MAX_TEXT = 262_144
/** Of `arguments`: the most fields that are told apart, and the most values of one. */
const MAX_FIELDS = 64
/** Of `request`: how much of it is read word by word, and the most words. */
const MAX_WISH = 16_384
const MAX_WORDS = 192

/** Where content comes from: the tool of a deed, the user; `isOwn` is what became of a deed of the agent's own. */
export interface ContentOrigin {
  readonly tool?: string
  readonly isUser?: boolean
  readonly isOwn?: boolean
}

const LOOKS: ReadonlySet<unknown> = new Set(['read', 'list', 'search'])
const CHANGES: ReadonlySet<unknown> = new Set(['create', 'update', 'delete', 'send', 'admin'])

/** A call that looks does no deed, and what became of a deed of the agent's own tells it nothing to do. */
export const originOf = ({ name, role, operation }: Readonly<Record<string, unknown>>): ContentOrigin => ({
  ...(typeof name === 'string' && !LOOKS.has(operation) ? { tool: name } : {}),
  isUser: role === 'user',
  isOwn: CHANGES.has(operation),
})

/** Turns content into keyed fingerprints and facts. The content itself is kept only when retention is on. */
export function factsOf(
  content: unknown,
  options: ContentOptions,
  role: ContentRole,
  origin: ContentOrigin = {},
): ContentFacts {
  const text = (typeof content === 'string' ? content : JSON.stringify(content ?? null)).slice(0, MAX_TEXT)
  const print = (value: string): string => fingerprint(value, options.key)
  const leaves = typeof content === 'string' ? [content] : leavesOf(content)
  const read = readOnce()
  const values = valuesIn(leaves, MAX_VALUES, read)
  const texts = role === 'result' || role === 'context' ? readable(leaves) : []
  const instructions = ordersIn(texts)
  const facts: Writable<ContentFacts> = {
    fingerprint: print(normalise(text)),
    bytes: Buffer.byteLength(text),
    values: values.map(print),
    signals: instructions?.signals ?? signalsOf(text, role),
  }
  if (role === 'request') facts.words = [...new Set(wordsIn(text.slice(0, MAX_WISH)))].slice(0, MAX_WORDS).map(print)
  if (role === 'arguments' && isRecord(content)) facts.fields = fieldsOf(content, read, print)
  if (instructions !== null) Object.assign(facts, instructedIn(instructions, read, print))
  Object.assign(facts, spokenIn(content, { text, leaves, texts }, role, origin, options.key))
  if (options.retain) facts.retained = content as Json
  return facts
}

interface Parts {
  readonly text: string
  readonly leaves: readonly string[]
  /** The leaves seen through their encodings. */
  readonly texts: readonly string[]
}

/** What content speaks of, where a deed may be told by it, be it, or be asked for. */
function spokenIn(
  content: unknown,
  { text, leaves, texts }: Parts,
  role: ContentRole,
  { tool, isUser = false, isOwn = false }: ContentOrigin,
  key: Uint8Array,
): Pick<ContentFacts, 'sentences' | 'deed'> {
  if (role === 'result') return isOwn ? {} : spokenInResult(texts, key)
  if (role === 'arguments') return tool !== undefined && isRecord(content) ? spokenInCall(leaves, tool, key) : {}
  return role === 'request' || isUser ? spokenByUser(text, key) : {}
}

/** A command that has what it fetches from elsewhere carried out unread. */
const RUNS_DOWNLOAD =
  /\b(?:curl|wget|iwr|irm|invoke-webrequest|invoke-restmethod)\b[^|;&\n]*\|\s*(?:sudo\s+)?(?:(?:ba|z|da|k)?sh|python3?|node|perl|ruby|iex|pwsh|powershell)\b|\b(?:ba|z)?sh\s+(?:-c\s+)?["']?[<$]\(\s*(?:curl|wget)\b/i

function signalsOf(text: string, role: ContentRole): readonly string[] {
  if (role === 'request' || role === 'content') return wishesIn(text)
  return role === 'arguments' && RUNS_DOWNLOAD.test(text) ? ['runs-download'] : []
}

/** Numbers of up to three digits, and years, stand everywhere; only as the name of something do they say which. */
const EVERYWHERE = /^(?:\d{1,3}|(?:19|20)\d\d)$/

function instructedIn(
  { segments, rest }: Instructions,
  read: Read,
  print: (value: string) => string,
): Pick<ContentFacts, 'instructed' | 'repeated' | 'wording' | 'terms'> {
  const values = [...namesIn(segments), ...valuesIn(segments, MAX_VALUES, read)].filter((value) => value !== '')
  const telling = [...new Set(values)].filter((value) => !EVERYWHERE.test(value))
  const instructed = [...new Set([...namesIn(segments), ...telling])].slice(0, MAX_VALUES)
  const wording = phrasesIn(segments)
  const around = ` ${normalise(rest.join('\n'))} `
  const repeated = instructed.filter((value) => stands(value, around))
  const terms = termsIn(segments).filter((term) => !EVERYWHERE.test(term) && !stands(term, around))
  return {
    ...(instructed.length > 0 ? { instructed: instructed.map(print) } : {}),
    ...(repeated.length > 0 ? { repeated: repeated.map(print) } : {}),
    ...(wording.length > 0 ? { wording: wording.map(print) } : {}),
    ...(terms.length > 0 ? { terms: terms.map(print) } : {}),
  }
}

/** Whether a value stands in a text by itself, not as a part of another. */
function stands(value: string, text: string): boolean {
  for (let at = text.indexOf(value); at >= 0; at = text.indexOf(value, at + 1)) {
    if (!/[\p{L}\p{N}]/u.test(`${text[at - 1] ?? ''}${text[at + value.length] ?? ''}`)) return true
  }
  return false
}

/** Short numbers that name something: quoted, or behind a word that says so. */
const NAMES = /['"`](\d{1,4})['"`]|\b(?:id_?|number|no\.?|nr\.?|#)\s*[:=]?\s*['"`]?(\d{1,4})\b/gi

const namesIn = (texts: readonly string[]): readonly string[] =>
  texts.flatMap((text) => [...text.matchAll(NAMES)].map((match) => match[1] ?? match[2] ?? ''))

type Writable<T> = { -readonly [name in keyof T]: T[name] }

type Read = (text: string) => ReadonlySet<string>

/** `valuesOf` for the leaves of one content: a leaf is a value of the whole and of its field, and is read once for both. */
function readOnce(): Read {
  const known = new Map<string, ReadonlySet<string>>()
  return (text) => {
    const there = known.get(text)
    if (there !== undefined) return there
    const values = valuesOf(text)
    known.set(text, values)
    return values
  }
}

function valuesIn(leaves: readonly string[], most: number, read: Read): readonly string[] {
  const values = new Set<string>()
  for (const leaf of leaves) {
    for (const value of read(leaf)) {
      values.add(value)
      if (values.size >= most) return [...values]
    }
  }
  return [...values]
}

/** The leaves as someone would read them who sees through their encodings. */
const readable = (leaves: readonly string[]): readonly string[] => {
  let room = MAX_TEXT
  return leaves
    .flatMap(partsOf)
    .flatMap((leaf) => [leaf, ...decodingsOf(leaf)])
    .map((text) => {
      const part = text.slice(0, Math.max(room, 0))
      room -= part.length
      return part
    })
}

/** A text that is JSON is read leaf by leaf: one leaf gives no orders about another. */
function partsOf(text: string): readonly string[] {
  const [first] = text.trimStart()
  if (first !== '{' && first !== '[') return [text]
  try {
    return leavesOf(JSON.parse(text))
  } catch {
    return [text]
  }
}

function fieldsOf(
  content: Record<string, unknown>,
  read: Read,
  print: (value: string) => string,
): Readonly<Record<string, readonly string[]>> {
  const fields: Record<string, readonly string[]> = {}
  for (const [name, value] of Object.entries(content).slice(0, MAX_FIELDS)) {
    const leaves = leavesOf(value)
    const found = valuesIn(leaves, MAX_FIELDS, read)
    const short = leaves.filter((leaf) => leaf.length === 1)
    put(fields, name, [...found, ...short, ...leaves.slice(0, 4).flatMap(phraseEnds)].map(print))
  }
  return fields
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
