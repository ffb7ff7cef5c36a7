import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** What a command said, and how it ended. */
export interface Said {
  readonly code: number
  /** Both streams, as a terminal shows them. */
  readonly out: string
}

/** A shell as somebody has it who follows a page: what a line sets, the next one sees. */
export interface Shell {
  run(command: string): Promise<Said>
  /** Ends the shell with everything that was started in it. */
  stop(): Promise<void>
}

const PATIENCE_MS = 5 * 60_000

/** A bash in a folder, in which `catenary` is the program as it was built last. */
export function startShell(folder: string, env: Readonly<Record<string, string>> = {}): Shell {
  const bin = join(folder, '.bin')
  mkdirSync(bin, { recursive: true })
  writeFileSync(join(bin, 'catenary'), `#!/bin/sh\nexec '${process.execPath}' '${resolve('bin/catenary.js')}' "$@"\n`)
  chmodSync(join(bin, 'catenary'), 0o755)
  // A process group of its own, so that what runs in the background ends with it.
  const child = spawn('bash', ['--norc', '--noprofile'], {
    cwd: folder,
    detached: true,
    env: { PATH: `${bin}:${process.env['PATH']}`, HOME: folder, NO_COLOR: '1', ...env },
  })
  let said = ''
  let heard = (): void => undefined
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text
      heard()
    })
  const ended = once(child, 'close').then(() => heard())
  let count = 0
  return {
    async run(command) {
      count += 1
      const mark = new RegExp(`<<done ${count} (\\d+)>>\\n`)
      said = ''
      child.stdin.write(`{ ${command}\n} 2>&1; printf '<<done ${count} %s>>\\n' $?\n`)
      const end = Date.now() + PATIENCE_MS
      for (let found = mark.exec(said); ; found = mark.exec(said)) {
        if (found !== null) return { code: Number(found[1]), out: said.slice(0, found.index) }
        if (child.exitCode !== null || Date.now() > end) throw new Error(`${command} did not end: ${said}`)
        await new Promise<void>((heardIt) => {
          const late = setTimeout(heardIt, Math.max(1, end - Date.now()))
          heard = () => {
            clearTimeout(late)
            heardIt()
          }
        })
      }
    },
    async stop() {
      if (child.exitCode === null && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
      await ended
    },
  }
}
