import { expect, it } from 'vitest'
import type { Delivery, DeliveryQuery } from '../../src/ports/index.ts'
import { START } from '../kit/events.ts'
import { alert, commit, delivery } from './rows.ts'
import type { Store } from './store.ts'

const asked = (more: Partial<DeliveryQuery> = {}): DeliveryQuery => ({
  destination: 'siem',
  state: 'pending',
  limit: 100,
  ...more,
})

const delivered = (row: Delivery, changedAt = START + 5): Delivery => ({
  ...row,
  state: 'delivered',
  attempts: row.attempts + 1,
  changedAt,
})

export function keepsDeliveries(store: () => Store): void {
  const pending = (more: Partial<DeliveryQuery> = {}): Promise<readonly Delivery[]> =>
    store().outbox.deliveries(asked(more))

  it('as their commit wrote them', async () => {
    const row = delivery({ workflowId: "~agent/it's", onlyIfTold: true, revision: 7, sequence: 12_345_678_901 })
    await store().save(commit(1, { alerts: [alert()], deliveries: [row] }))
    expect(await pending()).toEqual([row])
    expect(await pending({ destination: 'other' })).toEqual([])
    expect(await pending({ state: 'dead' })).toEqual([])
  })

  it('as they were recorded, though the commit is saved again, by a later process too', async () => {
    const first = commit(1, { alerts: [alert()], deliveries: [delivery()] })
    await store().save(first)
    await store().outbox.record([delivered(delivery())])
    await store().save(first)
    await store().save(commit(9, { alerts: [alert()], deliveries: [delivery({ sequence: 9 })] }))
    expect(await pending()).toEqual([])
  })

  it('and gives the dead ones, which may be made to wait again', async () => {
    const dead = { ...delivery(), state: 'dead', error: "it's 400 \\ {x}", attempts: 3, changedAt: START + 5 } as const
    await store().save(commit(1, { alerts: [alert()], deliveries: [delivery()] }))
    await store().outbox.record([dead])
    expect(await pending({ state: 'dead' })).toEqual([dead])
    const again = { ...dead, state: 'pending', queuedAt: START + 9, changedAt: START + 9 } as const
    await store().outbox.record([again])
    expect(await pending()).toEqual([again])
    expect(await pending({ state: 'dead' })).toEqual([])
  })

  it('in the order in which they were told, page by page', async () => {
    const rows = [
      delivery({ sequence: 2, alertId: 'b', revision: 2 }),
      delivery({ sequence: 10, alertId: 'a' }),
      delivery({ sequence: 2, alertId: 'b', revision: 10 }),
      delivery({ sequence: 2, tenant: 'acme', alertId: 'z' }),
      delivery({ sequence: 2, alertId: 'a', revision: 2 }),
    ]
    await store().save(commit(1, { deliveries: rows }))
    const places: string[] = []
    for (let after: Delivery | undefined; ; ) {
      const page: readonly Delivery[] = await pending({ limit: 2, after })
      after = page.at(-1)
      if (after === undefined) break
      places.push(...page.map(({ tenant, alertId, revision }) => `${tenant}/${alertId}/${revision}`))
    }
    expect(places).toEqual(['acme/z/1', 'default/a/2', 'default/b/2', 'default/b/10', 'default/a/1'])
  })

  it('and hands out the alert of each, with the status before', async () => {
    const revised = alert({ revision: 2, status: 'retracted', reason: 'an approval came late' })
    await store().save(commit(1, { alerts: [alert(), alert({ tenant: 'acme', title: 'Another' })] }))
    await store().save(commit(2, { alerts: [revised] }))
    const rows = [delivery({ revision: 2 }), delivery(), delivery({ tenant: 'acme' }), delivery({ alertId: 'gone' })]
    expect(await store().outbox.parcels(rows)).toEqual([
      { delivery: rows[0], alert: revised, previousStatus: 'open' },
      { delivery: rows[1], alert: alert(), previousStatus: null },
      { delivery: rows[2], alert: alert({ tenant: 'acme', title: 'Another' }), previousStatus: null },
      'unstored',
    ])
    expect(await store().outbox.parcels([])).toEqual([])
  })

  it('and knows whether the receiver heard of an earlier revision', async () => {
    const later = delivery({ revision: 3, onlyIfTold: true })
    await store().save(commit(1, { alerts: [1, 2, 3].map((revision) => alert({ revision })) }))
    expect(await store().outbox.parcels([later])).toEqual(['untold'])
    await store().outbox.record([delivery({ revision: 2, state: 'left', changedAt: 5 }), delivered(later)])
    await store().outbox.record([delivered(delivery({ destination: 'other' }))])
    await store().outbox.record([delivery({ state: 'silenced', changedAt: 5 })])
    expect(await store().outbox.parcels([later])).toEqual(['untold'])
    await store().outbox.record([delivered(delivery())])
    expect(await store().outbox.parcels([later])).toMatchObject([{ alert: { revision: 3 }, previousStatus: 'open' }])
  })

  it('and counts them', async () => {
    expect(await store().outbox.standing()).toEqual([])
    await store().outbox.record([
      delivered(delivery()),
      delivery({ alertId: 'b', queuedAt: START + 7 }),
      delivery({ alertId: 'c', queuedAt: START + 3, error: 'answered 503', attempts: 1, changedAt: START + 8 }),
      delivery({ alertId: 'd', state: 'dead', error: 'answered 400', changedAt: START + 6 }),
      delivery({ alertId: 'e', state: 'left', changedAt: START + 6 }),
      delivery({ alertId: 'f', state: 'silenced', error: 'silenced by s1', changedAt: START + 9 }),
      delivered(delivery({ destination: 'file' })),
    ])
    expect(await store().outbox.standing()).toEqual([
      { destination: 'file', pending: 0, delivered: 1, dead: 0, silenced: 0, oldestAt: null, lastError: null },
      {
        destination: 'siem',
        pending: 2,
        delivered: 1,
        dead: 1,
        silenced: 1,
        oldestAt: START + 3,
        lastError: 'answered 503',
      },
    ])
  })
}
