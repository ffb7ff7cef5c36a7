/** Wakes one who waits. */
export interface Bell {
  /** Whoever waits goes on; if nobody does, the next to wait does not. */
  ring(): void
  /** Resolves when it rings, and after `ms` at the latest. */
  wait(ms: number): Promise<void>
}

export function createBell(): Bell {
  let hasRung = false
  let wake: (() => void) | null = null
  return {
    ring() {
      hasRung = true
      wake?.()
    },
    wait(ms) {
      return new Promise((resolve) => {
        const end = (): void => {
          clearTimeout(timer)
          wake = null
          hasRung = false
          resolve()
        }
        const timer = setTimeout(end, ms)
        wake = end
        if (hasRung) end()
      })
    },
  }
}
