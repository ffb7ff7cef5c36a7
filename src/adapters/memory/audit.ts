import type { AuditRow, AuditStore } from '../../ports/index.ts'
import { compareText } from './order.ts'

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
    auditHeads: async () =>
      [...chains.keys()].sort(compareText).flatMap((chain) => {
        const last = inOrder(chain).at(-1)
        return last === undefined ? [] : [{ chain, number: last.number, hash: last.hash }]
      }),
  }
}
