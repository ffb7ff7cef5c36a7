interface Waiting<T> {
  readonly item: T
  done(): void
  fail(error: unknown): void
}

/**
 * Writes one at once, and what comes while it is under way together after it. Each call resolves when its own item is
 * written, and rejects when the write that held it failed.
 */
export function together<T>(write: (items: readonly T[]) => Promise<void>): (item: T) => Promise<void> {
  let waiting: Waiting<T>[] = []
  let isBusy = false

  async function work(): Promise<void> {
    isBusy = true
    while (waiting.length > 0) {
      const group = waiting
      waiting = []
      try {
        await write(group.map(({ item }) => item))
        for (const { done } of group) done()
      } catch (error) {
        for (const { fail } of group) fail(error)
      }
    }
    isBusy = false
  }

  return (item) =>
    new Promise((done, fail) => {
      waiting.push({ item, done, fail })
      if (!isBusy) void work()
    })
}
