import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { claimsOf } from '../../../src/adapters/clickhouse/claims.ts'
import { openClickHouseStore } from '../../../src/adapters/clickhouse/clickhouse-store.ts'
import { connectServer } from '../../../src/adapters/clickhouse/connect.ts'
import type { Claim, Claims, Commit, Fence, Store } from '../../../src/ports/index.ts'
import { alert, chain, commit, edge, findingRow, link, step } from '../../contracts/rows.ts'
import { startClickHouse, type TestClickHouse } from '../../kit/clickhouse.ts'

let server: TestClickHouse
let store: Store
let claims: Claims

beforeAll(async () => {
  server = await startClickHouse()
  const client = connectServer({ ...server, url: `${server.url}/?pathname=/writer` })
  store = await openClickHouseStore(client)
  claims = claimsOf(client)
})
afterAll(async () => {
  await store.close()
  await server.stop()
})

const under = (claim: Claim): Fence => ({ claim, pass: async () => undefined })

const all = (workflow: string): Commit =>
  commit(1, {
    steps: [step({ workflow })],
    links: [link({ workflowId: workflow })],
    edges: [edge({ workflowId: workflow })],
    findings: [findingRow({ workflowId: workflow })],
    alerts: [alert({ id: workflow, workflowId: workflow })],
    chains: [chain({ workflowId: workflow })],
  })

/** How many rows of each kind a chain has. */
async function rowsOf(workflow: string): Promise<object> {
  return {
    steps: (await store.steps('default', workflow, { limit: 10 })).items.length,
    edges: (await store.edges('default', workflow)).length,
    findings: (await store.findings('default', workflow)).length,
    alerts: (await store.alertHistory('default', workflow)).length,
    chains: (await store.chainsOf('default', [workflow])).length,
  }
}

const NONE = { steps: 0, edges: 0, findings: 0, alerts: 0, chains: 0 }
const EACH = { steps: 1, edges: 1, findings: 1, alerts: 1, chains: 1 }

describe('a write under a claim', () => {
  it('is done while nobody has claimed the partition since, whoever has the others', async () => {
    const claim = await claims.claim(1, 'one')
    await claims.claim(2, 'another')
    await store.save(all('w-held'), under(claim))
    expect(await rowsOf('w-held')).toEqual(EACH)
  })

  it('comes to nothing once another has, and that of another partition beside it is done', async () => {
    const [lost, held] = [await claims.claim(3, 'one'), await claims.claim(4, 'one')]
    await claims.claim(3, 'another')
    const saved = await Promise.allSettled([
      store.save(all('w-first'), under(held)),
      store.save(all('w-lost'), under(lost)),
      store.save(all('w-beside'), under(held)),
    ])
    expect(saved.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(saved[1]).toMatchObject({ reason: { code: 'CAT_FENCED' } })
    expect([await rowsOf('w-lost'), await rowsOf('w-beside')]).toEqual([NONE, EACH])
  })

  it.each([
    ['steps', NONE],
    ['chains', { ...EACH, chains: 0 }],
  ])('comes to nothing when its %s were on their way while another claimed the partition', async (table, left) => {
    const claim = await claims.claim(5, 'one')
    const held = server.faults.held()
    await server.faults.set({ hold: { who: '/writer', sql: `INSERT INTO ${table}`, when: 'before', late: true } })
    const saving = store.save(all(`w-late-${table}`), under(claim)).catch((error: unknown) => error)
    await held
    await claims.claim(5, 'another')
    await server.faults.set({})
    expect(await saving).toMatchObject({ code: 'CAT_FENCED' })
    const { steps, chains } = left
    expect(await rowsOf(`w-late-${table}`)).toMatchObject({ steps, chains })
  })
})
