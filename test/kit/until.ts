import { setTimeout as delay } from 'node:timers/promises'

/** Asks again and again until something is so; throws when it is not by `withinMs`. Both in milliseconds. */
export async function until(
  isSo: () => boolean | Promise<boolean>,
  { withinMs = 120_000, everyMs = 20 } = {},
): Promise<void> {
  for (const end = Date.now() + withinMs; !(await isSo()); await delay(everyMs))
    if (Date.now() > end) throw new Error('too long')
}
