import type { TrackKind } from '../core/index.ts'

/** What a track is the fold of. */
export interface TrackId {
  readonly kind: TrackKind
  readonly tenant: string
  /** Workflow id, credential id, grant id or agent id. */
  readonly subject: string
}

/** `chain/<tenant>/<workflow id>`. A tenant never holds a slash that matters: it is the part between the first two. */
export const trackKey = ({ kind, tenant, subject }: TrackId): string =>
  `${kind}/${encodeURIComponent(tenant)}/${subject}`

/** The reverse of `trackKey`; null for a text that is not one. */
export function readTrackKey(key: string): TrackId | null {
  const match = /^(chain|credential|grant|agent)\/([^/]*)\/(.*)$/s.exec(key)
  if (match === null) return null
  const [, kind, tenant, subject] = match
  return { kind: kind as TrackKind, tenant: decodeURIComponent(tenant ?? ''), subject: subject ?? '' }
}
