import { describe, expect, it } from 'vitest'
import { story, type Told } from '../../detectors/cases/story.ts'
import { withUses } from '../../detectors/grant-uses.ts'
import { frameJson } from '../../schemas/api/step.ts'
import { decodeEvent } from '../../schemas/event.ts'
import { createEngine } from '../../src/engine/engine.ts'
import { replay } from '../../src/engine/replay.ts'

const w = story('wf-parent', 'planner')
const child = story('wf-child', 'worker')
const reads = { type: 'documents', locations: ['https://docs.example'], actions: ['read'] }

const decoded = (told: Told) => {
  const result = decodeEvent(told, { content: { key: Buffer.alloc(32), retain: false } })
  if (!result.ok) throw new Error(result.message)
  return result.event
}

/** The frames of a workflow as the API shows them. */
function framesOf(workflow: string, told: readonly Told[]) {
  const engine = createEngine({ detectors: [] })
  for (const one of told) engine.accept(decoded(one), { origin: null, arrivedAt: 0 })
  const steps = engine.drain().steps.flatMap(({ step }) => (step.attribution.workflowId === workflow ? [step] : []))
  return withUses(replay(steps, { detectors: [] })).map(frameJson)
}

describe('the authority of a chain, step by step', () => {
  it('says who gave it, what is in force, and what was used of it', () => {
    const frames = framesOf('wf-parent', [
      w.start('s', 0, {
        requested_by: 'ana',
        scopes: ['mail:read'],
        authorization_details: [reads],
        tools: ['docs.*'],
      }),
      w.approves('a', 1, { authorization_details: [{ type: 'payments' }], max_uses: 1 }),
      w.calls('c', 2, 'docs.read', {
        scopes: ['files:write'],
        authorization_details: [{ ...reads, locations: ['https://docs.example/7'] }],
      }),
      w.calls('p', 3, 'bank.pay', { authorization_details: [{ type: 'payments', actions: ['initiate'] }] }),
      w.calls('d', 4, 'docs.list', { scopes: ['mail:read'] }, { outcome: 'denied' }),
    ])
    expect(frames.map(({ authority }) => authority.grants.map(({ via, given_by }) => [via, given_by]))).toEqual([
      [],
      [['start', 'ana']],
      [
        ['start', 'ana'],
        ['approval', 'ana@acme.example'],
      ],
      [
        ['start', 'ana'],
        ['approval', 'ana@acme.example'],
      ],
      [
        ['start', 'ana'],
        ['approval', 'ana@acme.example'],
      ],
    ])
    const last = frames.at(-1)?.authority
    expect(last?.grants[0]?.uses).toEqual({
      scopes: [],
      authorization_details: ['documents locations=https://docs.example/7 actions=read'],
      tools: ['docs.read'],
      resources: [],
    })
    // The only use that was approved is taken: what it permitted counts no longer.
    expect(last?.grants[1]?.in_force).toBe(false)
    expect(last?.effective).toEqual({
      scopes: ['mail:read'],
      authorization_details: [reads],
      tools: ['docs.*'],
      resources: null,
    })
  })

  it('is cut to what the giver held, where work is handed over', () => {
    const handoff = {
      ...w.credential('h', 2, {}),
      kind: 'handoff',
      credential: undefined,
      handoff: {
        to_agent: { id: 'worker' },
        to_workflow_id: 'wf-child',
        authorization_details: [{ ...reads, actions: ['list'] }, { type: 'payments' }],
      },
    }
    const engine = createEngine({ detectors: [] })
    for (const one of [w.start('s', 0, { authorization_details: [reads] }), handoff, child.calls('c', 3, 'docs.read')])
      engine.accept(decoded(one), { origin: null, arrivedAt: 0 })
    engine.drain()
    expect(engine.knows('default', 'wf-child')?.authority.grants).toMatchObject([
      { via: 'handoff', by: 'planner', details: [{ ...reads, actions: ['list'] }] },
    ])
  })
})

describe('authorization_details at the door', () => {
  const issued = (detail: unknown) =>
    decodeEvent(w.credential('t', 1, { id: 'tok', action: 'issue', authorization_details: [detail] }), {
      content: { key: Buffer.alloc(32), retain: false },
    })

  it('keep what an API adds of its own in the attributes', () => {
    const result = issued({ ...reads, instructedAmount: { amount: '10.00' } })
    expect(result).toMatchObject({
      ok: true,
      event: {
        credential: { authorization_details: [reads] },
        attributes: { credential: { authorization_details: { 0: { instructedAmount: { amount: '10.00' } } } } },
      },
    })
  })

  it('need a type', () => {
    expect(issued({ actions: ['read'] })).toMatchObject({ ok: false, path: 'credential.authorization_details[0].type' })
  })
})
