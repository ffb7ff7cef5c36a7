import { beforeAll, describe, expect, it } from 'vitest'
import { Grant } from '../../schemas/api/grant.ts'
import { StepPage } from '../../schemas/api/step.ts'
import { ndjson, problemIn, type Service, service, shaped, wire } from './kit.ts'

let api: Service

const oauth = (id: string, second: number, workflow: string, body: object) =>
  wire(id, {
    time: `2026-11-20T09:00:0${second}Z`,
    kind: 'oauth',
    message: undefined,
    outcome: 'success',
    workflow_id: workflow,
    agent: { id: 'mail-bot' },
    oauth: { client_id: 'app-1', grant_id: 'g-1', ...body },
  })

beforeAll(async () => {
  api = service()
  const sent = await api.post(
    ndjson(
      oauth('e1', 1, 'wf-1', { action: 'consent', app_name: 'Mail Helper', scopes: ['mail.read', 'mail.send'] }),
      oauth('e2', 2, 'wf-2', { action: 'token_issue', credential_id: 'tok-1', scopes: ['mail.read'] }),
      oauth('e3', 3, 'wf-3', { action: 'revoke' }),
    ),
  )
  expect(sent.json()).toMatchObject({ rejected: 0 })
})

describe('a grant', () => {
  it('tells who got it, for what, what was issued under it, and when it was revoked', async () => {
    expect(await shaped(Grant, api.get('/v1/grants/g-1'))).toMatchObject({
      grant_id: 'g-1',
      client_ids: ['app-1'],
      app_names: ['Mail Helper'],
      scopes: ['mail.read', 'mail.send'],
      credential_ids: ['tok-1'],
      agent_ids: ['mail-bot'],
      workflow_ids: ['wf-1', 'wf-2', 'wf-3'],
      steps: 3,
      truncated: false,
      revoked_at: '2026-11-20T09:00:03.000Z',
    })
  })

  it('has a path through every workflow, page by page', async () => {
    const page = await shaped(StepPage, api.get('/v1/grants/g-1/path?limit=2'))
    expect(page.items.map(({ event_id }) => event_id)).toEqual(['e1', 'e2'])
    const rest = await shaped(StepPage, api.get(`/v1/grants/g-1/path?limit=2&cursor=${page.next_cursor}`))
    expect(rest.items.map(({ event_id }) => event_id)).toEqual(['e3'])
  })

  it('is not there where nobody told of it', async () => {
    problemIn(await api.get('/v1/grants/none'), 404)
    problemIn(await api.get('/v1/grants/g-1?at=now'), 400)
  })
})
