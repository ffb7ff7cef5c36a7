import { generateKeyPairSync } from 'node:crypto'
import type { LightMyRequestResponse } from 'fastify'
import type { JSONWebKeySet } from 'jose'
import { afterEach, describe, expect, it } from 'vitest'
import { ContainmentOrder, ContainmentOrderPage } from '../../schemas/api/containment.ts'
import { createSsfReceiver, publicJwk } from '../../src/adapters/destinations/ssf.ts'
import { createMemoryStore } from '../../src/adapters/memory/memory-store.ts'
import type { ApiParts } from '../../src/api/parts.ts'
import { CatenaryError } from '../../src/core/index.ts'
import type { Store } from '../../src/ports/index.ts'
import { pusherOf } from '../../src/runtime/push-events.ts'
import { startSsf, type TestSsf } from '../kit/ssf.ts'
import { guarded, NOW, ndjson, problemIn, type Service, service, wire } from './kit.ts'

const CAEP = 'https://schemas.openid.net/secevent/caep/event-type'
const [ISSUER, AUDIENCE, TOKEN] = ['https://catenary.acme.example', 'https://idp.acme.example', 'hunter2']
const pemOf = (): string =>
  generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()

let stops: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const stop of stops.reverse()) await stop()
  stops = []
})

interface Wired {
  readonly ssf: TestSsf
  readonly parts: Pick<ApiParts, 'securityEvents' | 'clock'>
  readonly store: Store
}

/** A strict receiver, and a service's part that sends to it. */
async function wired(more: { readonly token?: string; readonly tenants?: readonly string[] } = {}): Promise<Wired> {
  const pem = pemOf()
  const keys: JSONWebKeySet = { keys: [await publicJwk(pem)] }
  const ssf = await startSsf({ issuer: ISSUER, audience: AUDIENCE, token: TOKEN, keys: () => keys })
  const receiver = createSsfReceiver({
    name: 'idp',
    url: `${ssf.url}/ssf/events`,
    issuer: ISSUER,
    audience: AUDIENCE,
    key: () => pem,
    token: () => more.token ?? TOKEN,
    tenants: more.tenants,
    clock: () => NOW,
    tls: { verify: true },
    timeoutMs: 20_000,
  })
  stops.push(
    () => ssf.stop(),
    () => receiver.close(),
  )
  const store = createMemoryStore()
  const securityEvents = pusherOf({
    receivers: [receiver],
    outbox: store.outbox,
    clock: () => NOW,
    wait: async () => undefined,
  })
  return { ssf, store, parts: { securityEvents, clock: () => NOW } }
}

const bot = { agent: { id: 'bot-1' }, outcome: 'success' }
const uses = (id: string, time: string, more: object = {}): object =>
  wire(id, {
    ...bot,
    time,
    kind: 'tool_call',
    message: undefined,
    tool_call: { name: 'crm.read', credential_id: 'tok-1' },
    ...more,
  })
const STORY = [
  wire('i', {
    ...bot,
    kind: 'credential',
    message: undefined,
    credential: { id: 'tok-1', type: 'access_token', action: 'issue' },
  }),
  uses('u', '2026-11-20T09:01:00Z'),
]

const orders = (
  api: Service,
  body: object,
  headers: Record<string, string> = {},
  query = '',
): Promise<LightMyRequestResponse> =>
  api.app.inject({ method: 'POST', url: `/v1/containments${query}`, headers, payload: body })

const AT = new Date(NOW).toISOString()
const WHOLE = { subject: { kind: 'workflow', id: 'wf-1' }, reason: 'stolen by a prompt' }

async function critical(api: Service): Promise<readonly { readonly detector: string; readonly severity: string }[]> {
  const { items } = (await api.get('/v1/alerts?detector=use-after-containment&min_severity=critical')).json()
  return items
}

