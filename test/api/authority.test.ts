import { beforeAll, describe, expect, it } from 'vitest'
import { story } from '../../detectors/cases/story.ts'
import { AuthorityPage } from '../../schemas/api/authority.ts'
import { ndjson, problemIn, type Service, service, shaped } from './kit.ts'

const w = story('wf-1', 'billing-bot')

let api: Service

beforeAll(async () => {
  api = service()
  await api.post(
    ndjson(
      w.start('s', 0, {
        scopes: ['invoices:write', 'payroll:admin', 'reports:send'],
        authorization_details: [{ type: 'account_information', actions: ['read'] }],
      }),
      w.calls('c', 2, 'erp.read', {
        scopes: ['invoices:read'],
        authorization_details: [{ type: 'account_information', actions: ['read'], identifier: 'acc-1' }],
      }),
      w.calls('m', 3, 'mail.send', { scopes: ['reports:send'] }),
    ),
  )
})

const listed = async (query = '') => (await shaped(AuthorityPage, api.get(`/v1/authority${query}`))).items

describe('what is held', () => {
  it('is listed high risk first, with what was never used, used as it is, or only for less', async () => {
    const items = await listed()
    expect(items.map(({ risk, scope, use, last_used_at }) => [risk, scope, use, last_used_at])).toEqual([
      ['high', 'payroll:admin', 'never', null],
      ['other', 'invoices:write', 'wider', '2026-11-20T09:00:02.000Z'],
      ['other', 'reports:send', 'used', '2026-11-20T09:00:03.000Z'],
      ['other', 'account_information actions=read', 'wider', '2026-11-20T09:00:02.000Z'],
    ])
    expect(items[0]).toMatchObject({
      kind: 'agent',
      holder: 'billing-bot',
      by: 'task',
      first_at: '2026-11-20T09:00:00.000Z',
      tells_use: true,
    })
    expect(items[3]?.authorization_detail).toEqual({ type: 'account_information', actions: ['read'] })
  })

  it('is narrowed to what nobody uses', async () => {
    expect((await listed('?use=never')).map(({ scope }) => scope)).toEqual(['payroll:admin'])
    expect(await listed('?use=never&risk=other')).toEqual([])
    expect((await listed('?kind=agent&holder=billing*&scope=reports*')).map(({ scope }) => scope)).toEqual([
      'reports:send',
    ])
  })

  it('is read page by page', async () => {
    const scopes: string[] = []
    let next: string | null = ''
    while (next !== null) {
      const page: { items: { scope: string }[]; next_cursor: string | null } = await shaped(
        AuthorityPage,
        api.get(`/v1/authority?limit=1${next === '' ? '' : `&cursor=${next}`}`),
      )
      scopes.push(...page.items.map(({ scope }) => scope))
      next = page.next_cursor
    }
    expect(scopes).toHaveLength(4)
    expect(new Set(scopes).size).toBe(4)
  })

  it('is another tenant\u2019s business where one is named, and a foreign cursor is a mistake', async () => {
    expect(await listed('?tenant=other')).toEqual([])
    expect(await problemIn(await api.get('/v1/authority?cursor=none'), 400)).toMatchObject({
      errors: [{ field: 'cursor' }],
    })
  })
})
