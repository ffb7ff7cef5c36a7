import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** The engine locks `status` in its directory with `flock`, and writes its process id there. */
const lockFile = (path: string): string => join(path, 'status')

/** The process that last opened a data directory, while it lives; null for none but this one. */
export async function likelyHolder(path: string): Promise<number | null> {
  const text = await readFile(lockFile(path), 'utf8').catch(() => '')
  const holder = Number(/PID: (\d+)/.exec(text)?.[1] ?? 0)
  return holder > 0 && isAlive(holder) ? holder : null
}

/**
 * The process that is seen to hold a data directory, where the kernel tells (Linux, in `/proc/locks`, of processes in the same
 * PID namespace). Asked before the engine is, which tells of it on standard error in its own words.
 */
export async function provenHolder(path: string): Promise<number | null> {
  const holder = await likelyHolder(path)
  if (holder === null) return null
  const [locks, file] = await Promise.all([
    readFile('/proc/locks', 'utf8').catch(() => ''),
    stat(lockFile(path), { bigint: true }).catch(() => null),
  ])
  const isHeld = locks.split('\n').some((line) => {
    const [, kind, , , pid, place] = line.split(/\s+/)
    return kind === 'FLOCK' && pid === String(holder) && place?.endsWith(`:${file?.ino}`) === true
  })
  return isHeld ? holder : null
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return pid !== process.pid
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