describe('a containment', () => {
  it('is a dry run unless it is told not to be', async () => {
    const { ssf, parts, store } = await wired()
    const api = service(parts, store)
    await api.post(ndjson(...STORY))
    const told = ContainmentOrder.parse((await orders(api, WHOLE)).json())
    expect(told).toMatchObject({ dry_run: true, workflow_id: null })
    expect(told.steps).toMatchObject([
      {
        action: 'stop-agent',
        target: { kind: 'agent', id: 'bot-1' },
        pushes: [{ receiver: 'idp', verdict: 'would_push' }],
      },
      {
        action: 'revoke-credential',
        target: { kind: 'credential', id: 'tok-1' },
        event_type: `${CAEP}/credential-change`,
      },
    ])
    expect(ssf.sets).toEqual([])
    await api.post(ndjson(uses('x', '2026-11-20T10:00:00Z')))
    expect(await critical(api)).toEqual([])
  })

  it('is told to its receiver by signed events, kept as a chain, and followed', async () => {
    const { ssf, parts, store } = await wired()
    const api = service(parts, store)
    await api.post(ndjson(...STORY))
    const told = ContainmentOrder.parse((await orders(api, { ...WHOLE, dry_run: false })).json())
    expect(told.steps.map(({ pushes }) => pushes)).toEqual([
      [{ receiver: 'idp', verdict: 'delivered', why: null, attempts: 1, changed_at: AT }],
      [{ receiver: 'idp', verdict: 'delivered', why: null, attempts: 1, changed_at: AT }],
    ])
    expect(ssf.sets).toMatchObject([
      {
        sub_id: { format: 'opaque', id: 'bot-1' },
        events: { [`${CAEP}/session-revoked`]: { initiating_entity: 'admin', reason_admin: { en: WHOLE.reason } } },
      },
      {
        sub_id: { format: 'opaque', id: 'tok-1' },
        events: { [`${CAEP}/credential-change`]: { change_type: 'revoke', credential_type: 'access_token' } },
      },
    ])
    const chain = await api.get(`/v1/chains/${encodeURIComponent(told.workflow_id ?? '')}/steps`)
    expect(chain.json<{ items: { label: string }[] }>().items.map(({ label }) => label)).toEqual([
      'contain agent bot-1',
      'contain credential tok-1',
    ])
    await api.post(ndjson(uses('retry', '2026-11-20T09:30:05Z')))
    expect(await critical(api)).toEqual([])
    await api.post(ndjson(uses('x', '2026-11-20T09:40:00Z', { workflow_id: 'wf-2' })))
    expect(await critical(api)).toMatchObject([{ detector: 'use-after-containment', severity: 'critical' }])
  })

  it('is followed though no receiver is set, and though the receiver is down', async () => {
    const { ssf, parts, store } = await wired()
    ssf.faults.push({ status: 503 }, { status: 503 }, { status: 503 }, 'cut')
    for (const one of [service({ clock: () => NOW }), service(parts, store)]) {
      await one.post(ndjson(...STORY))
      const told = ContainmentOrder.parse((await orders(one, { ...WHOLE, dry_run: false })).json())
      expect(told.steps.every(({ watched }) => watched)).toBe(true)
      expect(told.steps.flatMap(({ pushes }) => pushes).every(({ verdict }) => verdict === 'pending')).toBe(true)
      await one.post(ndjson(uses('x', '2026-11-20T09:40:00Z')))
      expect(await critical(one)).toHaveLength(1)
    }
  })

  it('is sent again within seconds where nobody knows whether it was taken, and taken once', async () => {
    const { ssf, parts, store } = await wired()
    const api = service(parts, store)
    await api.post(ndjson(...STORY))
    ssf.faults.push('cut', { status: 429, headers: { 'retry-after': '1' } })
    const told = ContainmentOrder.parse((await orders(api, { ...WHOLE, dry_run: false })).json())
    expect(told.steps.flatMap(({ pushes }) => pushes).map(({ verdict }) => verdict)).toEqual(['delivered', 'delivered'])
    expect(ssf.sets).toHaveLength(2)
  })

  it('says why a receiver refused', async () => {
    const { parts, store } = await wired({ token: 'wrong' })
    const api = service(parts, store)
    await api.post(ndjson(...STORY))
    const told = ContainmentOrder.parse((await orders(api, { ...WHOLE, dry_run: false })).json())
    expect(told.steps[0]?.pushes).toMatchObject([{ verdict: 'pending', why: expect.stringContaining('401') }])
  })

  it('is told to no receiver of another tenant', async () => {
    const { ssf, parts, store } = await wired({ tenants: ['acme'] })
    const api = service(parts, store)
    await api.post(ndjson(...STORY))
    const told = ContainmentOrder.parse((await orders(api, { ...WHOLE, dry_run: false })).json())
    expect(told.steps.flatMap(({ pushes }) => pushes)).toEqual([])
    expect(ssf.received).toEqual([])
  })

  it('ends with a release, by name', async () => {
    const { ssf, parts, store } = await wired()
    const api = service(parts, store)
    await api.post(ndjson(...STORY))
    const targets = [{ kind: 'agent', id: 'bot-1' }]
    await orders(api, { targets, reason: 'stolen', dry_run: false })
    const letBack = { ...parts, clock: () => NOW + 60_000 }
    expect(ssf.sets).toHaveLength(1)
    const again = service(letBack, api.store)
    const told = ContainmentOrder.parse(
      (await orders(again, { action: 'release', targets, reason: 'cleaned', dry_run: false })).json(),
    )
    expect(told.steps).toMatchObject([{ event_type: null, pushes: [] }])
    expect(ssf.sets).toHaveLength(1)
  })
})

