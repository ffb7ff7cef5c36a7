import { expect, it } from 'vitest'
import type { SavedQuery } from '../../src/ports/index.ts'
import { START } from '../kit/events.ts'
import type { Store } from './store.ts'

const query = (more: Partial<SavedQuery> = {}): SavedQuery => ({
  tenant: 'default',
  name: 'exports at night',
  description: "it's \\ 😀'); DROP TABLE alerts --",
  list: 'alerts',
  parameters: { tool: 'crm.*', min_severity: 'high' },
  version: 1,
  changedAt: START,
  changedBy: 'key/k1',
  isRemoved: false,
  ...more,
})

export function keepsQueries(store: () => Store): void {
  it('of a tenant, each as it was changed last, those that were removed left out', async () => {
    const changed = query({ version: 2, changedAt: START + 5, parameters: { tool: 'erp.*' } })
    const other = query({ tenant: 'other', changedAt: START + 9 })
    const gone = query({ name: 'gone', version: 2, isRemoved: true, changedAt: START + 7 })
    for (const each of [query(), changed, other, query({ name: 'gone' }), gone]) await store().saveQuery(each)
    // A late write of an earlier version changes nothing.
    await store().saveQuery(query())
    expect((await store().savedQueries({ tenant: 'default', limit: 10 })).items).toEqual([changed])
    expect((await store().savedQueries({ limit: 10 })).items).toEqual([other, changed])
    expect(await store().savedQuery('default', 'exports at night')).toEqual(changed)
    expect(await store().savedQuery('default', 'gone')).toEqual(gone)
    expect(await store().savedQuery('other', 'gone')).toBeNull()
    const first = await store().savedQueries({ limit: 1 })
    expect((await store().savedQueries({ limit: 1, cursor: first.cursor ?? '' })).items).toEqual([changed])
  })
}
