import { createHmac } from 'node:crypto'
import { type Caller, CatenaryError, callerName } from '../core/index.ts'
import type { AuditHead, AuditRow, AuditStore } from '../ports/index.ts'

/** What is to be remembered of one request. */
export interface AuditEntry extends Pick<AuditRow, 'tenant' | 'action' | 'target' | 'status'> {
  readonly caller: Caller
  readonly detail: Readonly<Record<string, unknown>>
}

export interface AuditLogParts {
  readonly store: AuditStore
  /** See `auditKey`. */
  readonly key: Uint8Array
  /** Names this process's chain; never used before. */
  readonly chain: string
  /** Milliseconds since the epoch. */
  readonly clock: () => number
}

/** The first row of a chain; its detail cites the ends of the chains that were there. */
export const OPEN = 'audit.open'
/** Rows that wait for a store that is away. */
const MAX_WAITING = 10_000

/** The key that rows are hashed under, of the key that content is: who can write the store alone cannot write history anew. */
export const auditKey = (contentKey: Uint8Array): Uint8Array =>
  createHmac('sha256', contentKey).update('catenary audit log').digest()

/** The hash of a row over all of it but the hash. */
export function hashOfRow(key: Uint8Array, row: Omit<AuditRow, 'hash'>): string {
  const { chain, number, at, tenant, actor, role, action, target, status, detail, before } = row
  const text = JSON.stringify([chain, number, at, tenant, actor, role, action, target, status, detail, before])
  return createHmac('sha256', key).update(text).digest('hex')
}

/**
 * Writes a chain of its own; resolves when the entry is stored. Entries that come while a write is under way go together. What
 * was hashed is written before anything else, whoever still waits for it, so that the chain has no gap.
 */
export function createAuditLog({ store, key, chain, clock }: AuditLogParts): (entry: AuditEntry) => Promise<void> {
  const waiting: AuditRow[] = []
  let last: AuditHead = { chain, number: 0, hash: '' }
  let writing: Promise<void> | null = null
  let opening: Promise<void> | null = null

  function add(rest: Omit<AuditRow, 'chain' | 'number' | 'at' | 'before' | 'hash'>): void {
    const row = { chain, number: last.number + 1, at: clock(), before: last.hash, ...rest }
    last = { chain, number: row.number, hash: hashOfRow(key, row) }
    waiting.push({ ...row, hash: last.hash })
  }
  async function open(): Promise<void> {
    const cited = await uncited(store)
    const detail = JSON.stringify({ cites: cited.map(({ chain: of, number, hash }) => [of, number, hash]) })
    add({ tenant: null, actor: 'local/catenary', role: 'admin', action: OPEN, target: '', status: 0, detail })
  }
  async function flush(): Promise<void> {
    const rows = [...waiting]
    await store.appendAudit(rows)
    waiting.splice(0, rows.length)
  }
  async function stored(number: number): Promise<void> {
    while ((waiting[0]?.number ?? Number.POSITIVE_INFINITY) <= number) {
      writing ??= flush().finally(() => {
        writing = null
      })
      await writing
    }
  }
  return async ({ caller, detail, ...entry }) => {
    opening ??= open().catch((error: unknown) => {
      opening = null
      throw error
    })
    await opening
    if (waiting.length >= MAX_WAITING)
      throw new CatenaryError('CAT_STORE_UNAVAILABLE', 'the audit log cannot be written', { retry: 'later' })
    add({ ...entry, actor: callerName(caller), role: caller.role, detail: JSON.stringify(detail) })
    await stored(last.number)
  }
}

/** The ends of chains that no later chain cites: those of dead processes are cited once. */
async function uncited(store: AuditStore): Promise<readonly AuditHead[]> {
  const heads = await store.auditHeads()
  const cited = new Set<string>()
  for (const head of heads)
    for (const { chain, number } of citesIn((await store.auditRows(head.chain, 0, 1))[0]))
      cited.add(`${chain} ${number}`)
  return heads.filter(({ chain, number }) => !cited.has(`${chain} ${number}`))
}

/** The rows of other chains that the first row of a chain says were there. */
export function citesIn(row: AuditRow | undefined): readonly AuditHead[] {
  if (row?.action !== OPEN) return []
  try {
    const { cites } = JSON.parse(row.detail) as { readonly cites: readonly [string, number, string][] }
    return cites.map(([chain, number, hash]) => ({ chain, number, hash }))
  } catch {
    return []
  }
}
