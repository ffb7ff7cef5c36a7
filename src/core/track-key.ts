import type { TrackKind } from './detector.ts'

/** What a track is the fold of. */
export interface TrackId {
  readonly kind: TrackKind
  readonly tenant: string
  /** Workflow id, credential id, grant id or agent id. */
  readonly subject: string
}

/** `chain/<tenant>/<workflow id>`, or what else there is one of by tenant. A tenant never holds a slash that matters: it is the part between the first two. */
export const trackKey = ({ kind, tenant, subject }: Omit<TrackId, 'kind'> & { readonly kind: string }): string =>
  `${kind}/${encodeURIComponent(tenant)}/${subject}`

/** The reverse of `trackKey`; null for a text that is not one. */
export function readTrackKey(key: string): TrackId | null {
  const match = /^(chain|credential|grant|agent)\/([^/]*)\/(.*)$/s.exec(key)
  if (match === null) return null
  const [, kind, tenant, subject] = match
  return { kind: kind as TrackKind, tenant: decodeURIComponent(tenant ?? ''), subject: subject ?? '' }
}

/** Reads the key of a track that is known to be one. Throws on any other text. */
export function trackIdOf(key: string): TrackId {
  const id = readTrackKey(key)
  if (id === null) throw new Error(`no track key: ${key}`)
  return id
}
