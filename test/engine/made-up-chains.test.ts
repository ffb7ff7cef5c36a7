import { expect, it } from 'vitest'
import type { AgentEvent } from '../../src/core/index.ts'
import { createEngine } from '../../src/engine/engine.ts'
import { event } from '../kit/events.ts'
import { probes } from '../kit/stories.ts'

const HOUR = 3_600_000

const use = (id: string, at: number): AgentEvent =>
  event({ id, at, agent: 'a1', tool: { name: 'crm.read', operation: 'read', credential_id: 'c1' } })

/** The steps that stand in each chain at the end. */
function chainsOf(events: readonly AgentEvent[]): Readonly<Record<string, readonly string[]>> {
  const engine = createEngine({ detectors: probes })
  const names = new Set<string>()
  for (const one of events) {
    engine.accept(one, { origin: null, arrivedAt: 10 * HOUR + one.at })
    for (const { workflowId } of engine.drain().chains) names.add(workflowId)
  }
  const standing = [...names]
    .sort()
    .map((name) => [name, engine.stepsOf('default', name).map(({ event: { id } }) => id)])
  return Object.fromEntries(standing.filter(([, steps]) => steps?.length !== 0))
}

it('the later parts of a made-up chain have one name whatever came first', () => {
  const [first, second, third] = [use('e1', 0), use('e2', HOUR), use('e3', HOUR + 1_000)]
  const inOrder = chainsOf([first, second, third])
  expect(Object.values(inOrder)).toEqual([['e1'], ['e2', 'e3']])
  expect(chainsOf([first, third, second])).toEqual(inOrder)
})
