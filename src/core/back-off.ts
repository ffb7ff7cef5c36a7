/**
 * How long to wait before the next attempt, in milliseconds: twice as long after each failure up to `mostMs`, with jitter, so
 * that many who failed at once do not come back at once. `failures` counts from 1; `random` is in [0, 1).
 */
export const backOff = (
  { firstMs, mostMs }: { readonly firstMs: number; readonly mostMs: number },
  failures: number,
  random: number,
): number => Math.min(mostMs, firstMs * 2 ** (failures - 1)) * (0.5 + random / 2)
