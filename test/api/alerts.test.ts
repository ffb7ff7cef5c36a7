import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { Alert, AlertHistory, AlertPage, Explanation } from '../../schemas/api/alert.ts'
import { ndjson, problemIn, type Service, service, shaped, wire } from './kit.ts'

const example = readFileSync('test/fixtures/example.ndjson')
let api: Service
let id = ''

beforeAll(async () => {
  api = service()
  await api.post(example)
  await api.post(example, {}, '?tenant=other')
  id =
    (await shaped(AlertPage, api.get('/v1/alerts?tenant=default&detector=lateral-movement'))).items[0]?.alert_id ?? ''
})

describe('the list of alerts', () => {
  it('shows each, with its evidence, frameworks and first response', async () => {
    const { items } = await shaped(AlertPage, api.get('/v1/alerts?tenant=default&detector=lateral-movement'))
    expect(items[0]).toMatchObject({ type: 'alert', status: 'open', revision: 1, reason: null, workflow_id: 'wf-17' })
    expect(items[0]?.evidence.map(({ event_id }) => event_id)).toContain('e6')
    expect(items[0]?.respond).not.toHaveLength(0)
    expect(items[0]?.frameworks[0]).toMatchObject({ framework: expect.any(String), title: expect.any(String) })
  })

  it.each([
    ['tenant=default', true],
    ['tenant=other', true],
    ['tenant=nobody', false],
    ['workflow=wf-17', true],
    ['workflow=wf-18', false],
    ['agent=billing-bot', true],
    ['agent=other-bot', false],
    ['principal=ana@acme.example', true],
    ['principal=bob@acme.example', false],
    ['credential=key-payroll-admin', true],
    ['credential=nope', false],
    ['tool=payroll.export', true],
    ['tool=nope', false],
    ['detector=lateral-movement', true],
    ['detector=nope', false],
    ['min_severity=high', true],
    ['min_score=99.5', false],
    ['status=open', true],
    ['status=retracted', false],
    ['since=2026-11-20T09:00:06Z', true],
    ['since=2026-11-20T09:00:07Z', false],
    ['until=2026-11-20T09:00:00Z', false],
  ])('narrowed by %s', async (query, isThere) => {
    const { items } = await shaped(AlertPage, api.get(`/v1/alerts?${query}`))
    expect(items.length > 0).toBe(isThere)
  })

  it.each([
    ['status=closed', 'status'],
    ['cursor=nonsense', 'cursor'],
    ['min_severity=HIGH', 'min_severity'],
  ])('refuses %s', async (query, field) => {
    expect(problemIn(await api.get(`/v1/alerts?${query}`), 400)['errors']).toMatchObject([{ field }])
  })
})

describe('one alert', () => {
  it('is shown', async () => {
    expect(await shaped(Alert, api.get(`/v1/alerts/${id}`))).toMatchObject({ alert_id: id, tenant: 'default' })
  })

  it.each(['', '/explain', '/history'])('unknown, or of another tenant, is a problem%s', async (below) => {
    problemIn(await api.get(`/v1/alerts/nope${below}`), 404)
    problemIn(await api.get(`/v1/alerts/${id}${below}?tenant=other`), 404)
  })

  it('keeps every revision, oldest first', async () => {
    const fresh = service()
    const lines = example.toString().trimEnd().split('\n')
    for (const line of lines) await fresh.post(line)
    const { items } = await shaped(AlertPage, fresh.get('/v1/alerts'))
    for (const { alert_id, revision } of items) {
      const history = await shaped(AlertHistory, fresh.get(`/v1/alerts/${alert_id}/history`))
      expect(history.items.map((one) => one.revision)).toEqual(
        Array.from({ length: revision }, (_, index) => index + 1),
      )
      const { triage: _triage, silenced: _silenced, ...last } = await shaped(Alert, fresh.get(`/v1/alerts/${alert_id}`))
      expect(history.items.at(-1)).toEqual(last)
    }
  })
})

describe('an explanation', () => {
  it('says for each piece of evidence what the chain would score without it', async () => {
    const found = await shaped(Explanation, api.get(`/v1/alerts/${id}/explain`))
    expect(found).toMatchObject({ alert_id: id, workflow_id: 'wf-17' })
    const inWorkflow = new Set(found.evidence.map(({ event_id }) => event_id))
    expect(new Set(found.without.map(({ event_id }) => event_id))).toEqual(inWorkflow)
    expect(found.without.map(({ score }) => score)).toEqual(
      found.without.map(({ score }) => score).sort((a, b) => a - b),
    )
    expect(found.without[0]?.score).toBeLessThan(found.score)
  })

  it('names the smallest set of events without which it falls', async () => {
    const { smallest, evidence } = await shaped(Explanation, api.get(`/v1/alerts/${id}/explain`))
    expect(smallest?.is_smallest).toBe(true)
    expect(smallest?.event_ids.length).toBeGreaterThan(1)
    expect(evidence.map(({ event_id }) => event_id)).toEqual(expect.arrayContaining([...(smallest?.event_ids ?? [])]))
  })

  it('of a chain that is too long is a problem', async () => {
    const small = service({ limits: { maxSteps: 4 } })
    await small.post(example)
    problemIn(await small.get(`/v1/alerts/${id}/explain`), 422)
  })
})

describe('what is told of an alert', () => {
  it('holds no secret and no content', async () => {
    const fresh = service()
    await fresh.post(example)
    await fresh.post(
      ndjson(
        wire('z', {
          workflow_id: 'wf-17',
          kind: 'tool_call',
          outcome: 'success',
          error: 'Authorization: Bearer abcdef0123456789abcdef0123456789',
          tool_call: { name: 'mail.send', arguments: { body: 'salary of ana is 1' } },
        }),
      ),
    )
    for (const url of ['/v1/alerts', '/v1/chains/wf-17', '/v1/chains/wf-17/steps', '/v1/chains/wf-17/replay']) {
      expect((await fresh.get(url)).body).not.toMatch(/abcdef0123456789|salary/)
    }
  })
})
