import { constants } from 'node:os'
import type { Io } from './io.ts'

const SIGNALS = ['SIGINT', 'SIGTERM'] as const

/**
 * Resolves when the command is told to stop: by a signal, or by the one who runs it in this process. A second signal ends
 * the process at once, with the code a shell gives a program that died of it.
 */
export function untilStopped({ stop }: Io): Promise<void> {
  return new Promise((resolve) => {
    if (stop !== undefined) {
      if (stop.aborted) resolve()
      else stop.addEventListener('abort', () => resolve(), { once: true })
      return
    }
    let isStopping = false
    for (const signal of SIGNALS)
      process.on(signal, () => {
        if (isStopping) process.exit(128 + constants.signals[signal])
        isStopping = true
        resolve()
      })
  })
}
