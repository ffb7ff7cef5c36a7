import kafkajs, { type LogEntry, type logCreator } from 'kafkajs'

/** What of a logger the client needs; pino's has it. */
export interface ClientLog {
  warn(fields: object, message: string): void
  debug(fields: object, message: string): void
  trace(fields: object, message: string): void
}

/** Of what kafkajs tells beside its message; the rest may hold bytes of records or of a log-in. */
const FIELDS = [
  'broker',
  'groupId',
  'memberId',
  'topic',
  'partition',
  'error',
  'retryCount',
  'retryTime',
  'size',
] as const

/**
 * kafkajs' log lines through the program's log. It calls an error what it will try again, so that is a warning here; what
 * it gives up is thrown, and told by who catches it.
 */
export function bridgeLog(log: ClientLog): logCreator {
  return () =>
    ({ namespace, level, log: entry }: LogEntry): void => {
      const told: Record<string, unknown> = { part: namespace }
      for (const field of FIELDS) {
        const value: unknown = entry[field]
        if (typeof value === 'string' || typeof value === 'number') told[field] = value
      }
      const { ERROR, WARN, INFO } = kafkajs.logLevel
      if (level === ERROR || level === WARN) log.warn(told, `kafka client: ${entry.message}`)
      else if (level === INFO) log.debug(told, `kafka client: ${entry.message}`)
      else log.trace(told, `kafka client: ${entry.message}`)
    }
}
