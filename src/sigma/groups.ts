import type { Evidence, Millis } from '../core/index.ts'

/** Groups of one correlation that are held at a time, in one chain or thread. */
export const MAX_GROUPS = 32
/** Matches of all its groups, by time alone; and those of them that can still be cited. About 45 kB in all. */
export const MAX_MATCHES = 512
export const MAX_CITED = 48
/** Steps that one sighting cites. */
export const MAX_EVIDENCE = 12
/** The largest number that a condition may name. */
export const MAX_COUNT = 256

export interface Match {
  readonly at: Millis
  /** What it counts as: matches of equal value are one. Empty where each counts. */
  readonly value: string
  /** Null once it is too old to be cited. */
  readonly cited: Evidence | null
}

/** The first rules of an ordered correlation, seen in order: since when, and where. */
export interface Prefix {
  readonly since: Millis
  readonly cited: readonly Evidence[]
}

export interface Group {
  /** A short name of the values it is grouped by. */
  readonly key: string
  /** The values, for people. */
  readonly label: string
  readonly matches: readonly Match[]
  /** Of ordered correlations: by how many rules it is long. */
  readonly prefixes: readonly (Prefix | null)[]
  /** The event with which the condition began to hold; null while it does not. */
  readonly since: string | null
  /** When the first match came, where the count is judged when the time is over; else null. */
  readonly openedAt: Millis | null
}

/** The groups of one correlation, the one that was touched last at the end. */
export type Groups = readonly Group[]

export const emptyGroup = (key: string, label: string): Group => ({
  key,
  label,
  matches: [],
  prefixes: [],
  since: null,
  openedAt: null,
})

const citedIn = ({ matches, prefixes }: Group): number =>
  matches.filter(({ cited }) => cited !== null).length +
  prefixes.reduce((sum, prefix) => sum + (prefix?.cited.length ?? 0), 0)

/** A share of the bounds for each of so many correlations of one rule. */
export interface Share {
  readonly parts: number
}

/** Puts a group at the end, and drops from the front what is too much. `dropped` tells how many groups that were. */
export function touched(
  groups: Groups,
  group: Group,
  { parts }: Share,
): { readonly groups: Groups; readonly dropped: number } {
  const next = [...groups.filter(({ key }) => key !== group.key), group]
  let matches = next.reduce((sum, one) => sum + one.matches.length, 0)
  let cited = next.reduce((sum, one) => sum + citedIn(one), 0)
  let dropped = 0
  while (
    next.length > 1 &&
    (next.length > MAX_GROUPS / parts || matches > MAX_MATCHES / parts || cited > MAX_CITED / parts)
  ) {
    const [first] = next.splice(0, 1) as [Group]
    matches -= first.matches.length
    cited -= citedIn(first)
    dropped += 1
  }
  return { groups: next, dropped }
}

/** Matches with one more: of equal value the newer counts, and only the last ones can be cited. */
export function withMatch(matches: readonly Match[], match: Match, most: number): readonly Match[] {
  const others = match.value === '' ? matches : matches.filter(({ value }) => value !== match.value)
  const all = [...others, match].slice(-most)
  const lastUncited = all.length - MAX_EVIDENCE
  return all.map((one, i) => (i < lastUncited && one.cited !== null ? { ...one, cited: null } : one))
}
