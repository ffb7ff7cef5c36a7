import { beforeAll, describe, expect, it } from 'vitest'
import type { z } from 'zod'
import { story, type Told } from '../../detectors/cases/story.ts'
import { detectors } from '../../detectors/index.ts'
import { Agent, AgentPage } from '../../schemas/api/agent.ts'
import { createMemoryStore } from '../../src/adapters/memory/memory-store.ts'
import { createEngine } from '../../src/engine/engine.ts'
import { createPipeline } from '../../src/runtime/pipeline.ts'
import { START } from '../kit/events.ts'
import { guarded, ndjson, problemIn, type Service, service, shaped } from './kit.ts'

const DAY = 86_400
const CHAINS = 24

/** One chain a quarter of a day: the same two tools each time. */
const daily = (n: number): readonly Told[] => {
  const w = story(`wf-${n}`, 'daily-bot')
  const at = (n * DAY) / 4
  const call = (id: string, second: number, tool: string): Told =>
    w.calls(`${id}${n}`, at + second, tool, {
      operation: 'read',
      resource: { id: `crm/customers/${n}`, zone: 'sales' },
    })
  return [w.start(`s${n}`, at), call('a', 1, 'crm.search'), call('b', 2, 'crm.read'), w.end(`e${n}`, at + 3)]
}

const strange = (at: number): readonly Told[] => {
  const w = story('wf-strange', 'daily-bot')
  return [
    w.start('s', at),
    w.calls('x1', at + 1, 'cluster.exec', { operation: 'execute', resource: { id: 'pods/a', zone: 'prod' } }),
    w.calls('x2', at + 2, 'files.push', {
      operation: 'send',
      destination: { id: 'https://paste.example', type: 'url' },
    }),
    w.end('e', at + 3),
  ]
}

let api: Service
let agent: z.output<typeof Agent>

beforeAll(async () => {
  api = service()
  const usual = Array.from({ length: CHAINS }, (_, n) => daily(n)).flat()
  await api.post(ndjson(...usual, ...strange((CHAINS * DAY) / 4)))
  agent = await shaped(Agent, api.get('/v1/agents/daily-bot'))
})

describe('an agent', () => {
  it('is shown with what is usual for it, and since when', () => {
    const { baseline } = agent
    expect(baseline).toMatchObject({ since: '2026-11-20T09:00:01.000Z', taught: CHAINS, cold_because: null, open: 0 })
    const names = (what: string): readonly (string | undefined)[] =>
      (baseline.habits[what] ?? []).map(({ name }) => name)
    expect(names('tool')).toEqual(['crm.read', 'crm.search'])
    expect(names('transition')).toEqual(['crm.search > crm.read'])
    expect(names('resource')).toEqual(['crm/customers'])
    expect(names('zone')).toEqual(['sales'])
  })

  it('names the chain that taught nothing, and why', () => {
    expect(agent.baseline.untaught).toEqual([{ workflow_id: 'wf-strange', why: expect.stringContaining('rare-path') }])
    expect(JSON.stringify(agent.baseline.habits)).not.toMatch(/cluster|paste|prod/)
  })

  it('weighs what was done long ago less', () => {
    const [weight = 0] = (agent.baseline.habits['tool'] ?? []).map((one) => one.weight)
    expect(weight).toBeLessThan(CHAINS)
    expect(weight).toBeGreaterThan(CHAINS / 2)
  })

  it('is shown with the authority it was given, and what of it nobody uses', async () => {
    const { post, get } = service()
    const w = story('wf-conn', 'connector-bot')
    const read = w.calls('c', 9, 'drive.read', { operation: 'read', credential_id: 'tok', scopes: ['mail.read'] })
    const consent = {
      ...w.calls('g', 1, 'none'),
      kind: 'oauth',
      tool_call: undefined,
      oauth: { action: 'consent', client_id: 'app', grant_id: 'g-1', scopes: ['mail.*', 'files.read', 'mail.send'] },
    }
    const denied = w.calls('d', 10, 'files.read', { operation: 'read', scopes: ['files.read'] }, { outcome: 'denied' })
    await post(ndjson(w.start('s', 0, { scopes: ['mail.read'] }), consent, read, denied))
    const { authority } = await shaped(Agent, get('/v1/agents/connector-bot'))
    expect(authority).toMatchObject({ calls: 1, calls_with_scopes: 1 })
    expect(authority.scopes.map((one) => [one.scope, one.by, one.last_used_at !== null, one.wider_than_used])).toEqual([
      ['mail.read', 'task', true, false],
      ['mail.*', 'grant g-1', true, true],
      ['files.read', 'grant g-1', false, false],
      ['mail.send', 'grant g-1', false, false],
    ])
  })

  it('says why it judges nothing by it yet', async () => {
    const { post, get } = service()
    await post(ndjson(...daily(0)))
    const { baseline } = await shaped(Agent, get('/v1/agents/daily-bot'))
    expect(baseline).toMatchObject({ taught: 1, cold_because: '1 of 20 chains were seen' })
  })

  it('is a problem where nobody knows it, or another tenant does', async () => {
    problemIn(await api.get('/v1/agents/nobody'), 404)
    problemIn(await api.get('/v1/agents/daily-bot?tenant=other'), 404)
  })
})

