import { type Silence, silenceState } from '../../core/index.ts'
import type { SilenceStore } from '../../ports/index.ts'
import { newestFirst, pageOf } from './page.ts'
import { keyOf, Shelf } from './shelf.ts'

/** See `SilenceStore`. */
export function silenceStore(): SilenceStore {
  const silences = new Shelf<Silence>()
  return {
    silences: async ({ tenant, activeAt, ...page }) => {
      const items = silences
        .rows()
        .filter((one) => tenant === undefined || one.tenant === tenant)
        .filter((one) => activeAt === undefined || (silenceState(one, activeAt.at) === 'active') === activeAt.is)
      const key = (one: Silence) => [one.createdAt, one.id, one.tenant]
      return pageOf({ name: 'silences', items, keyOf: key, compare: newestFirst }, page)
    },
    silence: async (tenant, id) => silences.get(keyOf(tenant, id)) ?? null,
    saveSilence: async (silence) =>
      void silences.put(keyOf(silence.tenant, silence.id), silence, silence.removedAt === null ? 0 : 1),
  }
}
