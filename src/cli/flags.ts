import { InvalidArgumentError } from 'commander'
import { CatenaryError } from '../core/index.ts'

/** A flag that is a whole number of at least `min`. */
export const wholeNumber =
  (min: number, max = Number.MAX_SAFE_INTEGER) =>
  (text: string): number => {
    const value = /^[0-9]{1,15}$/.test(text) ? Number(text) : Number.NaN
    if (value >= min && value <= max) return value
    throw new InvalidArgumentError(
      max === Number.MAX_SAFE_INTEGER
        ? `It must be a whole number of at least ${min}.`
        : `It must be a whole number from ${min} to ${max}.`,
    )
  }

/** A flag that is a share, from 0 to 1. */
export function share(text: string): number {
  const value = /^[0-9]*\.?[0-9]+$/.test(text) ? Number(text) : Number.NaN
  if (value >= 0 && value <= 1) return value
  throw new InvalidArgumentError('It must be a share from 0 to 1, like 0.05.')
}

/** A flag that is a time (RFC 3339), in milliseconds since the epoch. */
export function timeOf(text: string): number {
  const time = Date.parse(text)
  if (Number.isNaN(time)) throw new InvalidArgumentError('It must be a time like 2026-11-20T00:00:00Z.')
  return time
}

/** The same of a flag that is read later on. Throws `CAT_USAGE` with the flag's name. */
export function instantOf(flag: string, text: string): number {
  const time = Date.parse(text)
  if (Number.isNaN(time))
    throw new CatenaryError('CAT_USAGE', `${flag} ${text} is no time; write it like 2026-11-20T09:00:00Z`)
  return time
}

/** A flag that may be given more than once. */
export const repeated = (text: string, before: readonly string[]): readonly string[] => [...before, text]

/** Waits until a file that a flag names is written. Throws `CAT_USAGE` when it cannot be. */
export async function written(path: string, writing: Promise<void>): Promise<void> {
  await writing.catch((cause: unknown) => {
    const { code } = cause as NodeJS.ErrnoException
    const why = code === undefined ? '' : ` (${code})`
    throw new CatenaryError('CAT_USAGE', `${path} cannot be written${why}; give a file in a folder that is there`, {
      cause,
    })
  })
}
