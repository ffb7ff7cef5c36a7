const WARNING = 'TimeoutNegativeWarning'

let isHushed = false

/**
 * Drops one warning of the runtime and no other. kafkajs 2.2 sets a timer for a time that is long past whenever nothing is throttled
 * (`scheduleCheckPendingRequests`), which fires at once and is meant to; from Node 24 on each process says so once on standard error,
 * among lines that a collector takes for its log.
 */
export function hushPastTimers(): void {
  if (isHushed) return
  isHushed = true
  const emit = process.emitWarning.bind(process) as (...said: unknown[]) => void
  process.emitWarning = (...said: unknown[]): void => {
    if (!said.includes(WARNING)) emit(...said)
  }
}
