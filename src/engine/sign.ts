import { createHash } from 'node:crypto'
import type { AnyDetector, Finding, Grade, Millis, Sighting, TrackId } from '../core/index.ts'

const CERTAINTY: Readonly<Record<Grade, number>> = { reported: 1, derived: 0.95, inferred: 0.7 }

/** A short id made of parts: equal parts, equal id. */
export const idOf = (...parts: readonly (string | number)[]): string =>
  createHash('sha256').update(parts.join('\u0000')).digest('hex').slice(0, 32)

/**
 * Turns a sighting into a finding: provenance, an id that equal events repeat, and a confidence no higher than its
 * weakest needed edge allows.
 */
export function sign(sighting: Sighting, detector: AnyDetector, track: TrackId, trackKey: string, at: Millis): Finding {
  const needed = sighting.evidence.filter(({ context }) => context !== true)
  const weakest = Math.min(1, ...needed.map(({ grade }) => CERTAINTY[grade]))
  const home = needed.at(-1) ?? sighting.evidence.at(-1)
  return {
    ...sighting,
    confidence: Math.round(Math.min(sighting.confidence, weakest) * 100) / 100,
    id: idOf('finding', detector.id, detector.version, trackKey, sighting.key),
    detector: detector.id,
    version: detector.version,
    tenant: track.tenant,
    track: trackKey,
    workflowId: track.kind === 'chain' ? track.subject : (home?.workflowId ?? `~${track.kind}/${track.subject}`),
    at,
  }
}
