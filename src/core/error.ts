/** Every way this program can fail on purpose. The doc test keeps docs/errors.md in step with this list. */
export const ERROR_CODES = [
  'CAT_USAGE',
  'CAT_CONFIG',
  'CAT_INPUT',
  'CAT_SOURCE_UNAVAILABLE',
  'CAT_STORE_UNAVAILABLE',
  'CAT_STORE_REJECTED',
  'CAT_FENCED',
  'CAT_BUG',
] as const

export type ErrorCode = (typeof ERROR_CODES)[number]

/** A failure with a code, so that the caller can tell whose move it is. The message says how to mend it. */
export class CatenaryError extends Error {
  override readonly name = 'CatenaryError'
  readonly code: ErrorCode
  /** Unless someone knows better, doing it again is no help. */
  readonly retry: 'never' | 'later'
  readonly details: Readonly<Record<string, unknown>>

  constructor(
    code: ErrorCode,
    message: string,
    rest: { cause?: unknown; retry?: 'later'; details?: Record<string, unknown> } = {},
  ) {
    super(message, { cause: rest.cause })
    this.code = code
    this.retry = rest.retry ?? 'never'
    this.details = rest.details ?? {}
  }
}
