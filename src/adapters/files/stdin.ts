import { spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { devNull } from 'node:os'
import { PassThrough, type Readable } from 'node:stream'
import { isatty } from 'node:tty'

/** What descriptor 0 was, read by way of a child; null while it is this process that reads it. */
let taken: Readable | null = null

const PASS_ON = 'process.stdin.pipe(process.stdout).on("error", () => process.exit())'

/**
 * Leaves nothing on descriptor 0, which the embedded ClickHouse reads during an INSERT as if it were rows. Where `isRead`, `stdin`
 * gives what comes there all the same. Call it before the engine is opened and before anything reads standard input.
 */
export function guardStdin(isRead: boolean): void {
  if (taken !== null || (!isRead && isatty(0))) return
  if (isRead) {
    const child = spawn(process.execPath, ['-e', PASS_ON], { stdio: ['inherit', 'pipe', 'ignore'] })
    child.unref()
    process.once('exit', () => child.kill())
    // Read from now on: what a child that has ended left unread is let go.
    taken = child.stdout.pipe(new PassThrough())
  }
  closeSync(0)
  // The lowest free descriptor is the one given: 0 again.
  openSync(devNull, 'r')
}

/** Standard input, wherever it is read from by now. */
export const stdin = (): Readable => taken ?? process.stdin
