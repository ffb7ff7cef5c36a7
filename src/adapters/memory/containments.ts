import { anyFits, type TextMatch } from '../../core/index.ts'
import { type ContainmentStore, idsNamed, type Order } from '../../ports/index.ts'
import { newestFirst, pageOf } from './page.ts'
import { keyOf, Shelf } from './shelf.ts'

/** See `ContainmentStore`. */
export function containmentStore(): ContainmentStore {
  const orders = new Shelf<Order>()
  return {
    orders: async ({ tenant, since, until, action, agent, credential, grant, ...page }) => {
      const items = orders
        .rows()
        .filter((one) => (tenant ?? one.tenant) === one.tenant && (action ?? one.action) === one.action)
        .filter(({ at }) => at >= (since ?? at) && (until === undefined || at < until))
        .filter(
          (one) => names(one, 'agent', agent) && names(one, 'credential', credential) && names(one, 'grant', grant),
        )
      const key = (one: Order) => [one.at, one.id, one.tenant]
      return pageOf({ name: 'containments', items, keyOf: key, compare: newestFirst }, page)
    },
    order: async (tenant, id) => orders.get(keyOf(tenant, id)) ?? null,
    saveOrder: async (order) => void orders.put(keyOf(order.tenant, order.id), order, 0),
  }
}

const names = (order: Order, kind: Parameters<typeof idsNamed>[1], asked: TextMatch | undefined): boolean =>
  asked === undefined || anyFits(asked, idsNamed(order, kind))