describe('the list of agents', () => {
  it('has each with its chains counted, and is narrowed by what they did', async () => {
    const all = await shaped(AgentPage, api.get('/v1/agents'))
    expect(all.items).toMatchObject([{ agent_id: 'daily-bot', tenant: 'default', chains: CHAINS + 1 }])
    const by = async (query: string) => (await shaped(AgentPage, api.get(`/v1/agents?${query}`))).items.length
    expect(await by('tool=cluster.exec')).toBe(1)
    expect(await by('tool=nothing')).toBe(0)
    expect(await by('workflow=wf-strange&min_score=0')).toBe(1)
    expect(await by('since=2027-11-20T00:00:00Z')).toBe(0)
    expect(await by('agent=daily*&tool=cluster.*')).toBe(1)
    expect(await by('agent=night*')).toBe(0)
    problemIn(await api.get('/v1/agents?agents=a'), 400)
  })

  it('is of the tenant of who asks', async () => {
    const asked = guarded()
    const { post, get, as } = asked
    await post(ndjson(...daily(1)), await as('ingest', 'acme'))
    expect((await shaped(AgentPage, get('/v1/agents', await as('viewer', 'acme')))).items).toHaveLength(1)
    expect((await shaped(AgentPage, get('/v1/agents', await as('viewer', 'other')))).items).toEqual([])
    problemIn(await get('/v1/agents?tenant=acme', await as('viewer', 'other')), 403)
  })
})

describe('an agent whose first steps the store has forgotten', () => {
  const LONG = 120
  const all = Array.from({ length: LONG }, (_, n) => daily(n)).flat()
  const KEPT_FROM = START + ((LONG - 12) * DAY * 1_000) / 4

  /** What is shown when the checkpoint was made by detectors with these settings. */
  async function shownAfter(settings: Record<string, unknown>): Promise<z.output<typeof Agent>> {
    const store = createMemoryStore()
    const engine = createEngine({ detectors, settings, isBacked: true })
    const clock = () => START + LONG * DAY * 1_000
    const pipeline = createPipeline({ engine, store, clock, maxBatch: 100, rawOf: () => null })
    const { app: _app, ...writer } = service({ ingest: (arrivals) => pipeline.ingest(arrivals) }, store)
    for (let at = 0; at < all.length; at += 60) await writer.post(ndjson(...all.slice(at, at + 60)))
    const reader: typeof store = {
      ...store,
      async stepsOfThread(tenant, thread, query) {
        const { items, cursor } = await store.stepsOfThread(tenant, thread, query)
        return { items: items.filter(({ step }) => step.event.at >= KEPT_FROM), cursor }
      },
    }
    return shaped(Agent, service({ reader }, store).get('/v1/agents/daily-bot'))
  }

  it('is shown with what these taught, as long as the same detectors learn from it', async () => {
    const { baseline, steps } = await shownAfter({})
    expect(steps).toBeLessThan(60)
    expect(baseline.since).toBe('2026-11-20T09:00:01.000Z')
    expect(baseline.taught).toBeGreaterThan(60)
  })

  it('is shown with what the others teach, where other settings had made the rest', async () => {
    const { baseline } = await shownAfter({ 'rare-path': { halfLifeDays: 3 } })
    expect(baseline.taught).toBe(12)
  })
})
