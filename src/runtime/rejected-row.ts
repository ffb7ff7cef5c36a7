import { idOf } from '../engine/sign.ts'
import type { Arrival, RejectedRow } from '../ports/index.ts'

/** How a refused record is kept. */
export interface RejectedParts {
  /** Milliseconds since the epoch on the arrival clock. */
  readonly clock: () => number
  /** Takes a decoded, refused record; null text where it could not be kept. Secrets are replaced by then. */
  readonly rawOf: (raw: Uint8Array | null) => string | null
}

/** A record that was refused, as it is stored. Equal records refused at one origin for one reason have one id. */
export function rejectedRow(
  { reason, path, message, origin, tenant, raw: bytes }: Extract<Arrival, { ok: false }>,
  { clock, rawOf }: RejectedParts,
): RejectedRow {
  const raw = rawOf(bytes)
  const id = idOf('rejected', origin.file, origin.line, reason, path, raw ?? message)
  return { id, tenant, reason, path, message, origin, at: clock(), raw }
}
