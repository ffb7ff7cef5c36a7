import { describe, expect, it } from 'vitest'
import { ZodError, z } from 'zod'
import { type Aside, guard, MAX_STATE } from '../../../src/adapters/own-detectors/guard.ts'
import { type AnyDetector, cite, NO_AUTHORITY, quiet, refTo, type Step, sighted } from '../../../src/core/index.ts'
import { stepsOf } from '../../../src/lab/laws.ts'
import { event } from '../../kit/events.ts'
import { probes } from '../../kit/stories.ts'

const CONTEXT = { track: 'chain', subject: 'wf-1', authority: NO_AUTHORITY } as const
const [step] = stepsOf([event({ id: 'e1', at: 0, tool: { name: 'erp.read' } })]) as [Step]
const [probe] = probes as [AnyDetector]

function guarded(fold: AnyDetector['fold'], more: Partial<AnyDetector> = {}) {
  const told: Aside[] = []
  let now = 0
  let isSpent = false
  const foreign: AnyDetector = { ...probe, id: 'own-one', init: () => ({ n: 0 }), fold, ...more }
  const { detector, aside } = guard(foreign, {
    realm: { refill: () => undefined, isSpent: () => isSpent },
    stepMs: 100,
    now: () => now,
    onAside: (one) => told.push(one),
  })
  return {
    detector,
    aside,
    told,
    run: (state: unknown = { n: 0 }) => detector.fold(state, step, {}, CONTEXT),
    pass: (ms: number) => (now += ms),
    spend: () => (isSpent = true),
  }
}

const fault = (): never => {
  throw new Error('boom')
}

describe('a detector behind its guard', () => {
  it('sights what it sights without one', () => {
    const sighting = {
      key: 'k',
      summary: 'seen',
      severity: 'low' as const,
      confidence: 0.5,
      evidence: [cite(refTo(step), 'read')],
      terms: { n: 1 },
    }
    expect(guarded((state) => sighted(state, sighting)).run()).toEqual({ state: { n: 0 }, sightings: [sighting] })
  })

  it('says what it had to leave out at its own bound', () => {
    const verdict = guarded((state) => ({ ...quiet(state), bounded: 'only the first 8 hosts are kept' })).run()
    expect(verdict).toEqual({ state: { n: 0 }, sightings: [], bounded: 'only the first 8 hosts are kept' })
  })

  it('is set aside when it threw ten times; that is told once, then it says nothing and keeps its state', () => {
    const { run, told, aside } = guarded(fault)
    for (let i = 0; i < 10; i += 1) expect(run).toThrow('boom')
    expect(told).toEqual([{ detector: 'own-one', reason: 'throws', detail: 'it threw 10 times, last: boom' }])
    expect(run).toThrow('set aside: it threw 10 times, last: boom')
    expect(run({ n: 7 })).toEqual({ state: { n: 7 }, sightings: [] })
    expect(aside()?.reason).toBe('throws')
  })

  it('goes on when it throws now and then', () => {
    let calls = 0
    const { run, told } = guarded((state) => {
      calls += 1
      return calls % 200 === 0 ? fault() : quiet(state)
    })
    let faults = 0
    for (let i = 0; i < 5_000; i += 1) {
      try {
        run()
      } catch {
        faults += 1
      }
    }
    expect(faults).toBe(25)
    expect(told).toEqual([])
  })

  it('is set aside when it was slow three times', () => {
    const slow = guarded((state) => {
      slow.pass(101)
      return quiet(state)
    })
    slow.run()
    slow.run()
    expect(slow.told).toEqual([])
    expect(slow.run).toThrow('set aside: it took longer than 100 ms 3 times, last 101 ms')
    expect(slow.told.map(({ reason }) => reason)).toEqual(['slow'])
  })

  it('is set aside when its state grows without bounds', () => {
    const { detector, told } = guarded((state) =>
      quiet({ all: `${(state as { all?: string }).all ?? ''}${'x'.repeat(2_000)}` }),
    )
    let state: unknown = detector.init()
    expect(() => {
      for (let i = 0; i < 200; i += 1) state = detector.fold(state, step, {}, CONTEXT).state
    }).toThrow('set aside: its state grew to')
    expect(told.map(({ reason }) => reason)).toEqual(['unbounded'])
    expect(JSON.stringify(state).length).toBeLessThan(2 * MAX_STATE)
  })

  it('throws when it used its turns up, even if the detector caught that', () => {
    const { run, spend } = guarded(quiet)
    spend()
    expect(run).toThrow('too many turns')
  })

  it.each([
    ['nothing', () => undefined],
    ['a promise', () => Promise.resolve(quiet({}))],
    ['no state', () => ({ sightings: [] })],
    ['a sighting that is none', (state: unknown) => ({ state, sightings: [{ key: 'k' }] })],
    ['a sighting of nothing', (state: unknown) => sighted(state, { ...PLAIN, evidence: [] })],
    ['surer than sure', (state: unknown) => sighted(state, { ...PLAIN, confidence: 2 })],
  ])('hands back %s: a fault', (_, fold) => {
    expect(guarded(fold as AnyDetector['fold']).run).toThrow(/no verdict|is not one/)
  })

  it('cannot change what it is given', () => {
    const changes = guarded((state, { event }) => {
      ;(event as { outcome: string }).outcome = 'denied'
      return quiet(state)
    })
    expect(changes.run).toThrow('read only')
  })

  it('refuses options as any detector does, whatever it throws', () => {
    const parse = (input: unknown): unknown => z.strictObject({ most: z.int() }).parse(input)
    const { detector } = guarded(quiet, { options: { parse } })
    expect(() => detector.options.parse({ least: 1 })).toThrow(ZodError)
    expect(() => guarded(quiet, { options: { parse: fault } }).detector.options.parse({})).toThrow(ZodError)
  })

  it('asks for no deadline once it is set aside', () => {
    const late = guarded(fault, { due: () => 5, elapse: (state) => quiet(state) })
    expect(late.detector.due?.({ n: 0 }, {})).toBe(5)
    for (let i = 0; i < 10; i += 1) expect(late.run).toThrow('boom')
    expect(late.detector.due?.({ n: 0 }, {})).toBeNull()
  })
})

const PLAIN = {
  key: 'k',
  summary: 's',
  severity: 'low' as const,
  confidence: 1,
  evidence: [cite(refTo(step), 'read')],
  terms: {},
}
