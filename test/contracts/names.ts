import { expect, it } from 'vitest'
import type { Name } from '../../src/ports/index.ts'
import { START } from '../kit/events.ts'
import { commit, step } from './rows.ts'
import type { Store } from './store.ts'

const call = (id: string, at: number, { tool = 'erp.read', resource = 'res', agent = 'a1', tenant = 'default' } = {}) =>
  step({ id, at, tenant, more: { agent: { id: agent }, tool_call: { name: tool, resource: { id: resource } } } })

const shown = ({ kind, name, firstAt, lastAt }: Name) => [kind, name, firstAt - START, lastAt - START]

export function findsNames(store: () => Store): void {
  const ask = async (words: readonly string[], more = {}) =>
    (await store().names({ words, limit: 10, ...more })).items.map(shown)

  it('of tools, resources, agents and credentials, by words anywhere in them', async () => {
    const keyed = step({
      id: 'e4',
      at: 4,
      more: {
        kind: 'credential',
        credential: { action: 'issue', id: 'key-payroll-1', parent_id: 'tok-Payroll', type: 'api_key' },
      } as object,
    })
    await store().save(
      commit(1, {
        steps: [
          call('e1', 1, { tool: 'Payroll.read', resource: 'vault/prod/payroll-admin' }),
          call('e2', 2, { agent: 'payroll-bot' }),
          call('e3', 3, { resource: 'vault/prod/crm' }),
          keyed,
        ],
      }),
    )
    expect(await ask(['payroll'])).toEqual([
      ['credential', 'key-payroll-1', 4, 4],
      ['credential', 'tok-Payroll', 4, 4],
      ['agent', 'payroll-bot', 2, 2],
      ['tool', 'Payroll.read', 1, 1],
      ['resource', 'vault/prod/payroll-admin', 1, 1],
    ])
    expect(await ask(['PROD', 'roll'])).toEqual([['resource', 'vault/prod/payroll-admin', 1, 1]])
    expect(await ask(['vault'], { kinds: ['tool', 'agent'] })).toEqual([])
    expect(await store().nameCounts({ words: ['payroll'] })).toEqual({ tool: 1, resource: 1, agent: 1, credential: 2 })
    expect(await store().nameCounts({ words: ['payroll'], kinds: ['agent'] })).toEqual({
      tool: 0,
      resource: 0,
      agent: 1,
      credential: 0,
    })
  })

  it('each once, from when it was first seen to when it was last, however often it was saved', async () => {
    const rows = [call('e1', 5), call('e2', 9), call('e3', 2)]
    await store().save(commit(1, { steps: rows }))
    await store().save(commit(2, { steps: rows.slice(1) }))
    expect(await ask(['erp'])).toEqual([['tool', 'erp.read', 2, 9]])
    expect(await store().nameCounts({ words: ['erp'] })).toMatchObject({ tool: 1 })
  })

  it('of one tenant, or of all', async () => {
    await store().save(commit(1, { steps: [call('e1', 1), call('e1', 2, { tenant: 'other' })] }))
    expect(await ask(['erp'], { tenant: 'other' })).toEqual([['tool', 'erp.read', 2, 2]])
    expect(await store().nameCounts({ words: ['erp'], tenant: 'other' })).toMatchObject({ tool: 1 })
    expect(await store().nameCounts({ words: ['erp'], tenant: 'none' })).toMatchObject({ tool: 0 })
    expect((await store().names({ words: ['erp'], limit: 10 })).items.map(({ tenant }) => tenant)).toEqual([
      'other',
      'default',
    ])
  })

  it.each(['100%_of', "it's \\ '); DROP", 'grün', '😀', '日本'])('with any characters: %s', async (odd) => {
    await store().save(
      commit(1, { steps: [call('e1', 1, { resource: `a/${odd}/b` }), call('e2', 2, { resource: 'a/100xyof/it' })] }),
    )
    expect(await ask([odd.toUpperCase()])).toEqual([['resource', `a/${odd}/b`, 1, 1]])
  })

  it.each([1, 2, 10])('page by page, %i at a time', async (limit) => {
    const steps = ['c', 'a', 'b', 'd'].map((id, at) =>
      call(`e${at}`, Math.floor(at / 2), { resource: `thing/${id}`, tool: 't' }),
    )
    await store().save(commit(1, { steps }))
    const found: string[] = []
    let cursor: string | undefined
    do {
      const page = await store().names({ words: ['thing'], limit, cursor })
      found.push(...page.items.map(({ name }) => name))
      cursor = page.cursor ?? undefined
    } while (cursor !== undefined)
    expect(found).toEqual(['thing/b', 'thing/d', 'thing/a', 'thing/c'])
  })

  it('and takes no cursor of another list', async () => {
    const cursor = Buffer.from('["chains",1,"w","t"]').toString('base64url')
    await expect(store().names({ words: ['x'], limit: 1, cursor })).rejects.toMatchObject({ code: 'CAT_USAGE' })
  })
}
