import { describe, expect, it } from 'vitest'
import type { AgentEvent } from '../../src/core/index.ts'
import { createEngine, type Engine } from '../../src/engine/engine.ts'
import type { Limits } from '../../src/engine/parts.ts'
import type { Commit } from '../../src/ports/index.ts'
import { event } from '../kit/events.ts'
import { probes } from '../kit/stories.ts'

const SMALL: Partial<Limits> = { maxHotSteps: 20, maxPacked: 5, maxPackedThreads: 5, maxSessions: 5, maxSeen: 100 }

const HOUR_MS = 3_600_000
const secret = { id: 'secrets/a' }

/** One workflow an hour, each with a token of its own that is never revoked; every third reads and then sends. */
function workflowAt(nth: number): readonly AgentEvent[] {
  const at = nth * HOUR_MS
  const common = { workflow: `w${nth}`, session: `s${nth}`, agent: 'a1' }
  return [
    event({ ...common, id: `start-${nth}`, at }),
    event({ ...common, id: `issue-${nth}`, at: at + 1_000, credential: { id: `c${nth}`, action: 'issue' } }),
    event({ ...common, id: `read-${nth}`, at: at + 2_000, tool: { name: 'r', operation: 'read', resource: secret } }),
    ...(nth % 3 === 0
      ? [event({ ...common, id: `send-${nth}`, at: at + 3_000, tool: { name: 's', operation: 'send' } })]
      : []),
  ]
}

function fold(engine: Engine, workflows: number): readonly Commit[] {
  const commits: Commit[] = []
  for (let nth = 0; nth < workflows; nth += 1) {
    for (const one of workflowAt(nth)) engine.accept(one, { origin: null, arrivedAt: one.at })
    commits.push(engine.drain())
  }
  engine.finish()
  return [...commits, engine.drain()]
}

const alertsOf = (commits: readonly Commit[]): readonly string[] =>
  [...new Map(commits.flatMap(({ alerts }) => alerts.map((one) => [one.id, `${one.id} ${one.status}`])))]
    .map(([, text]) => text)
    .sort()

const evictedIn = (commits: readonly Commit[]): readonly string[] =>
  commits.flatMap(({ coverage }) => coverage.flatMap(({ what, detail }) => (what === 'evicted' ? [detail] : [])))

describe('memory, with no store behind', () => {
  it('holds so many chains and threads and no more, however many there were', () => {
    const engine = createEngine({ detectors: probes, limits: SMALL })
    fold(engine, 200)
    const { chains, threads } = engine.counts
    expect(chains).toBeLessThan(20)
    expect(threads).toBeLessThan(30)
  })

  it('finds what it finds with all in memory, and takes nothing back', () => {
    const all = alertsOf(fold(createEngine({ detectors: probes }), 100))
    const bounded = alertsOf(fold(createEngine({ detectors: probes, limits: SMALL }), 100))
    expect(all.length).toBeGreaterThan(100)
    expect(bounded).toEqual(all)
  })

  it('says what was dropped, and says nothing where nothing was', () => {
    const told = evictedIn(fold(createEngine({ detectors: probes, limits: SMALL }), 100))
    for (const what of ['chains that were over', 'idle credentials', 'sessions'])
      expect(told.some((detail) => detail.includes(what))).toBe(true)
    expect(evictedIn(fold(createEngine({ detectors: probes }), 100))).toEqual([])
  })

  it('begins a chain anew that was dropped, and leaves what was found in it', () => {
    const engine = createEngine({ detectors: probes, limits: SMALL })
    const before = fold(engine, 100)
    const again = event({ id: 'again', at: 100 * HOUR_MS, workflow: 'w0', tool: { name: 's', operation: 'send' } })
    engine.accept(again, { origin: null, arrivedAt: again.at })
    const commit = engine.drain()
    expect(commit.chains).toContainEqual(expect.objectContaining({ workflowId: 'w0', events: 1, score: 0 }))
    expect(alertsOf([...before, commit])).toEqual(alertsOf(before))
  })

  it('knows a repeat among the events that came last', () => {
    const engine = createEngine({ detectors: probes, limits: SMALL })
    fold(engine, 100)
    const [repeat] = workflowAt(95)
    if (repeat === undefined) throw new Error('a workflow has events')
    expect(engine.accept(repeat, { origin: null, arrivedAt: repeat.at })).toBe('duplicate')
  })
})
