import { describe, expect, it } from 'vitest'
import { RunComparison } from '../../schemas/api/comparison.ts'
import { guarded, ndjson, problemIn, service, wire } from './kit.ts'

const STORY = ndjson(
  wire('a1', { workflow_id: 'wf-a' }),
  wire('a2', { workflow_id: 'wf-a', kind: 'tool_call', message: undefined, tool_call: { name: 'crm.read' } }),
  wire('b1', { workflow_id: 'wf-b' }),
)

describe('GET /v1/chains/{id}/compare', () => {
  it('sets two runs side by side', async () => {
    const api = service()
    await api.post(STORY)
    const told = RunComparison.parse((await api.get('/v1/chains/wf-a/compare?with=wf-b')).json())
    expect(told).toMatchObject({ part_at: 1, only: { tools: { left: ['crm.read'], right: [] } } })
    expect(told.steps.map(({ how }) => how)).toEqual(['same', 'only-left'])
  })

  it('asks for both, and knows nothing of another tenant', async () => {
    const api = guarded()
    await api.post(STORY, await api.as('ingest', 'default'))
    const mine = await api.as('viewer', 'default')
    problemIn(await api.get('/v1/chains/wf-a/compare', mine), 400)
    problemIn(await api.get('/v1/chains/wf-a/compare?with=', mine), 400)
    problemIn(await api.get('/v1/chains/wf-a/compare?with=wf-b&by=step', mine), 400)
    problemIn(await api.get('/v1/chains/wf-a/compare?with=wf-none', mine), 404)
    problemIn(await api.get('/v1/chains/wf-a/compare?with=wf-b', await api.as('viewer', 'other')), 404)
  })
})
