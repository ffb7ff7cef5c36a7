/** A moment: whole milliseconds since the epoch, and the nanoseconds below (0 to 999,999). */
export interface Moment {
  readonly at: number
  readonly ns: number
}

const RFC3339 = /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:[Zz]|([+-])(\d\d):(\d\d))$/
const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
const MINUTE = 60_000
/** The Gregorian calendar repeats after it; `Date.UTC` misreads the years 0 to 99, and reads them right 400 later. */
const FOUR_CENTURIES = 146_097 * 86_400_000

/** The years an event may happen in: what a store of nanoseconds in 64 bits can hold. */
export const FIRST_YEAR = 1970
export const LAST_YEAR = 2261
const FIRST_MOMENT = Date.UTC(FIRST_YEAR, 0)
const END = Date.UTC(LAST_YEAR + 1, 0)

/**
 * Reads RFC 3339 text with an offset and up to nine digits of a second; null when it is no time. A leap second
 * (`23:59:60` UTC) is the first second of the next minute; `24:00` is no time.
 */
export function parseTime(text: string): Moment | null {
  return parseUsual(text) ?? parseAny(text)
}

/**
 * The form nearly all producers write, `2026-11-20T09:00:00Z` or with `.123`, on a day that every month has: read by its
 * digits, several times as fast as by the pattern. Null for any other.
 */
function parseUsual(text: string): Moment | null {
  const isShort = text.length === 20
  if (!isShort && (text.length !== 24 || text[19] !== '.')) return null
  if (text[4] !== '-' || text[7] !== '-' || text[10] !== 'T' || text[13] !== ':' || text[16] !== ':') return null
  const year = digitAt(text, 0) * 1000 + digitAt(text, 1) * 100 + twoDigits(text, 2)
  const month = twoDigits(text, 5)
  const day = twoDigits(text, 8)
  const hour = twoDigits(text, 11)
  const minute = twoDigits(text, 14)
  const second = twoDigits(text, 17)
  const ms = isShort ? 0 : digitAt(text, 20) * 100 + twoDigits(text, 21)
  if (!(year >= FIRST_YEAR && month >= 1 && month <= 12 && day >= 1 && day <= 28)) return null
  if (!(hour <= 23 && minute <= 59 && second <= 59 && ms >= 0) || text[text.length - 1] !== 'Z') return null
  return { at: Date.UTC(year, month - 1, day, hour, minute, second, ms), ns: 0 }
}

/** NaN where there is no digit, and so is every sum it is in; NaN fails every comparison. */
function digitAt(text: string, at: number): number {
  const digit = text.charCodeAt(at) - 0x30
  return digit >= 0 && digit <= 9 ? digit : Number.NaN
}

const twoDigits = (text: string, at: number): number => digitAt(text, at) * 10 + digitAt(text, at + 1)

function parseAny(text: string): Moment | null {
  const found = RFC3339.exec(text)
  if (found === null) return null
  const year = Number(found[1])
  const month = Number(found[2])
  const day = Number(found[3])
  const hour = Number(found[4])
  const minute = Number(found[5])
  const second = Number(found[6])
  if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month) || hour > 23 || minute > 59 || second > 60) {
    return null
  }
  const offset = offsetOf(found[8], Number(found[9] ?? 0), Number(found[10] ?? 0))
  if (offset === null) return null
  const minutes = Date.UTC(year + 400, month - 1, day, hour, minute) - FOUR_CENTURIES - offset * MINUTE
  if (second === 60 && !isLastOfDay(minutes)) return null
  const at = minutes + second * 1000
  if (found[7] === undefined) return { at, ns: 0 }
  const fraction = found[7].padEnd(9, '0')
  return { at: at + Number(fraction.slice(0, 3)), ns: Number(fraction.slice(3)) }
}

/** Whether `time` of an event may be this moment: its year is one that can be stored. */
export function isStorable(moment: Moment): boolean {
  return moment.at >= FIRST_MOMENT && moment.at < END
}

const isLeap = (year: number): boolean => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0

const daysIn = (year: number, month: number): number => (month === 2 && isLeap(year) ? 29 : (DAYS[month - 1] ?? 0))

function offsetOf(sign: string | undefined, hours: number, minutes: number): number | null {
  if (hours > 23 || minutes > 59) return null
  return (sign === '-' ? -1 : 1) * (hours * 60 + minutes)
}

const isLastOfDay = (at: number): boolean => ((at % 86_400_000) + 86_400_000) % 86_400_000 === 86_340_000
