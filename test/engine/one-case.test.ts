import { describe, expect, it } from 'vitest'
import { story } from '../../detectors/cases/story.ts'
import { credentialOutlivesTask } from '../../detectors/credential-outlives-task.ts'
import { delegationWidening } from '../../detectors/delegation-widening.ts'
import { decodeEvent } from '../../schemas/event.ts'
import type { AgentEvent, Alert } from '../../src/core/index.ts'
import { createEngine } from '../../src/engine/engine.ts'
import { event, START } from '../kit/events.ts'

const MINUTE = 60_000
const DAY = 1_440 * MINUTE

/** The last revision of every alert, told after each event as time goes by. */
function told(...events: readonly AgentEvent[]): readonly Alert[] {
  const engine = createEngine({ detectors: [credentialOutlivesTask] })
  const alerts = new Map<string, Alert>()
  for (const one of events) {
    engine.finish(one.at - 1)
    for (const alert of engine.drain().alerts) alerts.set(alert.id, alert)
    engine.accept(one, { origin: null, arrivedAt: one.at })
    for (const alert of engine.drain().alerts) alerts.set(alert.id, alert)
  }
  return [...alerts.values()]
}

const task = [
  event({ id: 's', at: 0, workflow: 'wf-1' }),
  event({
    id: 'i',
    at: 1_000,
    workflow: 'wf-1',
    credential: { id: 'tok', action: 'issue', expires_at: new Date(START + DAY).toISOString() },
  }),
  event({ id: 'e', at: MINUTE, workflow: 'wf-1', end: true }),
]
const use = (id: string, minutes: number, workflow?: string): AgentEvent =>
  event({
    id,
    at: minutes * MINUTE,
    tool: { name: 'crm.read', operation: 'read', credential_id: 'tok' },
    ...(workflow === undefined ? {} : { workflow }),
  })

const shown = (alerts: readonly Alert[]) =>
  alerts.map(({ workflowId, status, severity, evidence }) => ({
    workflowId,
    status,
    severity,
    cites: evidence.map(({ eventId }) => eventId),
  }))

describe('a credential that outlives its task is one case', () => {
  it('that grows where the late use is of the same chain', () => {
    const alerts = told(...task, use('x', 60, 'wf-1'), use('y', 120, 'wf-1'))
    expect(shown(alerts)).toEqual([
      { workflowId: 'wf-1', status: 'open', severity: 'high', cites: ['i', 'e', 'x', 'y'] },
    ])
    expect(alerts[0]?.revision).toBe(3)
  })

  it('that goes on in the chain of the late use where that is another', () => {
    const alerts = told(...task, use('x', 60, 'wf-2'))
    expect(shown(alerts)).toEqual([
      { workflowId: 'wf-1', status: 'retracted', severity: 'medium', cites: ['i', 'e'] },
      { workflowId: 'wf-2', status: 'open', severity: 'high', cites: ['i', 'e', 'x'] },
    ])
    expect(alerts[0]?.reason).toBe('it goes on in wf-2')
    expect(alerts[1]?.workflowIds).toEqual(['wf-2', 'wf-1'])
  })
})

describe('work in a child that holds more than its parent', () => {
  it('is told with the hand-off that gave it, and so is listed under both workflows', () => {
    const [parent, child] = [story('wf-parent', 'planner'), story('wf-child', 'writer')]
    const passed = { scopes: ['docs:read', 'customers:read'] }
    const handoff = { to_agent: { id: 'writer' }, to_workflow_id: 'wf-child', ...passed }
    const engine = createEngine({ detectors: [delegationWidening] })
    for (const one of [
      parent.start('ps', 0, { scopes: ['docs:read'] }),
      { ...parent.says('h', 10, ''), kind: 'handoff', message: undefined, handoff },
      child.start('cs', 12, { ...passed, parent_workflow_id: 'wf-parent' }),
      child.calls('u', 20, 'crm.export', { operation: 'read', scopes: ['customers:read'] }),
    ]) {
      const decoded = decodeEvent(one, { content: { key: new Uint8Array(32), retain: false } })
      if (!decoded.ok) throw new Error(decoded.message)
      engine.accept(decoded.event, { origin: null, arrivedAt: decoded.event.at })
    }
    const [found, ...others] = engine.drain().alerts.filter(({ workflowId }) => workflowId === 'wf-child')
    expect(others).toEqual([])
    expect(found?.workflowIds.toSorted()).toEqual(['wf-child', 'wf-parent'])
    expect(found?.evidence.map(({ eventId }) => eventId)).toEqual(['h', 'cs', 'u'])
  })
})
