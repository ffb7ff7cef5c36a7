import { CatenaryError } from '../../core/index.ts'

/** A place in a list: what its items are sorted by, in order. `nanos`: an integer of more digits than a number holds. */
export type CursorPart = 'number' | 'text' | 'nanos'

/** An opaque name of a place in the list called `list`. */
export const writeCursor = (list: string, parts: readonly (string | number)[]): string =>
  Buffer.from(JSON.stringify([list, ...parts])).toString('base64url')

/** The reverse of `writeCursor`. Throws `CatenaryError` `CAT_USAGE` for a text that is no cursor of this list. */
export function readCursor(list: string, shape: readonly CursorPart[], cursor: string): readonly (string | number)[] {
  const [name, ...parts] = parse(cursor)
  const fits = name === list && parts.length === shape.length && shape.every((part, i) => isPart(part, parts[i]))
  if (fits) return parts as (string | number)[]
  throw new CatenaryError(
    'CAT_USAGE',
    `The cursor is none of this list. Take it from the \`cursor\` of the page before, unchanged, or leave it out to begin again.`,
  )
}

function parse(cursor: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
    return Array.isArray(value) ? value : []
  } catch {
    return []
  }
}

function isPart(part: CursorPart, value: unknown): boolean {
  if (part === 'number') return Number.isSafeInteger(value)
  return typeof value === 'string' && (part === 'text' || /^-?\d{1,19}$/.test(value))
}
