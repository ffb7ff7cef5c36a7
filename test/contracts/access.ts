import { expect, it } from 'vitest'
import type { ApiKey, AuditRow } from '../../src/ports/index.ts'
import { START } from '../kit/events.ts'
import type { Store } from './store.ts'

const key = (more: Partial<ApiKey> = {}): ApiKey => ({
  id: 'k1',
  tenant: 'acme',
  name: "o'brien; DROP TABLE api_keys",
  role: 'analyst',
  hash: 'ab'.repeat(32),
  createdAt: START,
  createdBy: 'local/local',
  expiresAt: START + 86_400_000,
  revokedAt: null,
  revision: 1,
  ...more,
})

export function keepsKeys(store: () => Store): void {
  it('as they were saved, oldest first, those of every tenant too', async () => {
    const keys = [key({ id: 'k2', tenant: null, expiresAt: null }), key({ id: 'k1', createdAt: START + 1 })]
    for (const one of [...keys].reverse()) await store().saveApiKey(one)
    expect(await store().apiKeys()).toEqual(keys)
  })

  it('revoked for good, whatever a slower writer saves after', async () => {
    const revoked = key({ revision: 3, revokedAt: START + 5 })
    await store().saveApiKey(key())
    await store().saveApiKey(revoked)
    await store().saveApiKey(key({ revision: 2, expiresAt: START + 9 }))
    expect(await store().apiKeys()).toEqual([revoked])
  })

  it('with their last use, whatever order uses are noted in', async () => {
    expect(await store().apiKeyUses()).toEqual(new Map())
    for (const at of [START + 2, START + 7, START + 3]) await store().saveApiKeyUse(key(), at)
    await store().saveApiKeyUse(key({ id: 'k2', tenant: null }), START)
    expect(await store().apiKeyUses()).toEqual(
      new Map([
        ['k1', START + 7],
        ['k2', START],
      ]),
    )
  })
}

const row = (number: number, more: Partial<AuditRow> = {}): AuditRow => ({
  chain: 'c1',
  number,
  at: START + number,
  tenant: 'acme',
  actor: 'key/k1',
  role: 'viewer',
  action: 'getChain',
  target: "GET /v1/chains/it's%20\\ 😀",
  status: 200,
  detail: '{}',
  before: number === 1 ? '' : `h${number - 1}`,
  hash: `h${number}`,
  ...more,
})

export function keepsAudit(store: () => Store): void {
  it('row by row, chain by chain, as it was written', async () => {
    const other = row(1, { chain: 'c2', tenant: null, hash: 'x' })
    // Fields may come in any order.
    const turned = Object.fromEntries(Object.entries(row(2)).reverse()) as unknown as AuditRow
    await store().appendAudit([row(1), turned, other])
    await store().appendAudit([row(3)])
    expect(await store().auditRows('c1', 0, 10)).toEqual([row(1), row(2), row(3)])
    expect(await store().auditRows('c1', 1, 1)).toEqual([row(2)])
    expect(await store().auditRows('c2', 0, 10)).toEqual([other])
    expect(await store().auditRows('none', 0, 10)).toEqual([])
    expect(await store().auditHeads()).toEqual([
      { chain: 'c1', number: 3, hash: 'h3' },
      { chain: 'c2', number: 1, hash: 'x' },
    ])
  })

  it('once, when it is added twice', async () => {
    for (let i = 0; i < 2; i += 1) await store().appendAudit([row(1), row(2)])
    expect(await store().auditRows('c1', 0, 10)).toEqual([row(1), row(2)])
  })

  it('and gives the rows of every chain, newest first, by who, what, when and with which answer', async () => {
    const at = row(1).at
    const rows = [
      row(1),
      row(2, { at: at + 1, action: 'listKeys', actor: 'token/ana', status: 403 }),
      row(1, { chain: 'c2', at: at + 1, tenant: null, actor: "key/o'brien" }),
      row(2, { chain: 'c2', at: at + 2, tenant: 'other' }),
    ]
    await store().appendAudit(rows)
    const found = async (query: object) => {
      const { items } = await store().audit({ limit: 10, ...query })
      return items.map(({ chain, number }) => `${chain}/${number}`)
    }
    expect((await store().audit({ limit: 10 })).items).toEqual([rows[3], rows[1], rows[2], rows[0]])
    expect(await found({ tenant: 'other' })).toEqual(['c2/2'])
    expect(await found({ since: at + 1, until: at + 2 })).toEqual(['c1/2', 'c2/1'])
    expect(await found({ actor: 'token/ana' })).toEqual(['c1/2'])
    expect(await found({ actor: { prefix: "key/o'" } })).toEqual(['c2/1'])
    expect(await found({ action: 'listKeys' })).toEqual(['c1/2'])
    expect(await found({ httpStatus: 403 })).toEqual(['c1/2'])
    expect(await found({ action: 'listKeys', tenant: 'other' })).toEqual([])
    const first = await store().audit({ limit: 3 })
    const second = await store().audit({ limit: 3, cursor: first.cursor ?? '' })
    expect([...first.items, ...second.items]).toEqual([rows[3], rows[1], rows[2], rows[0]])
    expect(second.cursor).toBeNull()
    await expect(store().audit({ limit: 3, cursor: 'forged' })).rejects.toMatchObject({ code: 'CAT_USAGE' })
  })
}
