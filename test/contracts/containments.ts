import { expect, it } from 'vitest'
import type { Order, OrderQuery } from '../../src/ports/index.ts'
import { START } from '../kit/events.ts'
import { delivery } from './rows.ts'
import type { Store } from './store.ts'

const step = (kind: 'agent' | 'credential' | 'grant', id: string): Order['steps'][number] => ({
  action: 'stop-agent',
  target: { kind, id },
  why: "it's \\ 😀'); DROP TABLE containments --",
  event: { jti: 'o1/1', tenant: 'default', subject: { format: 'opaque', id }, type: 'https://x', claims: { n: [1] } },
  isWatched: true,
})

const order = (more: Partial<Order> = {}): Order => ({
  tenant: 'default',
  id: 'o1',
  action: 'contain',
  at: START,
  by: 'key/k1',
  reason: 'stolen by a prompt',
  workflowId: 'containment/o1',
  steps: [step('agent', 'bot-1'), step('credential', 'tok-1')],
  ...more,
})

export function keepsOrders(store: () => Store): void {
  const ids = async (query: Partial<OrderQuery>): Promise<readonly string[]> =>
    (await store().orders({ limit: 10, ...query })).items.map(({ id }) => id)

  it('of a tenant, newest first, by what they name, what they are, and when they were given', async () => {
    const later = order({ id: 'o2', action: 'release', at: START + 5, steps: [step('agent', "bot'2")] })
    const other = order({ id: 'o3', tenant: 'other', at: START + 9, steps: [step('grant', 'bot-1')] })
    for (const each of [order(), later, other]) await store().saveOrder(each)
    expect((await store().orders({ tenant: 'default', limit: 10 })).items).toEqual([later, order()])
    expect(await ids({})).toEqual(['o3', 'o2', 'o1'])
    expect(await ids({ agent: 'bot-1' })).toEqual(['o1'])
    expect(await ids({ agent: { prefix: "bot'" } })).toEqual(['o2'])
    expect(await ids({ agent: { prefix: 'bot' }, credential: 'tok-1' })).toEqual(['o1'])
    expect(await ids({ grant: 'bot-1' })).toEqual(['o3'])
    expect(await ids({ action: 'release' })).toEqual(['o2'])
    expect(await ids({ since: START + 5 })).toEqual(['o3', 'o2'])
    expect(await ids({ until: START + 5 })).toEqual(['o1'])
    expect(await store().order('default', 'o1')).toEqual(order())
    expect(await store().order('other', 'o1')).toBeNull()
    const first = await store().orders({ limit: 2 })
    expect((await store().orders({ limit: 2, cursor: first.cursor ?? '' })).items).toEqual([order()])
    await expect(store().orders({ limit: 2, cursor: 'forged' })).rejects.toMatchObject({ code: 'CAT_USAGE' })
  })

  it('and finds what became of their events, at every receiver', async () => {
    const row = delivery({ alertId: 'o1', destination: 'ssf/idp' })
    const rows = [
      row,
      { ...row, state: 'delivered' as const, attempts: 1, changedAt: START + 5 },
      { ...row, revision: 2 },
      { ...row, destination: 'ssf/gateway' },
      { ...row, tenant: 'other' },
      { ...row, alertId: 'o2' },
    ]
    for (const each of rows) await store().outbox.record([each])
    const found = await store().outbox.deliveriesOf('default', ['o1', 'none'])
    expect(found.map(({ destination, revision, state }) => `${destination} ${revision} ${state}`).sort()).toEqual([
      'ssf/gateway 1 pending',
      'ssf/idp 1 delivered',
      'ssf/idp 2 pending',
    ])
    expect(await store().outbox.deliveriesOf('default', [])).toEqual([])
  })
}
