import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type AgentEvent, type AnyDetector, cite, defineDetector, refTo, type StepRef } from '../../src/core/index.ts'
import { createEngine, type Engine } from '../../src/engine/engine.ts'
import { event } from '../kit/events.ts'

/** Sights a secret read followed by a send, and a credential with no revocation two minutes after its issue. */
const pair = defineDetector({
  id: 'pair',
  version: 1,
  about: {
    title: 'A read, then a send',
    severity: 'high',
    maturity: 'stable',
    why: 'test',
    misses: ['everything else'],
    respond: ['look'],
    needs: [],
    references: [],
    frameworks: [],
  },
  reads: ['chain'],
  wants: ['tool_call'],
  options: { parse: () => ({}) },
  init: (): { read: StepRef | null } => ({ read: null }),
  fold(state, step) {
    if (step.event.kind !== 'tool_call' || step.event.outcome !== 'success') return { state, sightings: [] }
    if (step.event.tool_call.operation === 'read') return { state: { read: refTo(step) }, sightings: [] }
    if (step.event.tool_call.operation !== 'send' || state.read === null) return { state, sightings: [] }
    const send = refTo(step)
    const evidence = [cite(state.read, 'read'), cite(send, 'send')]
    return {
      state,
      sightings: [
        {
          key: `${state.read.eventId}>${send.eventId}`,
          summary: `${state.read.label} then ${send.label}`,
          severity: 'high',
          confidence: 1,
          evidence,
          terms: {},
        },
      ],
    }
  },
})

const lapse = defineDetector({
  ...pair,
  id: 'lapse',
  reads: ['credential'],
  wants: ['credential'],
  init: (): { ref: StepRef | null } => ({ ref: null }),
  fold(state, step) {
    if (step.event.kind !== 'credential') return { state, sightings: [] }
    if (step.event.credential.action === 'issue') return { state: { ref: refTo(step) }, sightings: [] }
    if (step.event.credential.action === 'revoke') return { state: { ref: null }, sightings: [] }
    return { state, sightings: [] }
  },
  due: (state: { ref: StepRef | null }) => (state.ref === null ? null : state.ref.at + 120_000),
  elapse(state: { ref: StepRef | null }, at) {
    if (state.ref === null) return { state, sightings: [] }
    return {
      state: { ref: null },
      sightings: [
        {
          key: `never-revoked-${at}`,
          summary: 'never revoked',
          severity: 'medium' as const,
          confidence: 1,
          evidence: [cite(state.ref, 'issue')],
          terms: {},
        },
      ],
    }
  },
})

const detectors: readonly AnyDetector[] = [pair, lapse]

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

const step = fc.record({
  kind: fc.constantFrom('read', 'send', 'issue', 'revoke', 'use', 'end'),
  workflow: fc.constantFrom('w1', 'w2', null),
  credential: fc.constantFrom('c1', 'c2'),
  parent: fc.constantFrom('c1', null),
  session: fc.constantFrom('s1', null),
  at: fc.integer({ min: 0, max: 240 }),
})

const stories = fc.array(step, { minLength: 1, maxLength: 25 }).map((steps) =>
  steps.map(({ kind, workflow, credential, parent, session, at }, i) =>
    event({
      id: `e${i}`,
      at: at * 1_000,
      agent: 'a1',
      ...(workflow === null ? {} : { workflow }),
      ...(session === null ? {} : { session }),
      ...(kind === 'read' || kind === 'send'
        ? { tool: { name: `t.${kind}`, operation: kind, credential_id: credential } }
        : kind === 'end'
          ? { end: true }
          : {
              credential: {
                id: credential,
                action: kind as 'issue',
                ...(parent === null || parent === credential ? {} : { parent_id: parent }),
              },
            }),
    }),
  ),
)

describe('the engine', () => {
  it('gives the same alerts and chains for any order of arrival within the lateness', () => {
    fc.assert(
      fc.property(
        stories.chain((events) =>
          fc.tuple(fc.constant(events), fc.shuffledSubarray(events, { minLength: events.length })),
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
