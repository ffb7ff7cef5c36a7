import { type Alert, type AlertMatch, type Silence, saysAll, silenceState } from '../core/index.ts'
import { type ChainReader, pagesOf, type SilenceStore, type Silencing } from '../ports/index.ts'

/** How long another process's silence may take to be known here. */
export const SILENCES_MS = 5_000
const PAGE = 500

export interface SilencingParts {
  readonly store: Pick<SilenceStore, 'silences'> & Pick<ChainReader, 'alerts'>
  /** Milliseconds since the epoch. */
  readonly clock: () => number
}

/** The silences of the store, held for some seconds at a time. All throw what the store throws. */
export function createSilencing({ store, clock }: SilencingParts): Silencing {
  let held: { readonly silences: readonly Silence[]; readonly at: number } | null = null
  let generation = 0

  async function active(tenant?: string): Promise<readonly Silence[]> {
    if (held === null || Math.abs(clock() - held.at) >= SILENCES_MS) {
      const [at, mine] = [clock(), generation]
      const read = { silences: await inForce(store, at), at }
      // What was asked before a change may be answered after it.
      if (mine !== generation) return active(tenant)
      held = read
    }
    const now = clock()
    return held.silences.filter(
      (one) => silenceState(one, now) === 'active' && (tenant === undefined || one.tenant === tenant),
    )
  }
  return {
    active,
    async of(alerts) {
      const found = new Map<Alert, Silence>()
      if (alerts.length === 0) return found
      for (const silence of await active()) {
        for (const alert of await matched(store, silence, alerts)) {
          const other = found.get(alert)
          if (other === undefined || other.expiresAt < silence.expiresAt) found.set(alert, silence)
        }
      }
      return found
    },
    forget() {
      generation += 1
      held = null
    },
  }
}

async function inForce(store: Pick<SilenceStore, 'silences'>, at: number): Promise<readonly Silence[]> {
  const silences: Silence[] = []
  for await (const { items } of pagesOf((page) => store.silences({ ...page, activeAt: { at, is: true } }), PAGE))
    silences.push(...items)
  return silences
}

/** What an alert says itself is looked at here; of its steps the store is asked, as they stand for its last revision. */
async function matched(
  store: Pick<ChainReader, 'alerts'>,
  { tenant, matches }: Silence,
  alerts: readonly Alert[],
): Promise<readonly Alert[]> {
  const likely = alerts.filter((alert) => alert.tenant === tenant && saysAll(matches, alert))
  if (likely.length === 0 || !asksOfSteps(matches)) return likely
  const { tool, resource } = matches
  const has = new Set<string>()
  for (let i = 0; i < likely.length; i += PAGE) {
    const alertIds = likely.slice(i, i + PAGE).map(({ id }) => id)
    const { items } = await store.alerts({ tenant, alertIds, tool, resource, limit: PAGE })
    for (const { id } of items) has.add(id)
  }
  return likely.filter(({ id }) => has.has(id))
}

const asksOfSteps = ({ tool, resource }: AlertMatch): boolean => tool !== undefined || resource !== undefined
