import { fits } from '../../core/index.ts'
import type { AuditRow, AuditStore } from '../../ports/index.ts'
import { compareText } from './order.ts'
import { newestFirst, pageOf, type SortKey } from './page.ts'

/** See `AuditStore`. */
export function auditStore(): AuditStore {
  const chains = new Map<string, Map<number, AuditRow>>()
  const inOrder = (chain: string): readonly AuditRow[] =>
    [...(chains.get(chain)?.values() ?? [])].sort((a, b) => a.number - b.number)
  return {
    async appendAudit(rows) {
      for (const row of rows) {
        const chain = chains.get(row.chain) ?? new Map<number, AuditRow>()
        chains.set(row.chain, chain.set(row.number, row))
      }
    },
    auditRows: async (chain, after, limit) =>
      inOrder(chain)
        .filter(({ number }) => number > after)
        .slice(0, limit),
    audit: async ({ tenant, since, until, actor, action, httpStatus, ...page }) => {
      const items = [...chains.values()]
        .flatMap((rows) => [...rows.values()])
        .filter(
          (row) =>
            (tenant === undefined || row.tenant === tenant) &&
            (since === undefined || row.at >= since) &&
            (until === undefined || row.at < until) &&
            (actor === undefined || fits(actor, row.actor)) &&
            (action === undefined || row.action === action) &&
            (httpStatus === undefined || row.status === httpStatus),
        )
      const keyOf = ({ at, chain, number, tenant: whose }: AuditRow): SortKey => [
        at,
        `${chain}/${String(number).padStart(20, '0')}`,
        whose ?? '',
      ]
      return pageOf({ name: 'audit_log', items, keyOf, compare: newestFirst }, page)
    },
    auditHeads: async () =>
      [...chains.keys()].sort(compareText).flatMap((chain) => {
        const last = inOrder(chain).at(-1)
        return last === undefined ? [] : [{ chain, number: last.number, hash: last.hash }]
      }),
  }
}
