import type { ContentFacts, Json } from '../src/core/index.ts'
import { fingerprint } from './fingerprint.ts'
import { instructionsIn } from './instructions.ts'
import { put } from './leftovers.ts'
import { decodingsOf, MAX_VALUES, normalise, valuesOf } from './salient.ts'

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

/** Turns content into keyed fingerprints and facts. The content itself is kept only when retention is on. */
export function factsOf(content: unknown, options: ContentOptions, role: ContentRole): ContentFacts {
  const text = (typeof content === 'string' ? content : JSON.stringify(content ?? null)).slice(0, MAX_TEXT)
  const print = (value: string): string => fingerprint(value, options.key)
  const leaves = typeof content === 'string' ? [content] : leavesOf(content)
  const read = readOnce()
  const values = valuesIn(leaves, MAX_VALUES, read)
  const instructions = role === 'result' || role === 'context' ? instructionsIn(readable(leaves)) : null
  const instructed = valuesIn(instructions?.segments ?? [], MAX_VALUES, read)
  const facts: Writable<ContentFacts> = {
    fingerprint: print(normalise(text)),
    bytes: Buffer.byteLength(text),
    values: values.map(print),
    signals: instructions?.signals ?? [],
  }
  if (role === 'arguments' && isRecord(content)) facts.fields = fieldsOf(content, read, print)
  if (instructed.length > 0) facts.instructed = instructed.map(print)
  if (options.retain) facts.retained = content as Json
  return facts
}

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
const readable = (leaves: readonly string[]): string =>
  leaves
    .flatMap((leaf) => [leaf, ...decodingsOf(leaf)])
    .join('\n')
    .slice(0, MAX_TEXT)

function fieldsOf(
  content: Record<string, unknown>,
  read: Read,
  print: (value: string) => string,
): Readonly<Record<string, readonly string[]>> {
  const fields: Record<string, readonly string[]> = {}
  for (const [name, value] of Object.entries(content).slice(0, MAX_FIELDS)) {
    put(fields, name, valuesIn(leavesOf(value), MAX_FIELDS, read).map(print))
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
