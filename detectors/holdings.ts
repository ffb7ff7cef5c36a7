import type { OauthBody, StepRef } from '../src/core/index.ts'
import { isForAll, reachOf } from './oauth-apps.ts'
import { cutAll, rememberAll } from './reading.ts'
import { anyCovers, isHighRisk } from './scope-order.ts'

export const MAX_TEXT = 96
const MAX_SCOPES = 16
const MAX_GROWN = 6

/** What one holder's grant began with, and what it came to. */
export interface Holding {
  /** The person who consented; empty in the thread of a single grant. */
  readonly who: string
  /** What it began with, and what an admin added since. */
  readonly base: readonly string[]
  readonly current: readonly string[]
  /** Consents that added something, by nobody but users. */
  readonly steps: number
  /** More scopes were given than are kept here: what is beyond is not known. */
  readonly isCut: boolean
  readonly first: StepRef
  readonly grown: readonly StepRef[]
}

/** What a consent added. */
export interface Growth {
  readonly scopes: readonly string[]
  /** It gives power over others' data, identities or settings, and the grant had none such at first. */
  readonly power: boolean
  readonly steps: number
}

interface Grown {
  readonly holding: Holding
  readonly growth: Growth | null
}

const firstOf = (scopes: readonly string[]): readonly string[] => cutAll(scopes.slice(0, MAX_SCOPES), MAX_TEXT)

const addAll = (list: readonly string[], scopes: readonly string[]): readonly string[] =>
  rememberAll(list, cutAll(scopes, MAX_TEXT), MAX_SCOPES)

/** The first that is seen of a holder's grant. */
export function take(who: string, oauth: OauthBody, ref: StepRef): Grown {
  const scopes = oauth.scopes ?? []
  const begun = oauth.previous_scopes ?? scopes
  const base = firstOf(begun)
  const isCut = begun.length > MAX_SCOPES || scopes.length > MAX_SCOPES
  const holding: Holding = { who, base, current: base, steps: 0, isCut, first: ref, grown: [] }
  return oauth.previous_scopes === undefined ? { holding, growth: null } : grow(holding, oauth, ref)
}

/** What a further consent makes of a grant. The same holding when nothing changes. */
export function grow(holding: Holding, oauth: OauthBody, ref: StepRef): Grown {
  const scopes = oauth.scopes ?? []
  const isNew = (scope: string): boolean => !anyCovers(holding.base, scope) && !anyCovers(holding.current, scope)
  const added = scopes.filter(isNew)
  const current = oauth.action === 'scope_change' ? firstOf(scopes) : addAll(holding.current, scopes)
  const isCut = holding.isCut || holding.current.length + added.length > MAX_SCOPES
  if (added.length === 0)
    return { holding: isSame(current, holding.current) ? holding : { ...holding, current, isCut }, growth: null }
  if (isForAll(oauth) || reachOf(added) === 'identity')
    return { holding: { ...holding, base: addAll(holding.base, added), current, isCut }, growth: null }
  const steps = holding.steps + 1
  const grown = [...holding.grown, ref].slice(-MAX_GROWN)
  const power = added.some(isHighRisk) && !holding.base.some(isHighRisk)
  return { holding: { ...holding, current, steps, grown, isCut }, growth: { scopes: added, power, steps } }
}

const isSame = (a: readonly string[], b: readonly string[]): boolean =>
  a === b || (a.length === b.length && a.every((one, i) => one === b[i]))
