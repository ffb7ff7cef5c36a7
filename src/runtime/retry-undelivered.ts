import { type Delivery, idempotencyKey, type Outbox } from '../ports/index.ts'

export interface RetryParts {
  readonly outbox: Outbox
  readonly destination: string
  /** Idempotency keys; null: all that were given up. */
  readonly ids: readonly string[] | null
  /** Milliseconds since the epoch: the time limit runs from here again. */
  readonly now: number
}

const PAGE = 1_000

/**
 * Makes deliveries that were given up wait again, and gives how many. An id that is none of them is passed over. Couriers find
 * them when they read the outbox next.
 */
export async function retryUndelivered({ outbox, destination, ids, now }: RetryParts): Promise<number> {
  const wanted = ids === null ? null : new Set(ids)
  let [retried, after] = [0, undefined as Delivery | undefined]
  for (;;) {
    const page = await outbox.deliveries({ destination, state: 'dead', limit: PAGE, after })
    const again = page.filter(
      ({ alertId: id, revision }) => wanted === null || wanted.has(idempotencyKey({ id, revision })),
    )
    await outbox.record(
      again.map((row) => ({
        ...row,
        state: 'pending',
        queuedAt: now,
        attempts: 0,
        changedAt: Math.max(now, row.changedAt + 1),
      })),
    )
    retried += again.length
    after = page.at(-1)
    if (page.length < PAGE) return retried
  }
}
