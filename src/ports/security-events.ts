import type { Outcome } from './delivery.ts'

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

/** What became of one event at one receiver. */
export interface Pushed {
  readonly receiver: string
  /** Null: it took the event. */
  readonly why: string | null
}

/** Tells receivers of what a responder ordered. */
export interface SecurityEvents {
  /** Who would hear of the events of a tenant, by name. */
  hearers(tenant: string): readonly string[]
  /** Sends events, in order, to each who hears of them. By `jti`, what became of each at each. Never rejects. */
  push(events: readonly SecurityEvent[]): Promise<ReadonlyMap<string, readonly Pushed[]>>
}
