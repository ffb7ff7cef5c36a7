import type { Prefix } from '../../core/index.ts'

/** The name that a value is bound under, and whether the value is what texts begin with. */
export interface Bound {
  readonly name: string
  readonly isPrefix: boolean
  readonly scope: Scope
}

/**
 * What a condition looks at beside the row itself. `rough`: rows that were replaced since too, so that an index finds them, and
 * hashes instead of names; it lets through all that `exact` does, and maybe more. `exact`: rows as they stand; `among`, as SQL: the
 * ids in the list at hand that are asked about, of tenants that are bound as `tenants`.
 */
export type Scope = { readonly is: 'rough' } | { readonly is: 'exact'; readonly among?: string }

export const ROUGH: Scope = { is: 'rough' }
export const EXACT: Scope = { is: 'exact' }

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
