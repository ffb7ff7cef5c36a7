import type { Alert, AlertMatch, Silence, SilencePreview } from '../core/index.ts'

/** What a silence is to be. */
export interface SilenceWanted extends Pick<Silence, 'tenant' | 'matches' | 'reason' | 'expiresAt'> {
  /** Kind and id of the caller. */
  readonly by: string
}

/** Makes, previews and removes silences. All throw what the store throws. */
export interface Silences {
  /** Throws `CAT_USAGE` for one that is past, lasts too long or matches everything, and when there are too many. */
  create(wanted: SilenceWanted): Promise<Silence>
  /** One that is over stays as it is. Null for one that is not there. */
  remove(tenant: string, id: string, by: string): Promise<Silence | null>
  preview(tenant: string, matches: AlertMatch, days: number): Promise<SilencePreview>
}

/** Which alerts are silenced now. */
export interface Silencing {
  /** Of the silences in force that match an alert, the one that lasts longest. Alerts without one are left out. */
  of(alerts: readonly Alert[]): Promise<ReadonlyMap<Alert, Silence>>
  /** Those in force, of a tenant or of all. */
  active(tenant?: string): Promise<readonly Silence[]>
  /** Reads them anew the next time: one was made or removed here. */
  forget(): void
}
