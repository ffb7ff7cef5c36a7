import { readFileSync } from 'node:fs'
import { beforeEach, describe, expect, it } from 'vitest'
import { Alert } from '../../schemas/api/alert.ts'
import { Silence, SilencePage, SilencePreview } from '../../schemas/api/silence.ts'
import type { ApiParts } from '../../src/api/parts.ts'
import { guarded, problemIn, service, shaped, walk } from './kit.ts'

const example = readFileSync('test/fixtures/example.ndjson')
const HOUR = 3_600_000
const soon = (): string => new Date(Date.now() + HOUR).toISOString()

let api = service()
beforeEach(() => {
  api = service()
})

const post = (payload: unknown, path = '/v1/silences', headers: object = {}) =>
  api.app.inject({
    method: 'POST',
    url: path,
    payload: JSON.stringify(payload),
    headers: { 'content-type': 'application/json', ...headers },
  })

const wanted = (more: object = {}) => ({
  matches: { agent: 'billing-*', max_severity: 'critical' },
  reason: 'the payroll export of November',
  expires_at: soon(),
  ...more,
})

describe('a silence', () => {
  it('is made, read, listed and removed; it stays in the list', async () => {
    const made = await shaped(Silence, post(wanted()))
    expect(made).toMatchObject({
      type: 'silence',
      status: 'active',
      tenant: 'default',
      matches: { agent: 'billing-*', max_severity: 'critical' },
      created_by: 'local/local',
      removed_at: null,
    })
    expect(await shaped(Silence, api.get(`/v1/silences/${made.id}`))).toEqual(made)
    expect((await shaped(SilencePage, api.get('/v1/silences?active=true'))).items).toEqual([made])
    const removed = await api.app.inject({ method: 'DELETE', url: `/v1/silences/${made.id}` })
    expect(removed.json()).toMatchObject({ id: made.id, status: 'removed', removed_by: 'local/local' })
    expect((await shaped(SilencePage, api.get('/v1/silences?active=true'))).items).toEqual([])
    expect((await shaped(SilencePage, api.get('/v1/silences?active=false'))).items).toMatchObject([{ id: made.id }])
    // Once more changes nothing.
    const again = await api.app.inject({ method: 'DELETE', url: `/v1/silences/${made.id}` })
    expect(again.json()).toEqual(removed.json())
    problemIn(await api.app.inject({ method: 'DELETE', url: '/v1/silences/none' }), 404)
    problemIn(await api.get('/v1/silences/none'), 404)
  })

  it('marks alerts, which are listed, scored and found as before', async () => {
    await api.post(example)
    const before = (await api.get('/v1/alerts')).json<{ items: Record<string, unknown>[] }>().items
    expect(before.map(({ silenced }) => silenced)).toEqual(before.map(() => null))
    const { id, expires_at, reason } = await shaped(Silence, post(wanted()))
    const after = (await api.get('/v1/alerts')).json<{ items: Record<string, unknown>[] }>().items
    const silenced = { silence_id: id, reason, expires_at }
    expect(after).toEqual(before.map((one) => ({ ...one, silenced })))
    const count = async (query: string) =>
      (await api.get(`/v1/alerts?${query}`)).json<{ items: object[] }>().items.length
    expect(await count('silenced=true')).toBe(before.length)
    expect(await count('silenced=false')).toBe(0)
    const one = await shaped(Alert, api.get(`/v1/alerts/${before[0]?.['alert_id']}`))
    expect(one.silenced).toEqual(silenced)
    await api.app.inject({ method: 'DELETE', url: `/v1/silences/${id}` })
    expect(await count('silenced=true')).toBe(0)
  })

  it('of a tool or a resource marks alerts whose evidence cites such a step', async () => {
    await api.post(example)
    const matched = async (matches: object): Promise<number> => {
      const { id } = await shaped(Silence, post(wanted({ matches })))
      const { items } = (await api.get('/v1/alerts?silenced=true')).json<{ items: { silenced: object }[] }>()
      expect(items.every((one) => one.silenced !== null)).toBe(true)
      await api.app.inject({ method: 'DELETE', url: `/v1/silences/${id}` })
      return items.length
    }
    expect(await matched({ tool: 'payroll.export' })).toBeGreaterThan(0)
    expect(await matched({ tool: 'payroll.*', resource: 'payroll/*' })).toBeGreaterThan(0)
    expect(await matched({ tool: 'no.such' })).toBe(0)
    expect(await matched({ resource: 'no/such/*' })).toBe(0)
    expect(await matched({ resource: '*' })).toBeGreaterThan(0)
  })

  it('is previewed against the last days, and nothing is kept', async () => {
    await api.post(example)
    const told = await shaped(
      SilencePreview,
      post({ matches: { agent: 'billing-*' }, days: 90 }, '/v1/silences/preview'),
    )
    const { items } = (await api.get('/v1/alerts')).json<{ items: { alert_id: string; severity: 'high' }[] }>()
    expect(told.alerts).toBe(items.length)
    expect(told.newest.map(({ alert_id }) => alert_id)).toEqual(items.map(({ alert_id }) => alert_id))
    expect(told.by_severity[items[0]?.severity ?? 'high']).toBeGreaterThan(0)
    const none = await shaped(SilencePreview, post({ matches: { agent: 'nobody' }, days: 90 }, '/v1/silences/preview'))
    expect(none).toMatchObject({ alerts: 0, newest: [], by_severity: {}, by_detector: {} })
    expect((await shaped(SilencePage, api.get('/v1/silences'))).items).toEqual([])
  })

  it('is listed page by page', async () => {
    for (let i = 0; i < 5; i += 1) await post(wanted({ reason: `r${i}` }))
    const pages = await walk(api, '/v1/silences?limit=2')
    expect(pages.map(({ items }) => items.length)).toEqual([2, 2, 1])
    expect(new Set(pages.flatMap(({ items }) => items.map(({ id }) => id))).size).toBe(5)
  })

  it.each([
    ['no reason', { reason: undefined }, 'reason'],
    ['an empty reason', { reason: '' }, 'reason'],
    ['control characters', { reason: 'a\u001b[2J' }, 'reason'],
    ['no expiry', { expires_at: undefined }, 'expires_at'],
    ['an expiry that is no time', { expires_at: 'soon' }, 'expires_at'],
    ['an expiry that is past', { expires_at: '2020-01-01T00:00:00Z' }, 'over already'],
    ['an expiry that is far', { expires_at: '2199-01-01T00:00:00Z' }, '366 days'],
    ['nothing to match', { matches: {} }, 'one field'],
    ['no matches', { matches: undefined }, 'matches'],
    ['a field that is none', { matches: { tenant: 'acme' } }, 'tenant'],
    ['another type', { matches: { agent: 7 } }, 'agent'],
    ['an empty text', { matches: { agent: '' } }, 'agent'],
    ['a list', { matches: [] }, 'matches'],
    ['a severity that is none', { matches: { max_severity: 'worst' } }, 'max_severity'],
    ['a field beside', { id: 'mine' }, 'id'],
  ])('with %s is refused by name', async (_, more, named) => {
    const problem = problemIn(await post(wanted(more)), 400)
    expect(JSON.stringify(problem)).toContain(named)
    expect((await shaped(SilencePage, api.get('/v1/silences'))).items).toEqual([])
  })

  it.each(['active=yes', 'limit=0', 'cursor=forged', 'cursor=WyJzaWxlbmNlcyJd', 'state=active', 'tenant='])(
    'is not listed by ?%s',
    async (query) => {
      problemIn(await api.get(`/v1/silences?${query}`), 400)
    },
  )

  it('takes what looks like SQL as text', async () => {
    const text = "') OR 1=1; DROP TABLE silences; SELECT url('http://127.0.0.1/'*"
    await api.post(example)
    const made = await shaped(Silence, post(wanted({ matches: { detector: text, tool: text, resource: text } })))
    expect(made.matches).toEqual({ detector: text, tool: text, resource: text })
    expect((await api.get('/v1/alerts?silenced=true')).json<{ items: object[] }>().items).toEqual([])
  })

  it('is of one tenant, made by an analyst, and audited', async () => {
    const said: Parameters<ApiParts['audit']>[0][] = []
    const one = guarded({ audit: async (entry) => void said.push(entry) })
    const send = (headers: { authorization: string }, query = '') =>
      one.app.inject({
        method: 'POST',
        url: `/v1/silences${query}`,
        payload: JSON.stringify(wanted()),
        headers: { ...headers, 'content-type': 'application/json' },
      })
    problemIn(await send(await one.as('viewer', 'acme')), 403)
    const key = await one.as('analyst', 'acme')
    problemIn(await send(key, '?tenant=globex'), 403)
    const made = (await send(key)).json<{ id: string; tenant: string; created_by: string }>()
    expect(made).toMatchObject({ tenant: 'acme', created_by: expect.stringMatching(/^key\//) })
    const theirs = await one.as('admin', 'globex')
    problemIn(await one.get(`/v1/silences/${made.id}`, theirs), 404)
    expect((await one.get('/v1/silences', theirs)).json()).toMatchObject({ items: [] })
    problemIn(await one.app.inject({ method: 'DELETE', url: `/v1/silences/${made.id}`, headers: theirs }), 404)
    expect(said.find(({ action, status }) => action === 'createSilence' && status === 200)).toMatchObject({
      tenant: 'acme',
      detail: { silence: made.id, reason: wanted().reason },
    })
  })
})
