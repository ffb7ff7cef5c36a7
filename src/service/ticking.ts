/** Calls `tick` every `ms`, never twice at once. `stop` resolves when the last one ended. */
export function startTicking(tick: () => Promise<void>, ms: number): { stop(): Promise<void> } {
  let atWork: Promise<void> | null = null
  const timer = setInterval(() => {
    atWork ??= tick().finally(() => {
      atWork = null
    })
  }, ms)
  return {
    async stop() {
      clearInterval(timer)
      await atWork
    },
  }
}
