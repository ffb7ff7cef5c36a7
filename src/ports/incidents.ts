import type { Incident, Severity, TextMatch } from '../core/index.ts'

/** What a list of incidents is narrowed by. Times are of the alerts that make them. */
export interface IncidentQuery {
  readonly tenant?: string | undefined
  readonly since?: number | undefined
  readonly until?: number | undefined
  readonly workflow?: TextMatch | undefined
  readonly agent?: TextMatch | undefined
  readonly credential?: TextMatch | undefined
  readonly detector?: TextMatch | undefined
  readonly minSeverity?: Severity | undefined
  readonly minScore?: number | undefined
}

/** Incidents as they stand now: made when they are asked for, of what is stored. */
export interface Incidents {
  /** Last seen first. `isCut`: there are more alerts in that time than are put together at once; the newest were. */
  list(query: IncidentQuery): Promise<{ readonly items: readonly Incident[]; readonly isCut: boolean }>
  /** By its id, or by an id it had before it became one with an older. Null for none, and for one whose alerts were all retracted. */
  one(tenant: string, id: string): Promise<Incident | null>
}
