import type { Alert, Severity } from '../core/index.ts'

/** Which alerts a destination hears of; what is left out narrows nothing. Lists name any of. */
export interface AlertFilter {
  readonly minSeverity?: Severity | undefined
  readonly minScore?: number | undefined
  /** One at least of the alert's detectors. */
  readonly detectors?: readonly string[] | undefined
  readonly tenants?: readonly string[] | undefined
  readonly agents?: readonly string[] | undefined
  readonly status?: readonly Alert['status'][] | undefined
}

/**
 * `pending`: to be sent. `delivered`: the receiver has it. `dead`: given up, and kept for who mends it. `left`: its alert was
 * never for this destination. `silenced`: not sent while a silence matches its alert.
 */
export type DeliveryState = 'pending' | 'delivered' | 'dead' | 'left' | 'silenced'

/**
 * That one revision of an alert goes to one destination. Its identity: (destination, tenant, alert id, revision). What receivers
 * of security events are sent goes the same way: the alert is then the order, the revision the number of its step.
 */
export interface Delivery {
  readonly destination: string
  readonly tenant: string
  readonly alertId: string
  readonly revision: number
  /** The chain of the alert: what is sent in order. */
  readonly workflowId: string
  /** Of the commit that told it; the order in which deliveries are sent. */
  readonly sequence: number
  readonly state: DeliveryState
  /** The filter does not ask for this revision: it is sent only where the receiver heard of an earlier one. */
  readonly onlyIfTold: boolean
  /** Since when it waits, in milliseconds since the epoch: the time limit runs from here. */
  readonly queuedAt: number
  readonly attempts: number
  /** Why the last attempt failed; null before any did. */
  readonly error: string | null
  /** Milliseconds since the epoch; 0 as the commit wrote it. A row with a later one replaces it. */
  readonly changedAt: number
}

/** Whatever is sent, it is sent for a delivery. */
export interface Carried {
  readonly delivery: Delivery
}

/** A delivery with what is to be sent. */
export interface Parcel extends Carried {
  readonly alert: Alert
  /** The status that the revision before this one had; null for a first revision. */
  readonly previousStatus: Alert['status'] | null
}

/** The same for every attempt at one revision, and for no other: how a receiver tells what it has. */
export const idempotencyKey = ({ id, revision }: Pick<Alert, 'id' | 'revision'>): string => `${id}-${revision}`

/** What became of one parcel. */
export type Outcome =
  | { readonly what: 'delivered' }
  /** Nothing is wrong with the parcel. `afterMs`: how long the receiver asks to be left alone. */
  | { readonly what: 'retry'; readonly why: string; readonly afterMs?: number }
  /** The receiver does not take this parcel, today or tomorrow. */
  | { readonly what: 'refused'; readonly why: string }

export const DELIVERED: Outcome = { what: 'delivered' }

/** One receiver: of alerts, where nothing else is said. */
export interface Destination<What extends Carried = Parcel> {
  /**
   * Sends parcels, no two of one chain, and gives an outcome for each, in their order. Never rejects for what the receiver
   * or the network does. May send what the receiver has already: under the same idempotency key.
   */
  send(parcels: readonly What[], signal: AbortSignal): Promise<readonly Outcome[]>
  close(): Promise<void>
}

/** How many deliveries of a destination stand how. */
export interface Standing {
  readonly destination: string
  readonly pending: number
  readonly delivered: number
  readonly dead: number
  readonly silenced: number
  /** Since when the oldest pending one waits; null for none. */
  readonly oldestAt: number | null
  /** Of the pending and dead one that failed last; null for none. */
  readonly lastError: string | null
}

/** Where a page of deliveries goes on: after this one. */
export type After = Pick<Delivery, 'sequence' | 'tenant' | 'alertId' | 'revision'>

export interface DeliveryQuery {
  readonly destination: string
  readonly state: 'pending' | 'dead' | 'silenced'
  readonly limit: number
  readonly after?: After | undefined
}

/**
 * The outbox: deliveries as they stand. They are written first with the commit that tells their alerts, and before these: one
 * whose alert is not stored is not sent. All throw what `ChainStore.save` would when the store is away.
 */
export interface Outbox<What extends Carried = Parcel> {
  /** By sequence, tenant, alert id and revision. */
  deliveries(query: DeliveryQuery): Promise<readonly Delivery[]>
  /**
   * What is to be sent for each, in their order. `unstored`: the alert is not there. `untold`: it is to be sent only if an earlier
   * revision was, and none was.
   */
  parcels(deliveries: readonly Delivery[]): Promise<readonly (What | 'unstored' | 'untold')[]>
  /** All deliveries of some alerts or orders of a tenant, to whatever destination; in no order that matters. */
  deliveriesOf(tenant: string, alertIds: readonly string[]): Promise<readonly Delivery[]>
  /** What became of deliveries. Resolved: every later read sees it. */
  record(deliveries: readonly Delivery[]): Promise<void>
  /** Of every destination that has or had a delivery, by name. */
  standing(): Promise<readonly Standing[]>
}
