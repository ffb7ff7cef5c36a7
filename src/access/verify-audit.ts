import type { AuditHead, AuditStore } from '../ports/index.ts'
import { citesIn, hashOfRow } from './audit-log.ts'

const PAGE = 5_000

/** A row that is not as it was written. */
export interface AuditFault {
  readonly chain: string
  readonly number: number
  readonly what: string
}

export interface AuditVerdict {
  readonly rows: number
  /** Where each chain ends: kept elsewhere, they prove later that nothing was cut off. */
  readonly heads: readonly AuditHead[]
  readonly faults: readonly AuditFault[]
}

/** Reads the whole log. `known` are ends of chains as an earlier look found them, kept where the store's writer cannot reach. */
export async function verifyAudit(
  store: AuditStore,
  key: Uint8Array,
  known: readonly AuditHead[] = [],
): Promise<AuditVerdict> {
  const heads = await store.auditHeads()
  const cited = [...known]
  for (const { chain } of heads) cited.push(...citesIn((await store.auditRows(chain, 0, 1))[0]))
  const byChain = new Map<string, AuditHead[]>()
  for (const cite of cited) byChain.set(cite.chain, [...(byChain.get(cite.chain) ?? []), cite])
  const faults: AuditFault[] = []
  let rows = 0
  for (const { chain } of heads)
    rows += await verifyChain({ store, key, chain, faults, cites: byChain.get(chain) ?? [] })
  const there = new Set(heads.map(({ chain }) => chain))
  for (const [chain, cites] of byChain)
    if (!there.has(chain))
      faults.push({ chain, number: Math.max(...cites.map(({ number }) => number)), what: 'the whole chain is gone' })
  return { rows, heads, faults }
}

interface Checking {
  readonly store: AuditStore
  readonly key: Uint8Array
  readonly chain: string
  readonly cites: readonly AuditHead[]
  readonly faults: AuditFault[]
}

/** Checks one chain and gives how many rows it has. After a row that is missing the rest is still looked at. */
async function verifyChain({ store, key, chain, cites, faults }: Checking): Promise<number> {
  const wanted = new Map(cites.map(({ number, hash }) => [number, hash]))
  const tell = (number: number, what: string): void => void faults.push({ chain, number, what })
  let number = 0
  let before: string | null = ''
  let rows = 0
  for (;;) {
    const page = await store.auditRows(chain, number, PAGE)
    for (const row of page) {
      rows += 1
      if (row.number !== number + 1) {
        tell(number + 1, row.number === number + 2 ? 'is missing' : `is missing, and all up to ${row.number - 1}`)
        before = null
      }
      if (row.hash !== hashOfRow(key, row)) tell(row.number, 'was changed, or written under another key')
      else if (before !== null && row.before !== before) tell(row.number, `does not follow row ${row.number - 1}`)
      else if ((wanted.get(row.number) ?? row.hash) !== row.hash) tell(row.number, 'is not the row that was there')
      wanted.delete(row.number)
      number = row.number
      before = row.hash
    }
    if (page.length < PAGE) break
  }
  const lost = Math.max(0, ...[...wanted.keys()].filter((one) => one > number))
  if (lost > 0) tell(number + 1, `is missing, and all up to ${lost}, where the chain ended before`)
  return rows
}
