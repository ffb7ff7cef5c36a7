/** The list with an item after it. Exactly as long as it must be: a spread literal leaves room for sixteen more items. */
export const appended = <T>(list: readonly T[], item: T): readonly T[] => list.concat([item])
