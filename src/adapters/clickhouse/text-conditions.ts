import type { Prefix } from '../../core/index.ts'

/** The name that a value is bound under, and whether the value is what texts begin with. */
export interface Bound {
  readonly name: string
  readonly isPrefix: boolean
}

/** A condition on a bound value. */
export type Condition = (bound: Bound) => string

/** A column is the text, or begins with it. */
export const equal =
  (column: string): Condition =>
  ({ name, isPrefix: begins }) =>
    begins ? `startsWith(${column}, {${name}:String})` : `${column} = {${name}:String}`

/** One of a column of texts is it, or begins with it. */
export const among =
  (column: string): Condition =>
  ({ name, isPrefix: begins }) =>
    begins ? `arrayExists(one -> startsWith(one, {${name}:String}), ${column})` : `has(${column}, {${name}:String})`

/** All of them, as one condition. */
export const allOf = (conditions: readonly string[]): string =>
  ['true', ...conditions].map((one) => `(${one})`).join(' AND ')

export const isPrefix = (value: unknown): value is Prefix =>
  typeof value === 'object' && value !== null && 'prefix' in value
