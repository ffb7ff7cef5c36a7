import { readFileSync } from 'node:fs'
import { beforeEach, describe, expect, it } from 'vitest'
import { Alert, AlertHistory, AlertPage } from '../../schemas/api/alert.ts'
import { BulkChanged } from '../../schemas/api/triage.ts'
import { type Commit, NO_ROWS } from '../../src/ports/index.ts'
import { guarded, problemIn, shaped } from './kit.ts'

const example = readFileSync('test/fixtures/example.ndjson')

let api: ReturnType<typeof guarded>
let ana: { authorization: string }
let id = ''

beforeEach(async () => {
  api = guarded()
  ana = await api.as('analyst', 'acme')
  await api.post(example, await api.as('ingest', 'acme'))
  const { items } = await shaped(AlertPage, api.get('/v1/alerts?detector=lateral-movement', ana))
  id = items[0]?.alert_id ?? ''
})

const patch = (change: object, headers: Record<string, string> = {}, url = `/v1/alerts/${id}`) =>
  api.app.inject({
    method: 'PATCH',
    url,
    payload: JSON.stringify(change),
    headers: { ...ana, 'content-type': 'application/json', ...headers },
  })
const tag = async (): Promise<string> => String((await api.get(`/v1/alerts/${id}`, ana)).headers['etag'])
const read = () => shaped(Alert, api.get(`/v1/alerts/${id}`, ana))
const CLOSED = { status: 'closed', verdict: 'false_positive', reason: 'the export is run by hand' }

/** The alert again, one revision on. */
async function revised(change: (alert: Commit['alerts'][number]) => Partial<Commit['alerts'][number]>): Promise<void> {
  const alert = await api.store.alert('acme', id)
  if (alert === null) throw new Error('no alert')
  await api.store.save({
    ...NO_ROWS,
    sequence: 1e9,
    alerts: [{ ...alert, revision: alert.revision + 1, ...change(alert) }],
  })
}