describe('the list of orders', () => {
  const listed = async (api: Service, query = ''): Promise<readonly ContainmentOrder[]> =>
    ContainmentOrderPage.parse((await api.get(`/v1/containments${query}`)).json()).items
  const of = (kind: string, id: string, more: object = {}) => ({
    targets: [{ kind, id }],
    reason: 'stolen',
    dry_run: false,
    ...more,
  })

  it('has each order with what became of its events, and no dry run', async () => {
    const { ssf, parts, store } = await wired()
    const api = service(parts, store)
    await api.post(ndjson(...STORY))
    ssf.faults.push({ status: 400, body: '{"err": "invalid_audience"}' })
    const given = ContainmentOrder.parse((await orders(api, { ...WHOLE, dry_run: false })).json())
    await orders(api, WHOLE)
    expect(await listed(api)).toEqual([given])
    expect(given.steps.map(({ pushes }) => pushes.map(({ verdict }) => verdict))).toEqual([['failed'], ['delivered']])
    expect(given.steps[0]?.pushes[0]).toMatchObject({ attempts: 1, why: expect.stringContaining('400') })
    expect((await api.get(`/v1/containments/${given.id}`)).json()).toEqual(given)
    problemIn(await api.get('/v1/containments/none'), 404)
  })

  it('is narrowed by target, action and time, newest first, page by page', async () => {
    const store = createMemoryStore()
    for (const [i, body] of [
      of('agent', 'bot-1'),
      of('credential', 'tok-1'),
      of('agent', 'bot-1', { action: 'release' }),
      of('grant', 'bot-1'),
    ].entries())
      await orders(service({ clock: () => NOW + i * 60_000 }, store), body)
    const api = service({}, store)
    const found = async (query: string) =>
      (await listed(api, query)).map(({ action, steps }) => `${action} ${steps[0]?.target.kind}`)
    expect(await found('')).toEqual(['contain grant', 'release agent', 'contain credential', 'contain agent'])
    expect(await found('?agent=bot-*')).toEqual(['release agent', 'contain agent'])
    expect(await found('?agent=bot-1&action=contain')).toEqual(['contain agent'])
    expect(await found('?credential=tok-1')).toEqual(['contain credential'])
    expect(await found('?grant=bot-1')).toEqual(['contain grant'])
    expect(await found(`?since=${new Date(NOW + 120_000).toISOString()}`)).toEqual(['contain grant', 'release agent'])
    expect(await found(`?until=${new Date(NOW + 60_000).toISOString()}`)).toEqual(['contain agent'])
    const first = (await api.get('/v1/containments?limit=3')).json<{ next_cursor: string }>()
    expect(await found(`?limit=3&cursor=${first.next_cursor}`)).toEqual(['contain agent'])
    problemIn(await api.get('/v1/containments?cursor=forged'), 400)
    expect(JSON.stringify(problemIn(await api.get('/v1/containments?target=x'), 400))).toContain('target')
  })

  it('is of the own tenant, and for analysts', async () => {
    const api = guarded({ clock: () => NOW })
    await orders(api, of('agent', 'bot-1'), await api.as('responder', 'acme'))
    const ids = async (headers: Record<string, string>) =>
      (await api.get('/v1/containments', headers)).json<{ items: { id: string }[] }>().items.map(({ id }) => id)
    const [id = ''] = await ids(await api.as('analyst', 'acme'))
    expect(id).not.toBe('')
    expect(await ids(await api.as('analyst', 'globex'))).toEqual([])
    expect(await ids(await api.as('analyst'))).toEqual([id])
    problemIn(await api.get(`/v1/containments/${id}`, await api.as('analyst', 'globex')), 404)
    problemIn(await api.get('/v1/containments', await api.as('viewer', 'acme')), 403)
  })
})

