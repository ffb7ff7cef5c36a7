import { expect, it } from 'vitest'
import type { AlertAction } from '../../src/core/index.ts'
import { START } from '../kit/events.ts'
import { alert, commit } from './rows.ts'
import type { Store } from './store.ts'

const action = (more: Partial<AlertAction> = {}): AlertAction => ({
  tenant: 'default',
  alertId: 'a1',
  number: 1,
  at: START,
  by: 'key/k1',
  status: 'acknowledged',
  assignee: null,
  verdict: null,
  reason: null,
  note: "it's\n\\ 😀'); DROP TABLE alerts --",
  revision: 1,
  severity: 'high',
  eventIds: ['e1'],
  ...more,
})

export function keepsActions(store: () => Store): void {
  it('of an alert, in order, and apart from those of another tenant', async () => {
    const [one, two] = [action(), action({ number: 2, status: 'in_progress', assignee: 'ana', note: null })]
    const other = action({ tenant: 'other', number: 1, at: START + 9 })
    for (const each of [one, other, two]) expect(await store().saveAlertAction(each)).toBe(true)
    expect(await store().alertActions('default', 'a1')).toEqual([one, two])
    expect(await store().alertActions('default', 'a2')).toEqual([])
    expect(await store().lastAlertActions([{ tenant: 'default', id: 'a1' }])).toEqual([two])
    expect(await store().lastAlertActions([])).toEqual([])
  })

  it('of two with one number the first, whoever saved the other', async () => {
    const first = action()
    expect(await store().saveAlertAction(first)).toBe(true)
    expect(await store().saveAlertAction(action({ note: 'late', status: 'closed' }))).toBe(false)
    expect(await store().alertActions('default', 'a1')).toEqual([first])
    expect(await store().lastAlertActions([{ tenant: 'default', id: 'a1' }])).toEqual([first])
  })

  it('and lists alerts by where they stand and whose they are', async () => {
    const evidence = alert().evidence
    const ids = ['new', 'mine', 'done', 'again', 'worse']
    const alerts = ids.map((id) => alert({ id, severity: 'high', evidence }))
    await store().save(commit(1, { alerts }))
    const knew = evidence.map(({ eventId }) => eventId)
    await store().saveAlertAction(action({ alertId: 'mine', assignee: 'ana' }))
    for (const alertId of ['done', 'again', 'worse']) {
      await store().saveAlertAction(action({ alertId, status: 'acknowledged', assignee: 'bo' }))
      await store().saveAlertAction(
        action({ alertId, number: 2, status: 'closed', verdict: 'false_positive', reason: 'x', eventIds: knew }),
      )
    }
    const more = [...evidence, { ...(evidence[0] as (typeof evidence)[number]), eventId: 'fresh' }]
    await store().save(
      commit(2, {
        alerts: [
          alert({ id: 'done', revision: 2, severity: 'medium', evidence }),
          alert({ id: 'again', revision: 2, severity: 'high', evidence: more }),
          alert({ id: 'worse', revision: 2, severity: 'critical', evidence }),
        ],
      }),
    )
    const listed = async (query: object): Promise<readonly string[]> =>
      (await store().alerts({ limit: 10, ...query })).items.map(({ id }) => id).sort()
    expect(await listed({ triage: 'open' })).toEqual(['again', 'new', 'worse'])
    expect(await listed({ triage: 'acknowledged' })).toEqual(['mine'])
    expect(await listed({ triage: 'in_progress' })).toEqual([])
    expect(await listed({ triage: 'closed' })).toEqual(['done'])
    expect(await listed({ assignee: 'ana' })).toEqual(['mine'])
    expect(await listed({ assignee: 'bo' })).toEqual([])
    expect(await listed({ triage: 'acknowledged', assignee: 'ana', tenant: 'other' })).toEqual([])
  })
}
