import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Io } from './io.ts'

/** What a shell says when there is no such program. */
const NO_PROGRAM = 127

/**
 * Prints a text that may be long: on a terminal through the pager of `PAGER` (`less` when it is not set; an empty one, or
 * `cat`, is none), else at once. `less` is told to end by itself when all fits the screen, unless `LESS` says otherwise.
 */
export async function paged(io: Io, text: string, isWanted = true): Promise<void> {
  const pager = io.env['PAGER'] ?? 'less'
  if (!isWanted || io.stdout.isTTY !== true || pager.trim() === '' || pager.trim() === 'cat') {
    io.stdout.write(text)
    return
  }
  const env = { ...io.env, LESS: io.env['LESS'] ?? 'FRX', LV: io.env['LV'] ?? '-c' }
  const child = spawn('/bin/sh', ['-c', pager], { stdio: ['pipe', 'inherit', 'inherit'], env })
  // Who closes the pager has read enough.
  child.stdin.on('error', () => undefined)
  // Ctrl-C is for the pager: it stops searching, and this program waits for it.
  const ignore = (): void => undefined
  process.on('SIGINT', ignore)
  try {
    const closed = once(child, 'close')
    child.stdin.end(text)
    const [code] = (await closed.catch(() => [NO_PROGRAM])) as [number | null]
    if (code === NO_PROGRAM) io.stdout.write(text)
  } finally {
    process.off('SIGINT', ignore)
  }
}
