/**
 * One permission in the manner of RFC 9396 (`authorization_details`): its type and the common fields of section 2.2. It is
 * the product of its lists: every action at every location on every kind of data. What is left out, or empty, is not limited.
 */
export interface AuthorizationDetail {
  readonly type: string
  readonly locations?: readonly string[] | undefined
  readonly actions?: readonly string[] | undefined
  readonly datatypes?: readonly string[] | undefined
  readonly identifier?: string | undefined
  readonly privileges?: readonly string[] | undefined
}

/** How far a word for access reaches: 1 looks, 2 changes, 3 is master of it. */
const LEVELS: Readonly<Record<string, number>> = {
  readonly: 1,
  read: 1,
  view: 1,
  list: 1,
  get: 1,
  write: 2,
  readwrite: 2,
  edit: 2,
  modify: 2,
  manage: 3,
  admin: 3,
  full: 3,
  owner: 3,
}

/** The level of a word for access such as `read` or `admin`; null for any other word. */
export const accessLevelOf = (word: string): number | null =>
  Object.hasOwn(LEVELS, word) ? (LEVELS[word] ?? null) : null

type Field = Exclude<keyof AuthorizationDetail, 'type'>
type Covers = (granted: string, wanted: string) => boolean

const FIELDS: readonly (readonly [field: Field, covers: Covers])[] = [
  ['locations', (granted, wanted) => below(granted, wanted, '/')],
  ['actions', accessCovers],
  ['datatypes', (granted, wanted) => below(granted, wanted, '/.:')],
  ['identifier', (granted, wanted) => below(granted, wanted, '/')],
  ['privileges', accessCovers],
]

/** Elements of a product that are looked at one by one; a larger one has to be held by one permission as a whole. */
const MAX_PRODUCT = 256

/**
 * Whether permissions hold all of another one. Each combination of its lists may be held by another of them. Reflexive
 * and transitive; `x/*` and `x` hold what is below `x`, `*` all, and `admin` ⊃ `write` ⊃ `read`.
 */
export const detailsCover = (granted: readonly AuthorizationDetail[], wanted: AuthorizationDetail): boolean =>
  holdsAll(granted, wanted, false)

/** Whether permissions allow a use. What the use does not say of itself goes past nothing. */
export const detailsAllow = (granted: readonly AuthorizationDetail[], use: AuthorizationDetail): boolean =>
  holdsAll(granted, use, true)

/** What of `wanted` is held: whole permissions only. */
export const detailsWithin = (
  granted: readonly AuthorizationDetail[],
  wanted: readonly AuthorizationDetail[],
): readonly AuthorizationDetail[] => wanted.filter((one) => detailsCover(granted, one))

/** How a person would write it: `payment_initiation actions=initiate,status locations=https://bank.example`. */
export const labelOfDetail = (detail: AuthorizationDetail): string =>
  [
    detail.type,
    ...FIELDS.flatMap(([field]) => {
      const list = listOf(detail, field)
      return list === null ? [] : [`${field}=${[...list].sort().join(',')}`]
    }),
  ].join(' ')

/** The same as JSON in one spelling, whatever the order it was written in. `detailOf` reads it back. */
export function textOfDetail(detail: AuthorizationDetail): string {
  const fields = FIELDS.flatMap(([field]) => {
    const list = listOf(detail, field)
    if (list === null) return []
    return [[field, field === 'identifier' ? list[0] : [...new Set(list)].sort()]]
  })
  return JSON.stringify({ type: detail.type, ...Object.fromEntries(fields) })
}

/** A permission from the text that `textOfDetail` wrote; null for any other text, such as a scope. */
export function detailOf(text: string): AuthorizationDetail | null {
  if (!text.startsWith('{"type":')) return null
  try {
    const detail = JSON.parse(text) as AuthorizationDetail
    return textOfDetail(detail) === text ? detail : null
  } catch {
    return null
  }
}

/** A scope as it is, a permission as a person would write it. `name`: a scope, or the text of a permission. */
export function labelOfName(name: string): string {
  const detail = detailOf(name)
  return detail === null ? name : labelOfDetail(detail)
}

/** Whether a permission says of itself that it lets its holder look and nothing else. */
export function isReadOnlyDetail(detail: AuthorizationDetail): boolean {
  const words = [...(listOf(detail, 'actions') ?? []), ...(listOf(detail, 'privileges') ?? [])]
  return words.length > 0 && words.every((word) => accessLevelOf(word.toLowerCase()) === 1)
}

function holdsAll(granted: readonly AuthorizationDetail[], wanted: AuthorizationDetail, isUse: boolean): boolean {
  const alike = granted.filter(({ type }) => type === wanted.type || type === '*')
  if (alike.some((one) => holds(one, wanted, isUse))) return true
  if (alike.length < 2) return false
  const parts = productOf(wanted)
  return parts?.every((part) => alike.some((one) => holds(one, part, isUse))) === true
}

function holds(granted: AuthorizationDetail, wanted: AuthorizationDetail, isUse: boolean): boolean {
  return FIELDS.every(([field, covers]) => {
    const have = listOf(granted, field)
    if (have === null) return true
    const want = listOf(wanted, field)
    return want === null ? isUse : want.every((one) => have.some((held) => covers(held, one)))
  })
}

/** Each combination of one element a list; null for too many. */
function productOf(detail: AuthorizationDetail): readonly AuthorizationDetail[] | null {
  let parts: readonly AuthorizationDetail[] = [detail]
  for (const [field] of FIELDS) {
    const list = listOf(detail, field)
    if (list === null || field === 'identifier') continue
    if (parts.length * list.length > MAX_PRODUCT) return null
    parts = parts.flatMap((part) => list.map((one) => ({ ...part, [field]: [one] })))
  }
  return parts
}

function listOf(detail: AuthorizationDetail, field: Field): readonly string[] | null {
  const value = detail[field]
  if (value === undefined || value.length === 0) return null
  return typeof value === 'string' ? [value] : value
}

function accessCovers(granted: string, wanted: string): boolean {
  const have = accessLevelOf(granted.toLowerCase())
  if (have === null) return below(granted, wanted, '/.:')
  return have >= (accessLevelOf(wanted.toLowerCase()) ?? Number.POSITIVE_INFINITY)
}

/** Whether a name is another one, or lies below it. `..` leads anywhere, and so lies below nothing but `*`. */
function below(granted: string, wanted: string, separators: string): boolean {
  if (granted === wanted || granted === '*') return true
  if (/(?:^|\/)\.\.?(?:\/|$)/.test(wanted)) return false
  const isPattern = granted.endsWith('*') && separators.includes(granted.at(-2) ?? ' ')
  const stem = isPattern ? granted.slice(0, -2) : trimmed(granted)
  if (trimmed(wanted) === stem) return !isPattern
  return wanted.startsWith(stem) && wanted.length > stem.length + 1 && separators.includes(wanted.charAt(stem.length))
}

/** Without the slash at the end, which says nothing. */
const trimmed = (name: string): string => (name.length > 1 && name.endsWith('/') ? name.slice(0, -1) : name)
