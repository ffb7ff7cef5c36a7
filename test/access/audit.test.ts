import { beforeEach, describe, expect, it } from 'vitest'
import { auditKey, createAuditLog } from '../../src/access/audit-log.ts'
import { verifyAudit } from '../../src/access/verify-audit.ts'
import { createMemoryStore } from '../../src/adapters/memory/memory-store.ts'
import { CatenaryError } from '../../src/core/index.ts'
import type { AuditHead, AuditRow, AuditStore } from '../../src/ports/index.ts'

const KEY = auditKey(new Uint8Array(32))
const caller = { kind: 'key', id: 'k1', role: 'viewer', tenant: 'acme' } as const
const entry = (target: string) => ({ caller, tenant: 'acme', action: 'getChain', target, status: 200, detail: {} })

let rows: AuditRow[]

/** A log that anybody may write over, and two processes that wrote it one after the other, five rows each. */
beforeEach(async () => {
  const store = createMemoryStore()
  for (const chain of ['first', 'second']) {
    const write = createAuditLog({ store, key: KEY, chain, clock: () => 1_000 })
    await Promise.all([1, 2, 3, 4].map((i) => write(entry(`GET /v1/chains/${i}`))))
  }
  rows = [...(await store.auditRows('first', 0, 100)), ...(await store.auditRows('second', 0, 100))]
})

const tampered = (of: readonly AuditRow[]): AuditStore => {
  const store = createMemoryStore()
  void store.appendAudit(of)
  return store
}
const faultsOf = async (of: readonly AuditRow[], known: readonly AuditHead[] = []) =>
  (await verifyAudit(tampered(of), KEY, known)).faults.map(({ chain, number, what }) => `${chain} ${number} ${what}`)
const at = (chain: string, number: number) => (row: AuditRow) => row.chain === chain && row.number === number

describe('the audit log', () => {
  it('holds what was asked, in order, and is as it was written', async () => {
    expect(rows.map(({ chain, number, actor, action, target }) => [chain, number, actor, action, target])).toEqual(
      ['first', 'second'].flatMap((chain) => [
        [chain, 1, 'local/catenary', 'audit.open', ''],
        ...[1, 2, 3, 4].map((i) => [chain, i + 1, 'key/k1', 'getChain', `GET /v1/chains/${i}`]),
      ]),
    )
    expect(await verifyAudit(tampered(rows), KEY)).toMatchObject({ rows: 10, faults: [] })
  })

  it.each([1, 2, 4] as const)('tells that row %i was removed', async (number) => {
    expect(await faultsOf(rows.filter((row) => !at('second', number)(row)))).toEqual([`second ${number} is missing`])
  })

  it.each(['at', 'tenant', 'actor', 'role', 'action', 'target', 'status', 'detail', 'before', 'hash'] as const)(
    'tells that the %s of a row was changed',
    async (field) => {
      const changed = rows.map((row) =>
        at('second', 3)(row) ? { ...row, [field]: typeof row[field] === 'number' ? 7 : 'x' } : row,
      )
      expect((await faultsOf(changed))[0]).toBe('second 3 was changed, or written under another key')
    },
  )

  it('tells that two rows changed places', async () => {
    const [three, four] = [rows.find(at('first', 3)), rows.find(at('first', 4))] as [AuditRow, AuditRow]
    const swapped = [
      ...rows.filter((row) => row !== three && row !== four),
      { ...three, number: 4 },
      { ...four, number: 3 },
    ]
    expect((await faultsOf(swapped)).map((one) => one.slice(0, 7))).toEqual(['first 3', 'first 4', 'first 5'])
  })

  it('tells that rows of a dead process were cut off, and that all of them were', async () => {
    expect(await faultsOf(rows.filter(({ chain, number }) => chain !== 'first' || number < 4))).toEqual([
      'first 4 is missing, and all up to 5, where the chain ended before',
    ])
    expect(await faultsOf(rows.filter(({ chain }) => chain !== 'first'))).toEqual(['first 5 the whole chain is gone'])
  })

  it('tells what was cut off at the very end against an earlier look', async () => {
    const { heads } = await verifyAudit(tampered(rows), KEY)
    const cut = rows.filter(({ chain, number }) => chain !== 'second' || number < 5)
    expect(await faultsOf(cut)).toEqual([])
    expect(await faultsOf(cut, heads)).toEqual(['second 5 is missing, and all up to 5, where the chain ended before'])
    expect(await faultsOf(rows, heads)).toEqual([])
  })

  it('cannot be written anew by who lacks the key', async () => {
    const store = createMemoryStore()
    const write = createAuditLog({
      store,
      key: auditKey(new Uint8Array(32).fill(1)),
      chain: 'first',
      clock: () => 1_000,
    })
    await write(entry('GET /v1/chains/forged'))
    expect((await verifyAudit(store, KEY)).faults).toHaveLength(2)
  })

  it('has no gap after the store was away, and nobody is told that an entry is stored that is not', async () => {
    const store = createMemoryStore()
    let isAway: boolean = false
    const shaky: AuditStore = {
      ...store,
      async appendAudit(of) {
        if (isAway) throw new CatenaryError('CAT_STORE_UNAVAILABLE', 'away', { retry: 'later' })
        await store.appendAudit(of)
      },
    }
    const write = createAuditLog({ store: shaky, key: KEY, chain: 'c', clock: () => 1_000 })
    await write(entry('1'))
    isAway = true
    await expect(write(entry('2'))).rejects.toThrow('away')
    isAway = false
    await write(entry('3'))
    expect((await store.auditRows('c', 1, 10)).map(({ target }) => target)).toEqual(['1', '2', '3'])
    expect((await verifyAudit(store, KEY)).faults).toEqual([])
  })
})
