import { expect, it } from 'vitest'
import { Outbox } from '../../src/engine/outbox.ts'
import { Placed } from '../../src/engine/placed.ts'
import { event } from '../kit/events.ts'

const ARRIVED = { origin: null, arrivedAt: 0, late: false, clockSkew: false }
const at = (workflowId: string) => ({ workflowId, grade: 'derived', rule: 'own' }) as const
const stored = (): Placed => {
  const placed = new Placed(event({ id: 'e1', at: 0 }), at('first'), ARRIVED)
  placed.isOut = true
  return placed
}
const said = (outbox: Outbox) =>
  outbox.empty().steps.map(({ step, isGone }) => `${step.attribution.workflowId} ${isGone ? 'gone' : 'stands'}`)

const moved = (outbox: Outbox, placed: Placed, workflowId: string): void => {
  outbox.take(placed)
  placed.attribution = at(workflowId)
  outbox.put(placed)
}

it('a step that left its place stands there no longer, though a thread has a copy of its own that was put before', () => {
  const outbox = new Outbox()
  const [ofChain, ofThread] = [stored(), stored()]
  outbox.put(ofThread)
  moved(outbox, ofChain, 'second')
  expect(said(outbox)).toEqual(['first gone', 'second stands'])
})

it('a step that came back to its place stands there', () => {
  const outbox = new Outbox()
  const placed = stored()
  moved(outbox, placed, 'second')
  moved(outbox, placed, 'first')
  expect(said(outbox)).toEqual(['first gone', 'first stands'])
})
