import { describe, expect, it } from 'vitest'
import type { AgentEvent } from '../../src/core/index.ts'
import { createEngine, type Engine } from '../../src/engine/engine.ts'
import { event } from '../kit/events.ts'
import { probes } from '../kit/stories.ts'

const MINUTE = 60_000
const step = (id: string, at: number): AgentEvent => event({ id, at, workflow: 'w1', agent: 'a1', tool: { name: 't' } })

/** Takes an event in, and says what was not seen for it. */
function losses(engine: Engine, one: AgentEvent, arrivedAt = one.at): readonly string[] {
  engine.accept(one, { origin: null, arrivedAt })
  return engine.drain().coverage.map(({ what }) => what)
}

/** So many steps of one chain, that far apart. */
function many(engine: Engine, count: number, apart: number): void {
  for (let nth = 0; nth < count; nth += 1) losses(engine, step(`s${nth}`, nth * apart))
}

const placesOf = (engine: Engine): readonly string[] => engine.stepsOf('default', 'w1').map(({ event: { id } }) => id)

describe('a step has its place in a long chain', () => {
  it('where others may still tell of that time, however far the chain itself is', () => {
    const engine = createEngine({ detectors: probes, owns: () => true })
    many(engine, 300, MINUTE)
    expect(losses(engine, step('told', 1.5 * MINUTE))).toEqual([])
    expect(placesOf(engine).slice(0, 4)).toEqual(['s0', 's1', 'told', 's2'])
  })

  it('until time is past it there: then it is stored and told as late', () => {
    const engine = createEngine({ detectors: probes, owns: () => true })
    many(engine, 200, MINUTE)
    engine.finish(step('', 150 * MINUTE).at)
    many(engine, 300, MINUTE)
    expect(losses(engine, step('late', 1.5 * MINUTE))).toContain('late')
    expect(placesOf(engine)).not.toContain('s0')
  })

  it('though one came before that says it is of the next day', () => {
    const engine = createEngine({ detectors: probes })
    many(engine, 200, 1_000)
    const now = step('', 200_000).at
    expect(losses(engine, step('skewed', 1_440 * MINUTE), now)).toEqual(['clock_skew'])
    expect(losses(engine, step('in-time', 100_500), now)).toEqual([])
    expect(placesOf(engine)).toContain('in-time')
  })
})
