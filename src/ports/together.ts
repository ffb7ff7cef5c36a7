interface Waiting<T> {
  readonly item: T
  done(): void
  fail(error: unknown): void
}

/** Writes items. `refuse` lets one of them fail alone; what is thrown befalls all of them. */
export type Write<T> = (items: readonly T[], refuse: (item: T, why: unknown) => void) => Promise<void>

/**
 * Writes one at once, and what comes while it is under way together after it. Each call resolves when its own item is
 * written, and rejects when it was refused or the write that held it failed.
 */
export function together<T>(write: Write<T>): (item: T) => Promise<void> {
  let waiting: Waiting<T>[] = []
  let isBusy = false

  async function work(): Promise<void> {
    isBusy = true
    while (waiting.length > 0) {
      const group = waiting
      waiting = []
      const refused = new Map<T, unknown>()
      try {
        const items = group.map(({ item }) => item)
        await write(items, (item, why) => refused.set(item, why))
        for (const { item, done, fail } of group)
          if (refused.has(item)) fail(refused.get(item))
          else done()
      } catch (error) {
        for (const { item, fail } of group) fail(refused.get(item) ?? error)
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
