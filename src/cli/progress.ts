import { SingleBar } from 'cli-progress'
import type { Io } from './io.ts'

export interface Progress {
  /** Bytes read, bytes in all (null when nobody knows), records so far. */
  update(read: number, total: number | null, events: number): void
  stop(): void
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const

/**
 * A bar with rate and time left on a terminal; nothing where standard error is none. However the command ends, the line is
 * gone then and the terminal is as it was: a bar hides the cursor and switches the wrapping of lines off.
 */
export function progressBar({ stderr }: Io, doing: string): Progress {
  if (stderr.isTTY !== true) return { update: () => undefined, stop: () => undefined }
  const bar = new SingleBar({
    format: `${doing} {bar} {percentage}% | {events} events | {rate} events/s | {eta_formatted} left`,
    clearOnComplete: true,
    hideCursor: true,
    etaBuffer: 100,
    stream: stderr as NodeJS.WriteStream,
  })
  let began: number | null = null
  function stop(): void {
    for (const signal of SIGNALS) process.removeListener(signal, stopBy)
    bar.stop()
  }
  /** Stops, and lets the signal do what it would have done: end the process, unless the command waits for it itself. */
  function stopBy(signal: NodeJS.Signals): void {
    stop()
    if (process.listenerCount(signal) === 0) process.kill(process.pid, signal)
  }
  return {
    update(read, total, events) {
      if (total === null) return
      if (began === null) {
        began = performance.now()
        for (const signal of SIGNALS) process.once(signal, stopBy)
        bar.start(total, 0, { events: 0, rate: 0 })
      }
      const seconds = (performance.now() - began) / 1_000
      // Before the first moment has passed a rate says nothing.
      bar.update(read, { events, rate: seconds < 0.1 ? 0 : Math.round(events / seconds) })
    },
    stop,
  }
}
