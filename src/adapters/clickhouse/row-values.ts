import type { Millis } from '../../core/index.ts'

/** What DateTime64(3) can hold. Outside of it (a credential that expires in 9999) the column says the nearest. */
const EARLIEST = Date.UTC(1900, 0)
const LATEST = Date.UTC(2299, 11, 31, 23, 59, 59, 999)

/** An instant for a DateTime64(3) column; what is none becomes the epoch. */
export function timeValue(at: Millis): string {
  const within = Number.isFinite(at) ? Math.min(LATEST, Math.max(EARLIEST, at)) : 0
  const iso = new Date(within).toISOString()
  return `${iso.slice(0, 10)} ${iso.slice(11, -1)}`
}

export const timeValueOrNull = (at: Millis | null): string | null => (at === null ? null : timeValue(at))

/** An event's time for a DateTime64(9) column. */
export const nanoTimeValue = ({ at, ns }: { readonly at: Millis; readonly ns: number }): string =>
  ns === 0 ? `${timeValue(at)}000000` : `${timeValue(at)}${String(ns).padStart(6, '0')}`

/** A bound of a time, for `fromUnixTimestamp64Milli`. Times are whole, so rounding up changes neither `>=` nor `<`. */
export const boundValue = (at: Millis): string =>
  String(Math.ceil(Math.min(LATEST, Math.max(EARLIEST, Number.isNaN(at) ? 0 : at))))
