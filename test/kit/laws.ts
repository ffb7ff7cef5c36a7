import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeEvent } from '../../schemas/event.ts'
import type { AgentEvent, AnyDetector } from '../../src/core/index.ts'
import { createEngine } from '../../src/engine/engine.ts'
import { hostileDraft } from '../../src/lab/hostile.ts'
import { stepsOf, walk } from '../../src/lab/laws.ts'
import { draftsOf } from './drafts.ts'

const KEY = new TextEncoder().encode('a key for laws, not a secret')
const RUNS = { numRuns: 40 }

export interface Laws {
  /** The bound that the detector's own `State` documents, in bytes of JSON. Default 4,096. */
  readonly maxBytes?: number
}

/** What every detector owes the engine, on sequences of all kinds it wants and a few it does not. */
export function keepsTheLaws(detector: AnyDetector, { maxBytes = 4_096 }: Laws = {}): void {
  const options = detector.options.parse({})
  const sequences = draftsOf([...detector.wants, 'workflow', 'approval', 'credential'])
  const tracks = fc.constantFrom(...detector.reads)

  describe(`${detector.id} keeps the laws`, () => {
    it('gives the same for the same, changes nothing it is given, and survives being written down', () => {
      fc.assert(
        fc.property(sequences, tracks, (drafts, track) => {
          walk(detector, options, stepsOf(drafts.map(eventOf)), track, ({ state, verdict, fold }) => {
            expect(fold(state)).toEqual(verdict)
            expect(fold(written(state))).toEqual(verdict)
            expect(written(verdict.state)).toEqual(verdict.state)
          })
        }),
        RUNS,
      )
    })

    it('cites only steps it was shown', () => {
      fc.assert(
        fc.property(sequences, tracks, (drafts, track) => {
          const shown = new Set<string>()
          walk(detector, options, stepsOf(drafts.map(eventOf)), track, ({ step, verdict }) => {
            if (step !== null) shown.add(step.event.id)
            const cited = verdict.sightings.flatMap(({ evidence }) => evidence.map(({ eventId }) => eventId))
            expect(cited.filter((id) => !shown.has(id))).toEqual([])
            for (const { evidence } of verdict.sightings) expect(evidence.length).toBeGreaterThan(0)
          })
        }),
        RUNS,
      )
    })

    it('moves or clears its deadline once it has passed', () => {
      fc.assert(
        fc.property(sequences, tracks, (drafts, track) => {
          walk(detector, options, stepsOf(drafts.map(eventOf)), track, ({ step, due, verdict }) => {
            if (step === null) expect(detector.due?.(verdict.state, options) ?? null).not.toBe(due)
          })
        }),
        RUNS,
      )
    })

    it('settles: steps that tell it nothing new change nothing', () => {
      fc.assert(
        fc.property(sequences, tracks, (drafts, track) => {
          const last = walk(
            detector,
            options,
            stepsOf([...drafts, ...HARMLESS, ...HARMLESS].map(eventOf)),
            track,
            () => undefined,
          )
          walk(
            detector,
            options,
            stepsOf(HARMLESS.map(eventOf)),
            track,
            ({ state, verdict }) => expect(verdict.state).toEqual(state),
            last,
          )
        }),
        RUNS,
      )
    })

    it.each(detector.reads)(`stays under ${maxBytes} bytes on a %s of 2,000 steps that are all different`, (track) => {
      const kinds = detector.wants
      const drafts = Array.from({ length: 2_000 }, (_, i) => hostileDraft(kinds[i % kinds.length] ?? 'tool_call', i))
      let most = 0
      walk(detector, options, stepsOf(drafts.map(eventOf)), track, ({ verdict }) => {
        most = Math.max(most, Buffer.byteLength(JSON.stringify(verdict.state)))
      })
      expect(most).toBeLessThan(maxBytes)
    })

    it('refuses settings it does not know', () => {
      expect(() => detector.options.parse({ noSuchSetting: true })).toThrow()
      expect(detector.options.parse({})).toEqual(options)
    })

    it('finds the same in whatever order events arrive', () => {
      fc.assert(
        fc.property(sequences, fc.infiniteStream(fc.nat()), (drafts, dice) => {
          const shuffled = [...drafts]
            .map((draft) => ({ draft, at: dice.next().value ?? 0 }))
            .sort((a, b) => a.at - b.at)
            .map(({ draft }) => draft)
          expect(found(detector, shuffled)).toEqual(found(detector, drafts))
        }),
        { numRuns: 20 },
      )
    })
  })
}

type Draft = Readonly<Record<string, unknown>>

function eventOf(draft: Draft): AgentEvent {
  const decoded = decodeEvent(draft, { content: { key: KEY, retain: false } })
  if (!decoded.ok) throw new Error(`a draft of the laws is no event: ${decoded.path}: ${decoded.message}`)
  return decoded.event
}

/** Finding ids and severities that stand at the end, through the whole engine. */
function found(detector: AnyDetector, drafts: readonly Draft[]): readonly string[] {
  const engine = createEngine({ detectors: [detector] })
  for (const draft of drafts) {
    const event = eventOf(draft)
    engine.accept(event, { origin: null, arrivedAt: event.at })
  }
  engine.finish()
  return engine
    .drain()
    .findings.filter(({ status }) => status === 'open')
    .map(
      ({ finding }) => `${finding.id} ${finding.severity} ${finding.evidence.map(({ eventId }) => eventId).join(',')}`,
    )
    .sort()
}

/** The same work, done again: what most steps of most chains are. */
const HARMLESS: readonly Draft[] = [0, 1, 2, 3].map((i) => ({
  id: `h${i}`,
  time: new Date(Date.parse('2026-11-20T10:00:00Z') + i * 1_000).toISOString(),
  kind: 'tool_call',
  source: 'laws',
  workflow_id: 'wf-1',
  agent: { id: 'agent-1' },
  outcome: 'success',
  tool_call: { name: 'docs.read', operation: 'read', resource: { id: 'docs/1' }, arguments: { path: 'docs/1' } },
}))

const written = (state: unknown): unknown => JSON.parse(JSON.stringify(state))
