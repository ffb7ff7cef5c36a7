import { beforeAll, describe, expect, it } from 'vitest'
import { SearchPage } from '../../schemas/api/search.ts'
import { guarded, ndjson, problemIn, type Service, service, shaped, wire } from './kit.ts'

const call = (id: string, second: number, name: string, resource: string) =>
  wire(id, {
    time: `2026-11-20T09:00:0${second}Z`,
    kind: 'tool_call',
    message: undefined,
    agent: { id: 'payroll-bot' },
    tool_call: { name, resource: { id: resource } },
  })

let api: Service

beforeAll(async () => {
  api = service()
  await api.post(
    ndjson(
      call('e1', 1, 'vault.read', 'vault/prod/Payroll-admin'),
      call('e2', 2, 'crm.read', 'crm/1'),
      call('e3', 3, 'payroll.export', 'crm/2'),
    ),
  )
})

describe('a search', () => {
  it('finds what is called so, whatever it is, and counts all of each kind', async () => {
    const page = await shaped(SearchPage, api.get('/v1/search?q=payroll&limit=2'))
    expect(page.items.map(({ kind, name }) => [kind, name])).toEqual([
      ['agent', 'payroll-bot'],
      ['tool', 'payroll.export'],
    ])
    expect(page.counts).toEqual({ tool: 1, resource: 1, agent: 1, credential: 0 })
    const next = await shaped(SearchPage, api.get(`/v1/search?q=payroll&limit=2&cursor=${page.next_cursor}`))
    expect(next.items).toEqual([
      {
        type: 'name',
        tenant: 'default',
        kind: 'resource',
        name: 'vault/prod/Payroll-admin',
        first_at: '2026-11-20T09:00:01.000Z',
        last_at: '2026-11-20T09:00:01.000Z',
      },
    ])
    expect(next.next_cursor).toBeNull()
  })

  it('asks for every word, within words too, and for one kind', async () => {
    const names = async (query: string) =>
      (await shaped(SearchPage, api.get(`/v1/search?${query}`))).items.map(({ name }) => name)
    expect(await names('q=ADMIN%20%20vault')).toEqual(['vault/prod/Payroll-admin'])
    expect(await names('q=crm&kind=tool')).toEqual(['crm.read'])
    expect(await names('q=%25')).toEqual([])
  })

  it.each([
    '',
    'q=',
    'q=%20',
    `q=${'a+'.repeat(9)}`,
    `q=${'a'.repeat(513)}`,
    'q=a&kind=grant',
    'q=a&agent=b',
    'q=a&cursor=x',
  ])('refuses %s', async (query) => {
    problemIn(await api.get(`/v1/search?${query}`), 400)
  })

  it('finds for a caller of a tenant what is of that tenant, and remembers who searched', async () => {
    const entries: string[] = []
    const asked = guarded({ audit: async ({ action }) => void entries.push(action) })
    const admin = await asked.as('admin')
    await asked.post(ndjson(call('e1', 1, 'erp.read', 'a')), admin, '?tenant=acme')
    await asked.post(ndjson(call('e2', 2, 'erp.write', 'b')), admin, '?tenant=globex')
    const found = await shaped(SearchPage, asked.get('/v1/search?q=erp', await asked.as('viewer', 'acme')))
    expect(found.items.map(({ tenant, name }) => [tenant, name])).toEqual([['acme', 'erp.read']])
    expect(found.counts.tool).toBe(1)
    problemIn(await asked.get('/v1/search?q=erp&tenant=globex', await asked.as('viewer', 'acme')), 403)
    expect(entries).toContain('search')
  })
})
