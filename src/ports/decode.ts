import type { AgentEvent } from '../core/index.ts'

/** Where a record stood: a file and its line (1-based), a topic partition and offset, a request and its element. */
export interface Origin {
  readonly file: string
  readonly line: number
}

/** Machine-readable reasons for refusal; `docs/events.md` lists them with what to do. */
export const REJECT_REASONS = [
  'not_json',
  'not_utf8',
  'not_an_object',
  'too_large',
  'too_deep',
  'missing_field',
  'wrong_type',
  'bad_value',
  'unknown_kind',
  'bad_time',
  'bad_cloudevent',
  'not_this_format',
  'truncated',
  'foreign_tenant',
  'not_yours',
] as const

export type RejectReason = (typeof REJECT_REASONS)[number]

/** A record that was refused, and why. */
export interface Rejection {
  readonly reason: RejectReason
  /** JSON path of the field at fault, `''` for the whole record. */
  readonly path: string
  /** What is wrong, and how to mend it. Never the content. */
  readonly message: string
}

/** What decoding one event object gives. */
export type Decoded = { readonly ok: true; readonly event: AgentEvent } | ({ readonly ok: false } & Rejection)

/** One decoded event or refusal at its origin. */
export type Arrival =
  | {
      readonly ok: true
      readonly event: AgentEvent
      readonly origin: Origin
      /** The event as it was before the door, content and all; only where a reader was asked for it. */
      readonly wire?: unknown
    }
  | ({
      readonly ok: false
      /** The tenant of records that name none: a refused one is trusted with no other. */
      readonly tenant: string
      readonly origin: Origin
      readonly raw: Uint8Array | null
    } & Rejection)
