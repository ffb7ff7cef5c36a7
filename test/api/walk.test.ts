import { beforeAll, describe, expect, it } from 'vitest'
import type { z } from 'zod'
import { story } from '../../detectors/cases/story.ts'
import { WalkJson } from '../../schemas/api/walk.ts'
import { ndjson, problemIn, type Service, service, shaped } from './kit.ts'

let api: Service

/** A task hands work to a child, which issues a token; another workflow uses the token; a fourth has nothing to do with any of it. */
beforeAll(async () => {
  api = service()
  const parent = story('wf-parent', 'planner')
  const child = story('wf-child', 'worker')
  const thief = story('wf-thief', 'other-bot')
  const bystander = story('wf-bystander', 'planner')
  const handoff = {
    ...(parent.calls('hand', 3, 'x', {}) as object),
    kind: 'handoff',
    tool_call: undefined,
    handoff: { to_agent: { id: 'worker' }, to_workflow_id: 'wf-child', mode: 'spawn' },
  }
  const issued = {
    ...(child.calls('issue', 11, 'x', {}) as object),
    kind: 'credential',
    tool_call: undefined,
    credential: { id: 'tok-1', action: 'issue', type: 'access_token' },
  }
  await api.post(
    ndjson(
      parent.start('p0', 1),
      parent.calls('p1', 2, 'crm.read', { operation: 'read' }),
      handoff,
      bystander.start('b0', 4),
      { ...(child.start('c0', 10) as object), workflow: { action: 'start', parent_workflow_id: 'wf-parent' } },
      issued,
      child.calls('c2', 12, 'erp.read', { operation: 'read', credential_id: 'tok-1' }),
      thief.start('t0', 19),
      thief.calls('t1', 20, 'erp.export', { operation: 'read', credential_id: 'tok-1' }),
      thief.calls('t2', 21, 'mail.send', { operation: 'send' }),
    ),
  )
})

const walked = (workflow: string, query: string): Promise<z.output<typeof WalkJson>> =>
  shaped(WalkJson, api.get(`/v1/chains/${workflow}/path?${query}`))

const idsOf = ({ steps }: z.output<typeof WalkJson>) => steps.map(({ event_id }) => event_id)
const flowTo = ({ flows }: z.output<typeof WalkJson>, id: string) => flows.filter(({ to }) => to.step_id === id)

describe('the path from a step', () => {
  it('goes forward into the workflow that was started, and to whoever used what was issued there', async () => {
    const walk = await walked('wf-parent', 'from=p1')
    expect(idsOf(walk)).toEqual(['p1', 'hand', 'c0', 'issue', 'c2', 't1', 't2'])
    expect(walk).toMatchObject({
      direction: 'forward',
      start: { workflow_id: 'wf-parent', step_id: 'p1' },
      truncated: false,
    })
    expect(flowTo(walk, 'c0')).toEqual([
      {
        type: 'flow',
        from: { workflow_id: 'wf-parent', step_id: 'hand' },
        to: { workflow_id: 'wf-child', step_id: 'c0' },
        edge: 'handoff',
        grade: 'reported',
        rule: 'handoff.to_workflow_id',
        confidence: 1,
        carries: 'worker',
      },
    ])
    expect(flowTo(walk, 't1')).toEqual([
      expect.objectContaining({
        from: { workflow_id: 'wf-child', step_id: 'issue' },
        edge: 'credential',
        grade: 'derived',
        rule: 'credential.id',
        carries: 'tok-1',
      }),
    ])
    expect(flowTo(walk, 't2')).toEqual([expect.objectContaining({ edge: 'next', grade: 'inferred', carries: null })])
  })

  it('goes back to where a credential came from, and to who started that', async () => {
    const walk = await walked('wf-thief', 'from=t1&direction=back')
    expect(idsOf(walk)).toEqual(['p0', 'p1', 'hand', 'c0', 'issue', 't0', 't1'])
    expect(flowTo(walk, 't1')).toContainEqual(
      expect.objectContaining({ from: { workflow_id: 'wf-child', step_id: 'issue' }, carries: 'tok-1' }),
    )
  })

  it('is that step alone where nothing came of it', async () => {
    expect(idsOf(await walked('wf-thief', 'from=t2'))).toEqual(['t2'])
    expect(idsOf(await walked('wf-bystander', 'from=b0&direction=back'))).toEqual(['b0'])
  })

  it('says when there is more than it walks', async () => {
    const small = service({ limits: { maxSteps: 2 } }, api.store)
    const walk = await shaped(WalkJson, small.get('/v1/chains/wf-parent/path?from=p0'))
    expect(walk.truncated).toBe(true)
    expect(walk.steps).toHaveLength(2)
  })

  it('is refused for a step, a workflow and a direction that are none', async () => {
    expect(problemIn(await api.get('/v1/chains/wf-parent/path?from=t1'), 400)['errors']).toEqual([
      expect.objectContaining({ field: 'from' }),
    ])
    problemIn(await api.get('/v1/chains/nowhere/path?from=p1'), 404)
    problemIn(await api.get('/v1/chains/wf-parent/path?from=p1&direction=up'), 400)
    problemIn(await api.get('/v1/chains/wf-parent/path'), 400)
  })
})
