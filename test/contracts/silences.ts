import { expect, it } from 'vitest'
import type { Silence } from '../../src/core/index.ts'
import { event, START } from '../kit/events.ts'
import { alert, chain, commit, credential, step } from './rows.ts'
import type { Store } from './store.ts'

const silence = (more: Partial<Silence> = {}): Silence => ({
  tenant: 'default',
  id: 's1',
  matches: { detector: 'rare-path', agent: { prefix: "it's\\ 😀" }, maxSeverity: 'medium' },
  reason: "'); DROP TABLE silences --",
  createdAt: START,
  createdBy: 'key/k1',
  expiresAt: START + 1_000,
  removedAt: null,
  removedBy: null,
  ...more,
})

export function keepsSilences(store: () => Store): void {
  it('of a tenant, newest first, in force or over', async () => {
    const over = silence({ id: 's2', createdAt: START + 1, expiresAt: START + 2 })
    const other = silence({ id: 's3', tenant: 'other', createdAt: START + 2 })
    for (const each of [silence(), over, other]) await store().saveSilence(each)
    const ids = async (query: object) => (await store().silences({ limit: 10, ...query })).items.map(({ id }) => id)
    expect((await store().silences({ tenant: 'default', limit: 10 })).items).toEqual([over, silence()])
    expect(await ids({})).toEqual(['s3', 's2', 's1'])
    expect(await ids({ activeAt: { at: START + 2, is: true } })).toEqual(['s3', 's1'])
    expect(await ids({ activeAt: { at: START + 2, is: false } })).toEqual(['s2'])
    expect(await ids({ activeAt: { at: START + 1_000, is: true } })).toEqual([])
    expect(await store().silence('default', 's1')).toEqual(silence())
    expect(await store().silence('other', 's1')).toBeNull()
    const first = await store().silences({ limit: 2 })
    expect((await store().silences({ limit: 2, cursor: first.cursor ?? '' })).items).toEqual([silence()])
    await expect(store().silences({ limit: 2, cursor: 'forged' })).rejects.toMatchObject({ code: 'CAT_USAGE' })
  })

  it('that were removed as removed, whatever is written late', async () => {
    const removed = silence({ removedAt: START + 5, removedBy: 'key/k2' })
    for (const each of [silence(), removed, silence()]) await store().saveSilence(each)
    expect(await store().silence('default', 's1')).toEqual(removed)
    const at = (when: number) => store().silences({ activeAt: { at: when, is: true }, limit: 10 })
    expect((await at(START + 4)).items).toEqual([removed])
    expect((await at(START + 5)).items).toEqual([])
  })
}

