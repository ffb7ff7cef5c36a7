import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AgentEvent } from '../../src/core/index.ts'
import { createEngine, type Engine } from '../../src/engine/engine.ts'
import { probes, stories } from '../kit/stories.ts'

const detectors = probes

function standing(engine: Engine, events: readonly AgentEvent[], drainEvery = 3) {
  const alerts = new Map<string, string>()
  const chains = new Map<string, number>()
  const take = (): void => {
    const commit = engine.drain()
    for (const alert of commit.alerts) {
      const { revision: _revision, reason: _reason, ...rest } = alert
      if (alert.status === 'open') alerts.set(alert.id, JSON.stringify(rest))
      else alerts.delete(alert.id)
    }
    for (const chain of commit.chains) {
      if (chain.events > 0) chains.set(chain.workflowId, chain.events)
      else chains.delete(chain.workflowId)
    }
  }
  events.forEach((one, i) => {
    engine.accept(one, { origin: null, arrivedAt: one.at })
    if (i % drainEvery === 0) take()
  })
  engine.finish()
  take()
  return { alerts: [...alerts].sort(), chains: [...chains].sort() }
}

describe('the engine', () => {
  it('gives the same alerts and chains for any order of arrival within the lateness', () => {
    fc.assert(
      fc.property(
        stories.chain((events) =>
          fc.tuple(fc.constant(events), fc.shuffledSubarray([...events], { minLength: events.length })),
        ),
        ([events, shuffled]) => {
          expect(standing(createEngine({ detectors }), shuffled)).toEqual(standing(createEngine({ detectors }), events))
        },
      ),
      { numRuns: 400 },
    )
  })

  it('is changed by no repeat', () => {
    fc.assert(
      fc.property(stories, fc.array(fc.nat(), { maxLength: 20 }), (events, repeats) => {
        const twice = [...events]
        for (const at of repeats) twice.splice(at % twice.length, 0, events[at % events.length] as AgentEvent)
        expect(standing(createEngine({ detectors }), twice)).toEqual(standing(createEngine({ detectors }), events))
      }),
      { numRuns: 200 },
    )
  })
})
