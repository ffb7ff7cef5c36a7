/** The outside of a command: where it prints and what it may ask. Tests pass their own. */
export interface Io {
  readonly stdout: {
    write(text: string): unknown
    readonly isTTY?: boolean | undefined
    readonly columns?: number | undefined
  }
  readonly stderr: { write(text: string): unknown; readonly isTTY?: boolean | undefined }
  readonly env: Readonly<Record<string, string | undefined>>
  /** Stops a command that runs until it is told to; else the signals of the process do. */
  readonly stop?: AbortSignal | undefined
}

/** What the exit code says; fixed, and the same for every command. */
export const EXIT = { done: 0, found: 1, usage: 2, away: 3, bug: 70 } as const

/** A command's way to say how it ended. */
export type Exit = (code: number) => void

/** The part of every help text that tells the exit codes. */
export const EXIT_HELP = `
Exit codes
  0   done
  1   done, and what --fail-on or a test asked for was met
  2   usage, configuration, or a file that cannot be read
  3   a dependency is away: the store, or the folder another process holds
  70  a bug`

export { printable } from '../core/index.ts'