describe('an alert', () => {
  it('is open, and nobody’s, until somebody sees to it', async () => {
    expect((await read()).triage).toEqual({
      version: '1.0',
      status: 'open',
      assignee: null,
      verdict: null,
      reason: null,
      changed_at: null,
      changed_by: null,
      reopened: false,
    })
  })

  it('is acknowledged, assigned, worked on, and closed; its history tells by whom', async () => {
    const tags = [await tag()]
    for (const change of [
      { status: 'acknowledged', assignee: 'ana' },
      { note: 'called the owner' },
      { status: 'in_progress' },
      CLOSED,
    ]) {
      const reply = await patch(change, { 'if-match': tags.at(-1) ?? '' })
      expect(reply.statusCode, reply.body).toBe(200)
      tags.push(String(reply.headers['etag']))
    }
    expect(new Set(tags).size).toBe(5)
    expect(await tag()).toBe(tags.at(-1))
    expect((await read()).triage).toMatchObject({
      ...CLOSED,
      assignee: 'ana',
      changed_by: expect.stringMatching(/^key\//),
    })
    const { items, actions } = await shaped(AlertHistory, api.get(`/v1/alerts/${id}/history`, ana))
    expect(items.map(({ revision }) => revision)).toEqual([1])
    expect(actions?.map(({ number, status, note }) => [number, status, note])).toEqual([
      [1, 'acknowledged', null],
      [2, 'acknowledged', 'called the owner'],
      [3, 'in_progress', null],
      [4, 'closed', null],
    ])
    const { items: closed } = await shaped(AlertPage, api.get('/v1/alerts?triage=closed', ana))
    expect(closed.map(({ alert_id, triage }) => [alert_id, triage?.status])).toEqual([[id, 'closed']])
    const { items: open } = await shaped(AlertPage, api.get('/v1/alerts?triage=open', ana))
    expect(open.map(({ alert_id }) => alert_id)).not.toContain(id)
  })

  it('is changed by who read it last, and by no other', async () => {
    const first = await tag()
    problemIn(await patch({ status: 'acknowledged' }), 428)
    expect((await patch({ status: 'acknowledged' }, { 'if-match': first })).statusCode).toBe(200)
    expect(problemIn(await patch(CLOSED, { 'if-match': first }), 412)['detail']).toMatch(/read it again/)
    expect((await read()).triage?.status).toBe('acknowledged')
    const both = await Promise.all(
      [1, 2].map(async () => (await patch(CLOSED, { 'if-match': await tag() })).statusCode),
    )
    expect(both.sort()).toEqual([200, 412])
    expect((await patch({ note: 'x' }, { 'if-match': '*' })).statusCode).toBe(200)
  })

  it('is not closed on what its closer has not seen', async () => {
    const before = await tag()
    await revised(() => ({ severity: 'critical' }))
    problemIn(await patch(CLOSED, { 'if-match': before }), 412)
  })

  it('that was closed is open again by new evidence or a higher severity, and not by a mere repeat', async () => {
    await revised(() => ({ severity: 'medium' }))
    await patch({ ...CLOSED, assignee: 'ana' }, { 'if-match': await tag() })
    await revised(() => ({ title: 'told again', severity: 'low' }))
    expect((await read()).triage).toMatchObject({ status: 'closed', reopened: false })
    await revised(() => ({ severity: 'high' }))
    expect((await read()).triage).toMatchObject({ status: 'open', reopened: true, verdict: null, assignee: 'ana' })
    await patch(CLOSED, { 'if-match': await tag() })
    expect((await read()).triage).toMatchObject({ status: 'closed', reopened: false })
    await revised(({ evidence }) => ({
      evidence: [...evidence, { ...evidence[0], eventId: 'fresh' } as (typeof evidence)[number]],
    }))
    expect((await read()).triage).toMatchObject({ status: 'open', reopened: true })
    const { items } = await shaped(AlertPage, api.get('/v1/alerts?triage=open', ana))
    expect(items.map(({ alert_id }) => alert_id)).toContain(id)
  })

  it.each([
    [{}, /status is missing|"status"/],
    [{ status: 'done' }, /"status"/],
    [{ status: 'closed' }, /"verdict" is missing/],
    [{ status: 'closed', verdict: 'false_positive' }, /"reason" is missing/],
    [{ status: 'open', verdict: 'true_positive' }, /"verdict" goes with status closed/],
    [{ status: 'closed', verdict: 'maybe', reason: 'x' }, /"verdict"/],
    [{ assignee: '' }, /"assignee"/],
    [{ note: 'x'.repeat(4_001) }, /"note"/],
    [{ status: 'open', owner: 'bo' }, /"owner" is no field of this body/],
  ])('is not changed by %j', async (change, told) => {
    const problem = problemIn(await patch(change, { 'if-match': await tag() }), 400)
    expect(problem['detail']).toMatch(told)
    expect((await read()).triage?.version).toBe('1.0')
  })

  it('is not changed by a viewer, nor by another tenant, nor where there is none', async () => {
    const any = { 'if-match': '*' }
    problemIn(await patch(CLOSED, { ...any, ...(await api.as('viewer', 'acme')) }), 403)
    problemIn(await patch(CLOSED, { ...any, ...(await api.as('analyst', 'globex')) }), 404)
    problemIn(await patch(CLOSED, any, '/v1/alerts/none'), 404)
    problemIn(await patch(CLOSED, any, `/v1/alerts/${id}?tenant=globex`), 403)
    expect((await read()).triage?.version).toBe('1.0')
  })
})

describe('many alerts', () => {
  const bulk = (payload: object, headers: Record<string, string> = ana) =>
    api.app.inject({
      method: 'POST',
      url: '/v1/alerts/bulk',
      payload: JSON.stringify(payload),
      headers: { 'content-type': 'application/json', ...headers },
    })

  it('are changed at once, each with its verdict', async () => {
    const { items } = await shaped(AlertPage, api.get('/v1/alerts', ana))
    const [other] = items.map(({ alert_id }) => alert_id).filter((one) => one !== id)
    const alerts = [
      { alert_id: id, version: '1.0' },
      { alert_id: 'none' },
      { alert_id: id, version: '1.0' },
      ...(other === undefined ? [] : [{ alert_id: other }]),
    ]
    const done = await shaped(BulkChanged, bulk({ alerts, change: { status: 'acknowledged', assignee: 'ana' } }))
    expect(done.items.map(({ verdict }) => verdict)).toEqual([
      'changed',
      'not_found',
      'stale',
      ...(other === undefined ? [] : ['changed']),
    ])
    expect(done.items[0]?.triage).toMatchObject({ status: 'acknowledged', assignee: 'ana', version: '1.1' })
  })

  it('of another tenant are not there', async () => {
    const globex = await api.as('analyst', 'globex')
    const done = await shaped(
      BulkChanged,
      bulk({ alerts: [{ alert_id: id }], change: { status: 'acknowledged' } }, globex),
    )
    expect(done.items).toEqual([{ alert_id: id, verdict: 'not_found' }])
  })

  it.each([
    [{ alerts: [], change: { status: 'open' } }, /"alerts"/],
    [{ alerts: Array.from({ length: 501 }, () => ({ alert_id: 'a' })), change: { status: 'open' } }, /"alerts"/],
    [{ alerts: [{ alert_id: 'a', id: 'b' }], change: { status: 'open' } }, /"id" is no field/],
    [{ alerts: [{ alert_id: 'a' }], change: { status: 'closed' } }, /verdict" is missing/],
  ])('are not changed by a body that is not right', async (body, told) => {
    expect(problemIn(await bulk(body), 400)['detail']).toMatch(told)
  })
})
