import { beforeAll, describe, expect, it } from 'vitest'
import { AlertPage } from '../../schemas/api/alert.ts'
import { BlastRadius, Containment } from '../../schemas/api/response.ts'
import { StepPage } from '../../schemas/api/step.ts'
import { ndjson, problemIn, type Service, service, shaped } from './kit.ts'

let api: Service
let clock = 0

/** An event a second, of `rogue` in `wf-1` unless it says otherwise. */
const at = (id: string, kind: string, body: object, more: object = {}): object => ({
  id,
  time: new Date(Date.parse('2026-11-20T09:00:00Z') + 1_000 * clock++).toISOString(),
  kind,
  source: 'test',
  workflow_id: 'wf-1',
  agent: { id: 'rogue' },
  outcome: 'success',
  [kind]: body,
  ...more,
})
const reports = { workflow_id: 'wf-2', agent: { id: 'reports' } }

beforeAll(async () => {
  api = service()
  const reply = await api.post(
    ndjson(
      at('start', 'workflow', { action: 'start', task: 'digest', scopes: ['crm:read'] }),
      at('refresh-token', 'credential', { id: 'rt', type: 'refresh_token', action: 'issue', scopes: ['crm:read'] }),
      at('token', 'credential', {
        id: 'tok',
        type: 'access_token',
        action: 'exchange',
        parent_id: 'rt',
        audience: ['crm'],
        expires_at: '2026-11-20T10:00:00Z',
      }),
      at('old', 'credential', { id: 'key-old', type: 'api_key', action: 'use' }),
      at('read', 'tool_call', {
        name: 'crm.read',
        operation: 'read',
        credential_id: 'tok',
        resource: { id: 'crm/1', zone: 'sales', sensitivity: 'confidential' },
      }),
      at('vault', 'credential', {
        id: 'key-db',
        type: 'password',
        action: 'read',
        resource: { id: 'vault/db', type: 'secret', sensitivity: 'restricted' },
      }),
      at(
        'refused',
        'tool_call',
        { name: 'db.dump', operation: 'read', credential_id: 'key-db', resource: { id: 'db/main' } },
        { outcome: 'denied' },
      ),
      at('sent', 'tool_call', {
        name: 'mail.send',
        operation: 'send',
        destination: { id: 'drop@paste.example', type: 'email', external: true },
      }),
      at('consent', 'oauth', { action: 'consent', client_id: 'app', app_name: 'Notes', grant_id: 'g1', scopes: ['a'] }),
      at('hand', 'handoff', { to_agent: { id: 'helper' }, mode: 'delegate' }),
      at(
        'user',
        'tool_call',
        { name: 'db.query', operation: 'read', credential_id: 'key-db', resource: { id: 'db/9' } },
        reports,
      ),
      at('child', 'credential', { id: 'tok-2', action: 'exchange', parent_id: 'tok' }, reports),
      at('gone', 'credential', { id: 'key-old', action: 'revoke' }, reports),
    ),
  )
  expect(reply.json()).toMatchObject({ accepted: 13 })
})

describe('the blast radius of an agent', () => {
  const ask = (at = '2026-11-20T09:30:00Z') =>
    shaped(BlastRadius, api.get(`/v1/agents/rogue/blast-radius?at=${encodeURIComponent(at)}`))

  it('tells what was touched, most sensitive first, and what only was tried', async () => {
    const { resources } = await ask()
    expect(resources.map(({ id }) => id)).toEqual(['vault/db', 'crm/1', 'db/main', 'mail.send'])
    expect(resources[1]).toMatchObject({ operations: ['read'], outcomes: { success: 1 }, by: { event_id: 'read' } })
    expect(resources[2]).toMatchObject({ operations: [], outcomes: { denied: 1 } })
  })

  it('tells where things were sent, and who was handed work', async () => {
    const { destinations, agents } = await ask()
    expect(destinations).toMatchObject([
      { id: 'drop@paste.example', external: true, count: 1, by: { event_id: 'sent' } },
    ])
    expect(agents).toMatchObject([{ id: 'helper', type: 'delegate', by: { event_id: 'hand' } }])
  })

  it('tells what is still in its hands, from which step, and what was derived elsewhere', async () => {
    const { held } = await ask()
    const live = held.filter(({ state }) => state === 'live')
    expect(live.map(({ id, as, from, by }) => [id, as, from, by?.event_id ?? null])).toEqual([
      ['rt', 'issued', null, 'refresh-token'],
      ['tok', 'issued', 'rt', 'token'],
      ['key-db', 'read', null, 'vault'],
      ['g1', 'consented', null, 'consent'],
      ['tok-2', 'derived', 'tok', null],
    ])
    expect(held.find(({ id }) => id === 'tok')).toMatchObject({ audience: ['crm'], opened: ['crm/1'] })
    expect(held.find(({ id }) => id === 'key-db')).toMatchObject({
      opened: ['db/9'],
      also_used_by: { agents: ['reports'], workflows: ['wf-2'] },
    })
    expect(held.find(({ id }) => id === 'key-old')).toMatchObject({ state: 'revoked' })
  })

  it('counts what has expired by the time asked about as ended', async () => {
    const { held } = await ask('2026-11-20T10:00:00Z')
    expect(held.find(({ id }) => id === 'tok')).toMatchObject({
      state: 'expired',
      expires_at: '2026-11-20T10:00:00.000Z',
    })
  })

  it('is 404 for one that was never seen, and 400 for a time that is none', async () => {
    problemIn(await api.get('/v1/agents/nobody/blast-radius'), 404)
    expect(problemIn(await api.get('/v1/agents/rogue/blast-radius?at=soon'), 400)['errors']).toMatchObject([
      { field: 'at' },
    ])
  })
})

it('the blast radius of a credential is what anybody did with it', async () => {
  const { agent_ids, resources } = await shaped(BlastRadius, api.get('/v1/credentials/key-db/blast-radius'))
  expect(agent_ids).toEqual(['rogue', 'reports'])
  expect(resources.map(({ id }) => id)).toContain('db/9')
})

it('the path of an agent goes through all its workflows, and that of a credential through all hands', async () => {
  const ids = async (url: string): Promise<readonly string[]> =>
    (await shaped(StepPage, api.get(url))).items.map(({ event_id }) => event_id)
  expect(await ids('/v1/agents/reports/path')).toEqual(['user', 'child', 'gone'])
  expect(await ids('/v1/credentials/key-db/path')).toEqual(['vault', 'refused', 'user'])
})

describe('the plan of containment', () => {
  it('stops first, then ends what makes credentials before what was made, then rotates, then looks on', async () => {
    const { items } = await shaped(AlertPage, api.get('/v1/alerts?workflow=wf-1'))
    const { actions } = await shaped(
      Containment,
      api.get(`/v1/alerts/${items[0]?.alert_id}/containment?at=2026-11-20T09:30:00Z`),
    )
    expect(actions.map(({ action, target }) => `${action} ${target.id}`)).toEqual([
      'stop-agent rogue',
      'stop-agent reports',
      'revoke-grant g1',
      'revoke-credential rt',
      'revoke-credential tok',
      'revoke-credential tok-2',
      'rotate-secret key-db',
      'check-agent helper',
    ])
    expect(actions[6]).toMatchObject({ why: expect.stringContaining('db/9'), by: { event_id: 'vault' } })
  })

  it('is 404 for an alert that is not there', async () => {
    problemIn(await api.get('/v1/alerts/none/containment'), 404)
  })
})