describe('who may not', () => {
  it('contain anything: an analyst, and a responder of another tenant', async () => {
    const api = guarded({ clock: () => NOW })
    await api.post(ndjson(...STORY), await api.as('ingest', 'default'))
    problemIn(await orders(api, WHOLE, await api.as('analyst', 'default')), 403)
    problemIn(await orders(api, WHOLE, await api.as('ingest', 'default')), 403)
    problemIn(await orders(api, WHOLE, await api.as('responder', 'other')), 404)
    expect((await orders(api, WHOLE, await api.as('responder', 'default'))).statusCode).toBe(200)
  })

  it('send a containment, or a release, as an event: who only ingests', async () => {
    const api = guarded({ clock: () => NOW })
    const event = wire('r', {
      kind: 'containment',
      message: undefined,
      containment: { action: 'release', target: { kind: 'agent', id: 'bot-1' } },
    })
    const reply = await api.post(ndjson(event), await api.as('ingest', 'default'))
    expect(reply.json()).toMatchObject({ rejected: 1, verdicts: [{ reason: 'not_yours', path: 'kind' }] })
  })
})

describe('an order that cannot be read', () => {
  const targets = [{ kind: 'agent', id: 'bot-1' }]
  it.each<[string, object, RegExp]>([
    ['without a reason', { targets }, /reason/],
    ['with a reason of blanks', { targets, reason: '    ' }, /reason/],
    ['with neither subject nor targets', { reason: 'stolen' }, /subject/],
    ['with both', { ...WHOLE, targets }, /subject/],
    ['to release a whole path', { ...WHOLE, action: 'release' }, /targets/],
    ['with an unknown field', { ...WHOLE, force: true }, /force/],
    ['of a kind that is none', { targets: [{ kind: 'user', id: 'a' }], reason: 'stolen' }, /kind/],
    ['with a dry run in words', { ...WHOLE, dry_run: 'false' }, /dry_run/],
    ['with too many targets', { targets: Array.from({ length: 201 }, () => targets[0]), reason: 'stolen' }, /targets/],
  ])('is refused: %s', async (_, body, why) => {
    expect(JSON.stringify(problemIn(await orders(service(), body), 400))).toMatch(why)
  })

  it('is refused of a path that is not there', async () => {
    problemIn(await orders(service(), WHOLE), 404)
  })

  it('tells nobody where the order cannot be stored', async () => {
    const { ssf, parts, store } = await wired()
    const away = async (): Promise<never> => {
      throw new CatenaryError('CAT_STORE_UNAVAILABLE', 'the store is away', { retry: 'later' })
    }
    const targets = [{ kind: 'agent', id: 'bot-1' }]
    const api = service({ ...parts, ingest: away }, store)
    problemIn(await orders(api, { targets, reason: 'stolen', dry_run: false }), 503)
    expect(ssf.received).toEqual([])
  })
})
