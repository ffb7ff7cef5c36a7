/** How often each kind of use was seen, so that a habit is known from news. */
export type Habits = Readonly<Record<string, number>>

const MAX_HABITS = 32

/**
 * Counts a use, up to `enough`. At 32 kinds the one seen least gives way, the oldest of several. The same object when the
 * use is a habit already.
 */
export function countUse(habits: Habits, kind: string, enough: number): Habits {
  const count = Object.hasOwn(habits, kind) ? (habits[kind] ?? 0) : 0
  if (count >= enough) return habits
  const entries = Object.entries(habits)
  if (count > 0 || entries.length < MAX_HABITS) return { ...habits, [kind]: count + 1 }
  const least = Math.min(...entries.map(([, times]) => times))
  const gone = entries.findIndex(([, times]) => times === least)
  return { ...Object.fromEntries(entries.toSpliced(gone, 1)), [kind]: 1 }
}

/** What every object has by its nature, such as `constructor`, is no number and so no habit. */
export const isHabit = (habits: Habits, kind: string, enough: number): boolean => (habits[kind] ?? 0) >= enough
