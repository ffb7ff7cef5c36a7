import {
  type Alert,
  type AlertMatch,
  CatenaryError,
  type Severity,
  type Silence,
  type SilencePreview,
  silenceState,
} from '../core/index.ts'
import { type ChainReader, pagesOf, type SilenceStore, type Silences } from '../ports/index.ts'

export interface SilencesParts {
  readonly store: SilenceStore & Pick<ChainReader, 'alerts'>
  /** Milliseconds since the epoch. */
  readonly clock: () => number
  /** An id that no other silence has. */
  readonly newId: () => string
}

const DAY = 86_400_000
/** A silence that lasts longer is a change of settings. */
export const MAX_SILENCE_DAYS = 366
/** In force at once, of a tenant: each is looked at for every alert that is sent. */
const MAX_ACTIVE = 200
const MAX_PREVIEWED = 5_000
const SHOWN = 20
const PAGE = 500

export const createSilences = ({ store, clock, newId }: SilencesParts): Silences => ({
  async create({ tenant, matches, reason, expiresAt, by }) {
    const now = clock()
    judge(matches, expiresAt, now)
    const inForce = await store.silences({ tenant, activeAt: { at: now, is: true }, limit: MAX_ACTIVE })
    if (inForce.items.length >= MAX_ACTIVE)
      throw new CatenaryError(
        'CAT_USAGE',
        `${MAX_ACTIVE} silences of this tenant are in force; remove some, or match more with one`,
      )
    const silence: Silence = {
      tenant,
      id: newId(),
      matches,
      reason,
      createdAt: now,
      createdBy: by,
      expiresAt,
      removedAt: null,
      removedBy: null,
    }
    await store.saveSilence(silence)
    return silence
  },
  async remove(tenant, id, by) {
    const silence = await store.silence(tenant, id)
    const now = clock()
    if (silence === null || silenceState(silence, now) !== 'active') return silence
    const removed: Silence = { ...silence, removedAt: now, removedBy: by }
    await store.saveSilence(removed)
    return removed
  },
  preview: (tenant, matches, days) => preview(store, { tenant, matches, since: clock() - days * DAY }),
})

function judge(matches: AlertMatch, expiresAt: number, now: number): void {
  if (Object.values(matches).every((one) => one === undefined))
    throw new CatenaryError('CAT_USAGE', 'a silence has to match on one field at least, else nothing would be sent')
  if (expiresAt <= now) throw new CatenaryError('CAT_USAGE', 'the silence would be over already; give a time to come')
  if (expiresAt - now > MAX_SILENCE_DAYS * DAY)
    throw new CatenaryError('CAT_USAGE', `a silence lasts ${MAX_SILENCE_DAYS} days at most; give an earlier time`)
}

async function preview(
  store: Pick<ChainReader, 'alerts'>,
  { tenant, matches, since }: { readonly tenant: string; readonly matches: AlertMatch; readonly since: number },
): Promise<SilencePreview> {
  const bySeverity: Partial<Record<Severity, number>> = {}
  const byDetector: Record<string, number> = {}
  const newest: Alert[] = []
  let alerts = 0
  for await (const { items, cursor } of pagesOf(
    (page) => store.alerts({ ...page, ...matches, tenant, since, status: 'open' }),
    PAGE,
  )) {
    for (const alert of items) {
      alerts += 1
      bySeverity[alert.severity] = (bySeverity[alert.severity] ?? 0) + 1
      byDetector[alert.detector] = (byDetector[alert.detector] ?? 0) + 1
      if (newest.length < SHOWN) newest.push(alert)
    }
    if (alerts >= MAX_PREVIEWED && cursor !== null)
      return { since, alerts, isCut: true, bySeverity, byDetector, newest }
  }
  return { since, alerts, isCut: false, bySeverity, byDetector, newest }
}
