import fc from 'fast-check'
import { type AgentEvent, type AnyDetector, cite, defineDetector, refTo, type StepRef } from '../../src/core/index.ts'
import { event } from './events.ts'

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

interface Beats {
  readonly beats: number
  readonly ref: StepRef | null
}

const alive = defineDetector<Beats, object>({
  about: pair.about,
  options: pair.options,
  version: 1,
  id: 'alive',
  reads: ['agent'],
  wants: ['heartbeat', 'tool_call'],
  init: (): Beats => ({ beats: 0, ref: null }),
  fold(state: Beats, step) {
    if (step.event.kind === 'heartbeat') return { state: { beats: state.beats + 1, ref: refTo(step) }, sightings: [] }
    if (step.event.kind !== 'tool_call' || step.event.tool_call.operation !== 'send' || state.ref === null)
      return { state, sightings: [] }
    const send = refTo(step)
    return {
      state,
      sightings: [
        {
          key: `beat-${send.eventId}`,
          summary: `sent after ${state.beats} heartbeats`,
          severity: 'low' as const,
          confidence: 1,
          evidence: [cite(state.ref, 'heartbeat', { context: true }), cite(send, 'send')],
          terms: { beats: state.beats },
        },
      ],
    }
  },
})

/** Three small detectors that need no data: one reads chains, one credentials and absence, one agents and heartbeats. */
export const probes: readonly AnyDetector[] = [pair, lapse, alive]

const step = fc.record({
  kind: fc.constantFrom('read', 'send', 'issue', 'revoke', 'use', 'end', 'beat'),
  workflow: fc.constantFrom('w1', 'w2', null),
  credential: fc.constantFrom('c1', 'c2'),
  parent: fc.constantFrom('c1', null),
  session: fc.constantFrom('s1', null),
  at: fc.integer({ min: 0, max: 240 }),
})

/** Up to 25 events of two workflows within four minutes, some without a workflow of their own. */
export const stories: fc.Arbitrary<readonly AgentEvent[]> = fc
  .array(step, { minLength: 1, maxLength: 25 })
  .map((steps) =>
    steps.map(({ kind, workflow, credential, parent, session, at }, i) =>
      event({
        id: `e${i}`,
        at: at * 1_000,
        agent: 'a1',
        beat: kind === 'beat',
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
