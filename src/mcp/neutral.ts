import { instructionsIn } from '../../schemas/instructions.ts'
import { printable } from '../core/index.ts'

/** How much of untrusted data is handed on. */
export interface Bounds {
  /** Characters of a text. */
  readonly text: number
  /** Entries of a list. */
  readonly list: number
}

/** Untrusted data that nothing in it can speak from. */
export interface Neutral {
  readonly data: unknown
  /** Where texts and lists were cut, as `items.0.evidence (50 of 71)`. */
  readonly shortened: readonly string[]
  /** Where texts are shaped like an instruction to whoever reads them. */
  readonly suspicious: readonly string[]
}

const FENCES: readonly (readonly [pattern: RegExp, by: string])[] = [
  // Tags, and the control tokens of chat templates.
  [/</g, '‹'],
  [/>/g, '›'],
  [/\[(\/?)(inst|sys|system|instructions?|important|user|assistant|tool)\]/gi, '($1$2)'],
  [/`{3,}/g, "'''"],
  [/={3,}|-{3,}|_{3,}|\*{3,}|~{3,}/g, '–'],
  [/#{2,}/g, '#'],
  // A turn of somebody else: at the start, or where a line broke.
  [/(^|\\u000[ad]\s*)(system|assistant|user|human|developer|tool|ai)(\s*):/gi, '$1"$2"$3:'],
]

const MARK = '[untrusted text shaped like an instruction] '

/**
 * A text of an event that can be quoted: control, format and direction characters are visible escapes, what frames a turn, a tag or
 * a block is none any more, and a text that instructs its reader is marked as such.
 */
export function neutralText(text: string): string {
  const quoted = FENCES.reduce((one, [pattern, by]) => one.replace(pattern, by), printable(text))
  return instructionsIn(text) === null ? quoted : `${MARK}${quoted}`
}

/** Every text in a value, names of fields too. `onText` is told of each that is not as it was. */
export function neutral(value: unknown, bounds: Bounds, onText?: (now: string, was: string) => void): Neutral {
  const shortened: string[] = []
  const suspicious: string[] = []
  const textAt = (text: string, at: string): string => {
    const quoted = neutralText(text)
    if (quoted.startsWith(MARK)) suspicious.push(at)
    const isLong = quoted.length > bounds.text
    if (isLong) shortened.push(`${at} (${bounds.text} of ${quoted.length} characters)`)
    const now = isLong ? `${quoted.slice(0, bounds.text)}…` : quoted
    if (now !== text) onText?.(now, text)
    return now
  }
  const listAt = (list: readonly unknown[], at: string): unknown => {
    if (list.length > bounds.list) shortened.push(`${at} (${bounds.list} of ${list.length})`)
    return list.slice(0, bounds.list).map((one, i) => valueAt(one, `${at}.${i}`))
  }
  const valueAt = (one: unknown, at: string): unknown => {
    if (typeof one === 'string') return textAt(one, at)
    if (Array.isArray(one)) return listAt(one, at)
    if (typeof one !== 'object' || one === null) return one
    return Object.fromEntries(
      Object.entries(one).map(([name, within]) => {
        const key = neutralText(name).slice(0, bounds.text)
        return [key, valueAt(within, at === '' ? key : `${at}.${key}`)]
      }),
    )
  }
  return { data: valueAt(value, ''), shortened, suspicious }
}
