import { globMatches, type OauthBody } from '../src/core/index.ts'
import data from './data/oauth.json' with { type: 'json' }
import { isHighRisk } from './scope-order.ts'

/** How far scopes reach: nothing but who the user is; data; power over others' data, identities or settings. */
export type Reach = 'identity' | 'data' | 'power'

export function reachOf(scopes: readonly string[]): Reach {
  if (scopes.some(isHighRisk)) return 'power'
  const isIdentity = (scope: string): boolean => data.identity.some((one) => globMatches(one, scope.toLowerCase()))
  return scopes.every(isIdentity) ? 'identity' : 'data'
}

/** Whether somebody said yes to scopes, or to others than before. */
export const isConsent = ({ action }: OauthBody): boolean =>
  action === 'consent' || action === 'grant' || action === 'scope_change'

/** Whether it was said for everybody, by who may: an admin, or a policy. */
export const isForAll = ({ consent_type }: OauthBody): boolean => consent_type === 'admin' || consent_type === 'policy'

/** Whether somebody vouches for the app's publisher; null where nothing says so. */
export const isTrusted = ({ first_party, publisher_verified }: OauthBody): boolean | null =>
  first_party === true ? true : (publisher_verified ?? null)

const OFFLINE: ReadonlySet<string> = new Set(['offline_access', 'refresh_token'])

/** Whether the app goes on working when its user has left. */
export const isOffline = ({ offline, scopes }: OauthBody): boolean =>
  offline === true || scopes?.some((scope) => OFFLINE.has(scope.toLowerCase())) === true

const MAX_NAME = 64
const brands: ReadonlySet<string> = new Set(data.brands)

/** The well-known name that an app's name is written to be read as, though it is not it; null for none. */
export function lookAlike(name: string | undefined): string | null {
  if (name === undefined) return null
  for (const word of wordsOf(name.slice(0, MAX_NAME).normalize('NFKC'))) {
    if (brands.has(word)) continue
    const seen = asSeen(word)
    if (brands.has(seen)) return seen
    for (const brand of brands) if (brand.length >= 6 && isOneOff(word, brand)) return brand
  }
  return null
}

const wordsOf = (name: string): readonly string[] => name.toLowerCase().split(/[^\p{L}\p{N}]+/u)

/** Letters of other alphabets, and figures, by the Latin letter they are taken for. */
const SEEN_AS: Readonly<Record<string, string>> = {
  а: 'a',
  е: 'e',
  о: 'o',
  р: 'p',
  с: 'c',
  х: 'x',
  у: 'y',
  і: 'i',
  ѕ: 's',
  ԁ: 'd',
  ο: 'o',
  α: 'a',
  ι: 'i',
  ν: 'v',
  0: 'o',
  1: 'l',
  3: 'e',
  5: 's',
}

const asSeen = (word: string): string =>
  [...word]
    .map((letter) => SEEN_AS[letter] ?? letter)
    .join('')
    .replaceAll('rn', 'm')
    .replaceAll('vv', 'w')

/** Whether one letter more, one less, one other, or two swapped make the words the same. */
function isOneOff(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 1) return false
  let start = 0
  while (start < a.length && a[start] === b[start]) start += 1
  const [restA, restB] = [a.slice(start), b.slice(start)]
  if (restA.slice(1) === restB.slice(1) || restA.slice(1) === restB || restA === restB.slice(1)) return true
  return restA[0] === restB[1] && restA[1] === restB[0] && restA.slice(2) === restB.slice(2)
}
