import { z } from 'zod'

/** What a list or a thing of the API may be asked by. */
export type Query = z.ZodObject

/** One parameter of a query, as somebody writes it. */
export interface QueryField {
  readonly name: string
  /** `time`: RFC 3339. */
  readonly kind: 'text' | 'number' | 'time' | 'word'
  /** Of a word: those there are. */
  readonly words: readonly string[]
  readonly about: string
}

interface Property {
  readonly type?: string
  readonly format?: string
  readonly description?: string
  readonly enum?: readonly string[]
}

/** How much of a list is read, and from where: no filters. */
const PAGING: ReadonlySet<string> = new Set(['limit', 'cursor'])

/** The parameters of a query but for its paging, so that whoever asks over the API can offer each of them. */
export const queryFields = (query: Query): readonly QueryField[] =>
  Object.entries((z.toJSONSchema(query, { io: 'input' }).properties ?? {}) as Readonly<Record<string, Property>>)
    .filter(([name]) => !PAGING.has(name))
    .map(([name, { type, format, description = '', enum: words = [] }]) => ({
      name,
      kind: format === 'date-time' ? 'time' : words.length > 0 ? 'word' : type === 'number' ? 'number' : 'text',
      words,
      about: description,
    }))

/** Whether a query is of a list, which comes page by page. */
export const isPaged = (query: Query): boolean => 'cursor' in query.shape
