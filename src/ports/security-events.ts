import type { Order } from './containment-store.ts'
import type { Carried, Delivery, Outcome } from './delivery.ts'

/** A security event: the claims that a SET (RFC 8417) of it carries beside who issues it, for whom, and when. */
export interface SecurityEvent {
  /** The same each time it is sent. */
  readonly jti: string
  readonly tenant: string
  /** RFC 9493. */
  readonly subject: Readonly<Record<string, unknown>>
  /** The event type's URI. */
  readonly type: string
  readonly claims: Readonly<Record<string, unknown>>
}

/** Who enforces what a responder orders, and hears of it by signed security events. */
export interface EventReceiver {
  readonly name: string
  /** Whether events of a tenant are for it. */
  hears(tenant: string): boolean
  /** Signs and sends one event, once. Never rejects: `retry` when nobody knows whether it was taken. */
  push(event: SecurityEvent, signal: AbortSignal): Promise<Outcome>
  close(): Promise<void>
}

/** A push with its event. */
export interface EventParcel extends Carried {
  readonly event: SecurityEvent
}

const OF_RECEIVERS = 'ssf/'

/** A receiver as the outbox names it, among the destinations of alerts: no name of one of these has a slash. */
export const receiverDestination = (name: string): string => `${OF_RECEIVERS}${name}`

/** The name of a receiver behind `receiverDestination`; null for a destination of alerts. */
export const receiverOf = (destination: string): string | null =>
  destination.startsWith(OF_RECEIVERS) ? destination.slice(OF_RECEIVERS.length) : null

/** Tells receivers of what a responder ordered. */
export interface SecurityEvents {
  /** Who would hear of the events of a tenant, by name. */
  hearers(tenant: string): readonly string[]
  /**
   * Puts the events of an order into the outbox and sends them at once, in order, to each who hears of them. Gives each push
   * as it stands then; those that wait are sent again by a courier. Throws what the outbox throws while nothing is sent.
   */
  push(order: Order): Promise<readonly Delivery[]>
}
