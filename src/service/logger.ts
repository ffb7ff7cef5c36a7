import { type DestinationStream, destination, type Logger, pino } from 'pino'
import { CatenaryError } from '../core/index.ts'

/** Where a careless caller may have put a secret; content of events is never handed to the log. */
const SECRETS = ['password', 'key', 'token', 'secret', 'authorization', 'cookie'].flatMap((name) => [
  name,
  `*.${name}`,
  `*.*.${name}`,
])

/** The log: one JSON object a line on standard error, `noun verb-past` messages, secrets replaced. */
export const createLogger = (level: string, to: DestinationStream = destination({ dest: 2, sync: true })): Logger =>
  pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: [...SECRETS, 'req.headers.authorization', 'req.headers.cookie'], censor: '[hidden]' },
      serializers: { err: errorFields },
    },
    to,
  )

/** What of an error is logged: its code, what it says, its cause in a line; the stack of one that is a bug alone. */
function errorFields(error: unknown): object {
  if (!(error instanceof Error)) return { message: String(error) }
  const cause = error.cause instanceof Error ? { cause: (error.cause.message.split('\n')[0] ?? '').slice(0, 300) } : {}
  if (error instanceof CatenaryError && error.code !== 'CAT_BUG')
    return { code: error.code, message: error.message, ...cause }
  return { message: error.message, stack: error.stack, ...cause }
}