export function findsByText(store: () => Store): void {
  const call = (id: string, tool: string, resource: string, workflow = 'w1') =>
    step({
      id,
      workflow,
      more: { ...event({ id, at: 0, workflow, tool: { name: tool, resource: { id: resource } } }) },
    })

  it('or by the whole text: tool, resource, agent, principal, credential, workflow', async () => {
    await store().save(
      commit(1, {
        steps: [call('e1', 'crm.read', 'crm/contacts/1'), call('e2', 'mail.send', "it's%_/x", 'w2')],
        chains: [
          chain({ workflowId: 'w1', agentIds: ['bot-a', 'bot-b'], credentialIds: ['key-1'] }),
          chain({ workflowId: 'w2', agentIds: ['other'], credentialIds: [] }),
        ],
        credentials: [credential({ id: 'key-1' }), credential({ id: 'tok-2' })],
      }),
    )
    const chains = async (query: object) =>
      (await store().chains({ limit: 10, ...query })).items.map(({ workflowId }) => workflowId).sort()
    expect(await chains({ tool: 'crm.read' })).toEqual(['w1'])
    expect(await chains({ tool: 'crm.' })).toEqual([])
    expect(await chains({ tool: { prefix: 'crm.' } })).toEqual(['w1'])
    expect(await chains({ tool: { prefix: '' } })).toEqual(['w1', 'w2'])
    expect(await chains({ resource: { prefix: 'crm/contacts/' } })).toEqual(['w1'])
    expect(await chains({ resource: { prefix: "it's%_" } })).toEqual(['w2'])
    expect(await chains({ resource: { prefix: '%' } })).toEqual([])
    expect(await chains({ agent: { prefix: 'bot-' } })).toEqual(['w1'])
    expect(await chains({ agent: { prefix: 'bot-' }, tool: { prefix: 'mail' } })).toEqual([])
    expect(await chains({ credential: { prefix: 'key' } })).toEqual(['w1'])
    expect(await chains({ workflow: { prefix: 'w' } })).toEqual(['w1', 'w2'])
    const credentials = (await store().credentials({ limit: 10, credential: { prefix: 'tok' } })).items
    expect(credentials.map(({ id }) => id)).toEqual(['tok-2'])
  })

  it('and alerts that match one of several, or none of them', async () => {
    const evidence = alert().evidence
    const cites = (eventId: string) => evidence.slice(0, 1).map((one) => ({ ...one, workflowId: 'w1', eventId }))
    await store().save(
      commit(1, {
        steps: [call('e1', 'crm.read', 'crm/contacts/1')],
        alerts: [
          alert({ id: 'a1', severity: 'low', detectors: ['rare-path'], evidence: cites('e1') }),
          alert({ id: 'a2', severity: 'critical', detectors: ['rare-path'], evidence: cites('e2') }),
          alert({ id: 'a3', severity: 'low', detectors: ['other'], evidence: cites('e2'), tenant: 'acme' }),
        ],
      }),
    )
    const alerts = async (query: object) =>
      (await store().alerts({ limit: 10, ...query })).items.map(({ id }) => id).sort()
    expect(await alerts({ maxSeverity: 'medium' })).toEqual(['a1', 'a3'])
    expect(await alerts({ resource: { prefix: 'crm/' } })).toEqual(['a1'])
    const any = [
      { tenant: 'default', detector: { prefix: 'rare' }, maxSeverity: 'medium' },
      { tenant: 'acme', detector: 'other' },
    ]
    expect(await alerts({ matching: { any, is: true } })).toEqual(['a1', 'a3'])
    expect(await alerts({ matching: { any, is: false } })).toEqual(['a2'])
    expect(await alerts({ matching: { any: [], is: true } })).toEqual([])
    expect(await alerts({ matching: { any: [], is: false } })).toEqual(['a1', 'a2', 'a3'])
    const byTool = [{ tenant: 'default', tool: 'crm.read', resource: { prefix: 'crm' } }]
    expect(await alerts({ matching: { any: byTool, is: true }, tenant: 'default' })).toEqual(['a1'])
    expect(await alerts({ matching: { any: byTool, is: false }, tenant: 'default' })).toEqual(['a2'])
  })

  it('and steps of any chain, in the order they are kept in, page by page', async () => {
    const steps = [
      call('e2', 'crm.read', 'crm/1', 'w2'),
      call('e1', 'mail.send', "it's", 'w1'),
      { ...call('e3', 'crm.write', 'crm/2', 'w1'), isGone: true },
      step({ id: 'e4', workflow: 'w1', at: 5 }),
      step({ id: 'e5', workflow: 'w0', tenant: 'zz' }),
    ]
    await store().save(commit(1, { steps }))
    const found = async (query: object) =>
      (await store().stepsBy({ limit: 10, ...query })).items.map(({ step: { event } }) => event.id)
    expect(await found({})).toEqual(['e1', 'e4', 'e2', 'e5'])
    expect(await found({ tenant: 'zz' })).toEqual(['e5'])
    expect(await found({ tool: { prefix: 'crm' } })).toEqual(['e2'])
    expect(await found({ resource: "it's" })).toEqual(['e1'])
    expect(await found({ agent: { prefix: 'a' } })).toEqual(['e1', 'e4', 'e2', 'e5'])
    expect(await found({ agent: 'b1' })).toEqual([])
    expect(await found({ workflow: { prefix: 'w1' } })).toEqual(['e1', 'e4'])
    expect(await found({ since: START + 5 })).toEqual(['e4'])
    expect(await found({ until: START + 5, workflow: 'w1' })).toEqual(['e1'])
    expect(await found({ detector: 'x' })).toEqual([])
    const ids: string[] = []
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const page: Awaited<ReturnType<Store['stepsBy']>> = await store().stepsBy({ limit: 1, cursor })
      ids.push(...page.items.map(({ step: { event } }) => event.id))
      cursor = page.cursor
    }
    expect(ids).toEqual(['e1', 'e4', 'e2', 'e5'])
    await expect(store().stepsBy({ limit: 1, cursor: 'forged' })).rejects.toMatchObject({ code: 'CAT_USAGE' })
  })
}
