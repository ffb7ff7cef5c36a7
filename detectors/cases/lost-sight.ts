import type { DetectorCases } from '../../src/core/index.ts'
import { story, type Told } from './story.ts'

const w = story('wf-sync', 'sync-bot')
const own = story(null, 'sync-bot')
const RUNTIME = { source: 'agent-runtime' }
const GATEWAY = { source: 'gateway' }
const beat = (id: string, second: number, body: Told = { interval_s: 60 }): Told => ({
  ...own.calls(id, second, 'none', {}, RUNTIME),
  kind: 'heartbeat',
  tool_call: undefined,
  heartbeat: body,
})
const beats = (count: number, from = 0): readonly Told[] =>
  Array.from({ length: count }, (_, i) => beat(`b${from + i * 60}`, from + i * 60))
const SENDS = { operation: 'send', credential_id: 'tok-1', destination: { id: 'https://drop.example', external: true } }
const works = (id: string, second: number, more: Told = GATEWAY, call: Told = SENDS): Told =>
  w.calls(id, second, 'files.send', call, more)
const READS = { operation: 'read' }
const numbered = (numbers: readonly number[], teller = w, from = 0): readonly Told[] =>
  numbers.map((n) => teller.calls(`n${n}`, from + n, 'files.read', READS, { sequence: n }))
const caused = (id: string, second: number, parent: string | null, call: Told = READS, more: Told = {}): Told =>
  w.calls(id, second, 'files.read', call, {
    step_id: `s-${id}`,
    ...(parent === null ? {} : { parent_step_id: parent }),
    ...more,
  })
const family = [caused('a', 0, null), caused('b', 1, 's-a'), caused('c', 2, 's-b'), caused('d', 3, 's-b')]
const LATER = '2026-11-20T12:00:00Z'
const STRONG = { ...SENDS, resource: { id: 'files/all', sensitivity: 'restricted' } }

export const cases: DetectorCases = {
  detector: 'lost-sight',
  attacks: [
    {
      name: 'its runtime falls silent, and the gateway sees it send on',
      harm: 'x',
      minSeverity: 'high',
      events: [...beats(5), works('u', 120), works('x', 900)],
    },
    {
      name: 'silent, then a day goes by before it works',
      harm: 'x',
      minSeverity: 'high',
      events: [...beats(5), works('x', 90_000)],
    },
    {
      name: 'refused calls first, as cover',
      harm: 'x',
      minSeverity: 'high',
      events: [...beats(5), works('d', 800, { ...GATEWAY, outcome: 'denied' }), works('x', 900)],
    },
    {
      name: 'the credential is switched midway',
      harm: 'x',
      minSeverity: 'high',
      events: [...beats(5), works('u', 900), works('x', 960, GATEWAY, { ...SENDS, credential_id: 'tok-2' })],
    },
    {
      name: 'silent again, after it was heard of in between',
      harm: 'x',
      minSeverity: 'high',
      events: [...beats(5), ...beats(3, 1_200), works('x', 2_400)],
    },
    {
      name: 'split over workflows, by reads with its credential',
      harm: 'x',
      events: [
        ...beats(5),
        story('wf-b', 'sync-bot').calls('x', 900, 'files.read', { operation: 'read', credential_id: 'tok-1' }, GATEWAY),
      ],
    },
    {
      name: 'numbers left out, and work with its credentials after',
      harm: 'x',
      events: [...numbered([1, 2, 3, 4, 5, 6, 7, 11]), works('x', 30, { sequence: 12 })],
      until: LATER,
    },
    {
      name: 'the events before the gap come late',
      harm: 'x',
      events: [works('x', 30, { sequence: 12 }), ...numbered([11, 7, 6, 5, 4, 3, 2, 1])],
      until: LATER,
    },
    {
      name: 'a grave step whose cause was never told',
      harm: 'x',
      events: [...family, caused('x', 10, 's-gone', STRONG)],
      until: LATER,
    },
  ],
  twins: [
    {
      name: 'an idle agent with heartbeats',
      events: [...beats(30), works('v', 1_790)],
    },
    { name: 'silent, and at rest', events: [works('u', 10), ...beats(5)], until: LATER },
    {
      name: 'a shutdown that was announced',
      events: [...beats(5), beat('z', 300, { interval_s: 0 }), works('v', 900)],
    },
    {
      name: 'heartbeats that come late',
      events: [works('v', 900), ...beats(16)],
    },
    {
      name: 'no more heartbeats, but its runtime tells of every step',
      events: [...beats(5), works('u', 900, RUNTIME), works('v', 960)],
    },
    { name: 'one heartbeat missed', events: [...beats(3), ...beats(3, 240), works('v', 400)] },
    {
      name: 'calls that were refused while it was silent',
      events: [...beats(5), works('d', 900, { ...GATEWAY, outcome: 'denied' })],
    },
    {
      name: 'numbers that come out of order',
      events: [...numbered([1, 2, 3, 4, 5, 6, 7, 11, 12, 8, 10, 9, 13]), works('v', 30, { sequence: 14 })],
      until: LATER,
    },
    {
      name: 'numbers given before the work, told when it is done',
      events: [
        ...numbered([1, 2, 3, 4, 5, 6, 7]),
        ...[10, 8, 9, 11].map((n, i) => works(`v${n}`, 30 + i, { sequence: n })),
      ],
      until: LATER,
    },
    {
      name: 'a restart begins to count again',
      events: [...numbered([1, 2, 3, 4, 5, 6, 7]), works('v', 60, { sequence: 1 }), works('w', 61, { sequence: 2 })],
      until: LATER,
    },
    {
      name: 'each workflow is numbered by itself',
      events: [1, 2, 3, 4, 5, 6, 7, 8].flatMap((n) => [
        story('wf-a', 'sync-bot').calls(`a${n}`, n * 10, 'files.read', SENDS, { sequence: n }),
        story('wf-b', 'sync-bot').calls(`b${n}`, n * 10 + 55, 'files.read', SENDS, { sequence: n }),
      ]),
      until: LATER,
    },
    {
      name: 'a producer that always leaves out',
      events: [1, 3, 5, 6, 9, 12, 13, 17].map((n) => works(`n${n}`, n, { sequence: n })),
      until: LATER,
    },
    {
      name: 'parents that are spans nobody tells of',
      events: [1, 2, 3, 4, 5, 6].map((n) => caused(`p${n}`, n, `span-${n}`, STRONG)),
      until: LATER,
    },
    {
      name: 'a parent that comes after its child',
      events: [...family, caused('e', 10, 's-f', STRONG), caused('f', 60, 's-d')],
      until: LATER,
    },
  ],
}
