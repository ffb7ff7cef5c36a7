import { SingleBar } from 'cli-progress'
import type { Io } from './io.ts'

export interface Progress {
  /** Bytes read, bytes in all (null when nobody knows), events so far. */
  update(read: number, total: number | null, events: number): void
  stop(): void
}

/** A bar with rate and time left on a terminal; nothing where standard error is none. */
export function progressBar({ stderr }: Io, doing: string): Progress {
  if (stderr.isTTY !== true) return { update: () => undefined, stop: () => undefined }
  const bar = new SingleBar({
    format: `${doing} {bar} {percentage}% | {events} events | {rate} events/s | {eta_formatted} left`,
    clearOnComplete: true,
    hideCursor: true,
    stream: process.stderr,
  })
  const began = performance.now()
  let isRunning = false
  return {
    update(read, total, events) {
      if (total === null) return
      if (!isRunning) bar.start(total, 0, { events: 0, rate: 0 })
      isRunning = true
      bar.update(read, { events, rate: Math.round((events * 1_000) / Math.max(1, performance.now() - began)) })
    },
    stop: () => bar.stop(),
  }
}
