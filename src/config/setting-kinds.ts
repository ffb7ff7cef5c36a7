import { z } from 'zod'

/** What `catenary config --help` says of a setting beside its default, and how it is shown. */
export interface SettingNote {
  readonly about: string
  /** Never printed or logged. */
  readonly isSecret?: boolean
}

export const notes = z.registry<SettingNote>()

/** A whole number; environment and flags give it as text. */
export const whole = (min: number, max: number) =>
  z.preprocess(
    (value) => (typeof value === 'string' && /^[0-9]{1,15}$/.test(value.trim()) ? Number(value) : value),
    z
      .int({ error: `must be a whole number from ${min} to ${max}` })
      .min(min, { error: `must be at least ${min}` })
      .max(max, { error: `must be at most ${max}` }),
  )

export const flag = () =>
  z.preprocess(
    (value) =>
      typeof value === 'string'
        ? ({ true: true, '1': true, yes: true, false: false, '0': false, no: false }[value.trim().toLowerCase()] ??
          value)
        : value,
    z.boolean({ error: 'must be true or false' }),
  )

export const text = () => z.string({ error: 'must be text' }).min(1, { error: 'must not be empty' })

/** One of a few words. */
export const oneOf = <const T extends readonly [string, ...string[]]>(words: T) =>
  z.enum(words, { error: `must be one of ${words.join(', ')}` })

/** Several of a kind: an array in the file, separated by commas in the environment. */
export const listOf = <T extends z.ZodType>(item: T) =>
  z.preprocess(
    (value) =>
      typeof value === 'string'
        ? value
            .split(',')
            .map((one) => one.trim())
            .filter((one) => one !== '')
        : value,
    z.array(item, { error: 'must be a list; separate what is in it by commas' }),
  )

/** A JSON object; environment gives it as text. */
export const byName = <T extends z.ZodType>(value: T) =>
  z.preprocess(parsed, z.record(z.string().min(1), value, { error: 'must be an object, as {"name": 1}' }))

function parsed(value: unknown): unknown {
  if (typeof value !== 'string') return value
  try {
    return JSON.parse(value)
  } catch {
    return value
  }
}
