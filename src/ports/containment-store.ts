import type { ContainmentAction, TextMatch } from '../core/index.ts'
import type { Page } from './page.ts'
import type { SecurityEvent } from './security-events.ts'

/** One target of an order, as it was ordered. */
export interface OrderedStep extends Pick<ContainmentAction, 'action' | 'target' | 'why'> {
  /** What tells it; null for what only people can do. */
  readonly event: SecurityEvent | null
  /** A use from then on is an alert. */
  readonly isWatched: boolean
}

/** A containment, or a release, that a responder ordered. It never changes; what became of its events is in the outbox. */
export interface Order {
  readonly tenant: string
  readonly id: string
  readonly action: 'contain' | 'release'
  /** Milliseconds since the epoch. */
  readonly at: number
  /** Kind and id of the caller. */
  readonly by: string
  readonly reason: string
  /** The chain that it is kept in. */
  readonly workflowId: string
  /** In the order they are done. */
  readonly steps: readonly OrderedStep[]
}

/** The ids that an order names of one kind of target, each once. */
export const idsNamed = ({ steps }: Order, kind: OrderedStep['target']['kind']): readonly string[] => [
  ...new Set(steps.flatMap(({ target }) => (target.kind === kind ? [target.id] : []))),
]

/** What a list of orders is narrowed by; what is left out narrows nothing. */
export interface OrderQuery {
  readonly tenant?: string | undefined
  /** Bounds of when it was ordered, in milliseconds since the epoch; `until` is exclusive. */
  readonly since?: number | undefined
  readonly until?: number | undefined
  readonly action?: Order['action'] | undefined
  /** That name this agent, credential or grant. */
  readonly agent?: TextMatch | undefined
  readonly credential?: TextMatch | undefined
  readonly grant?: TextMatch | undefined
  readonly limit: number
  /** As in `ListQuery`. */
  readonly cursor?: string | undefined
}

/** Where orders are kept. What resolved, every later read of any process sees. Throws what `ChainStore` throws when the store is away. */
export interface ContainmentStore {
  /** Newest first. */
  orders(query: OrderQuery): Promise<Page<Order>>
  order(tenant: string, id: string): Promise<Order | null>
  saveOrder(order: Order): Promise<void>
}
